package main

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	cctv "c2sp.org/CCTV/age"
)

// judgeVectors gives each vector of CCTV to our reader: what it opens, and what it says of what it must refuse.
// Those for post-quantum keys and passphrases are left to whoever supports these.
func judgeVectors(open string) error {
	entries, err := fs.ReadDir(cctv.Vectors, ".")
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "vectors")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, entry := range entries {
		text, err := fs.ReadFile(cctv.Vectors, entry.Name())
		if err != nil {
			return err
		}
		fields, file := map[string][]string{}, text
		for {
			line, rest, ok := bytes.Cut(file, []byte("\n"))
			file = rest
			if !ok || len(line) == 0 {
				break
			}
			name, value, _ := strings.Cut(string(line), ": ")
			fields[name] = append(fields[name], value)
		}
		keys := strings.Join(fields["identity"], "\n") + "\n"
		if len(fields["passphrase"]) > 0 || strings.Contains(keys, "AGE-SECRET-KEY-PQ-") || len(fields["identity"]) == 0 {
			continue
		}
		if len(fields["compressed"]) > 0 {
			reader, err := zlib.NewReader(bytes.NewReader(file))
			if err != nil {
				return err
			}
			if file, err = io.ReadAll(reader); err != nil {
				return err
			}
		}
		keyFile := filepath.Join(folder, "keys.txt")
		if err := os.WriteFile(keyFile, []byte(keys), 0o600); err != nil {
			return err
		}
		command := exec.Command(open, append([]string{keyFile}, fields["armored"]...)...) // "yes", or nothing
		command.Stdin = bytes.NewReader(file)
		out, err := command.Output()
		want := fields["expect"][0]
		if want == "success" {
			want += " " + fields["payload"][0]
		}
		if got := strings.TrimSpace(string(out)); err == nil && got != want {
			err = fmt.Errorf("said %q, not %q", got, want)
		}
		say("age-vectors", entry.Name(), err)
	}
	return nil
}
