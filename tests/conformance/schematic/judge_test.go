package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The factory's own example: the guest agent.
const (
	id   = "ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515"
	text = "customization:\n    systemExtensions:\n        officialExtensions:\n            - siderolabs/qemu-guest-agent\n"
)

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct{ id, text, want string }{
		"good":           {id, text, "ok schematic"},
		"another id":     {strings.Replace(id, "ce4c", "ce4d", 1), text, "the factory gives it the id " + id},
		"another text":   {id, strings.Replace(text, "qemu", "kemu", 1), "the factory gives it the id"},
		"unknown field":  {id, text + "more: 1\n", "FAIL"},
		"other spelling": {id, strings.Replace(text, "- siderolabs/qemu-guest-agent", "- \"siderolabs/qemu-guest-agent\"", 1), "the factory writes it as"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := t.TempDir()
			folder := filepath.Join(tree, "talos/home/schematics")
			if err := os.MkdirAll(folder, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, c.id+".yaml"), []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			failures, err := judgeTree(tree, &out)
			if err != nil || !strings.Contains(out.String(), c.want) || (failures == 0) != (name == "good") {
				t.Errorf("%d failures, %v:\n%s", failures, err, out.String())
			}
		})
	}
}
