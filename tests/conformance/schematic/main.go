// Command schematic judges the schematics of an emitted tree with the Image Factory's own code.
//
//	schematic TREE
//
// Each talos/CLUSTER/schematics/ID.yaml must be read by the factory without an unknown field, be valid, have the id
// that its name says, and be written back by the factory as it stands: it is then what the factory stores and what
// `POST /schematics` answers.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/siderolabs/image-factory/pkg/schematic"
)

func judge(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	read, err := schematic.Unmarshal(content)
	if err != nil {
		return err
	}
	if err := read.Validate(false); err != nil {
		return err
	}
	id, err := read.ID()
	if err != nil {
		return err
	}
	if want := strings.TrimSuffix(filepath.Base(file), ".yaml"); id != want {
		return fmt.Errorf("the factory gives it the id %s", id)
	}
	written, err := read.Marshal()
	if err != nil {
		return err
	}
	if !bytes.Equal(written, content) {
		return fmt.Errorf("the factory writes it as\n%s", written)
	}
	return nil
}

func judgeTree(tree string, out io.Writer) (int, error) {
	files, err := filepath.Glob(filepath.Join(tree, "talos", "*", "schematics", "*.yaml"))
	failures := 0
	for _, file := range files {
		name, _ := filepath.Rel(tree, file)
		if err := judge(file); err != nil {
			failures++
			fmt.Fprintf(out, "FAIL schematic %s: %s\n", name, strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\n    "))
		} else {
			fmt.Fprintf(out, "ok schematic %s\n", name)
		}
	}
	return failures, err
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schematic TREE")
		os.Exit(2)
	}
	failures, err := judgeTree(os.Args[1], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if failures > 0 {
		os.Exit(1)
	}
}
