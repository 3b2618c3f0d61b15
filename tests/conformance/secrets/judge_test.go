package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// A file that sops made passes; each edit of it is refused, for the reason given.
func TestJudge(t *testing.T) {
	folder := t.TempDir()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(folder, "keys.txt")
	if err := os.WriteFile(keys, []byte(identity.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOPS_AGE_KEY_FILE", keys)
	good, err := encrypt(identity.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	judge := func(text string) error {
		path := filepath.Join(folder, "x.sops.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return judgeFile(path)
	}
	if err := judge(string(good)); err != nil {
		t.Error(err)
	}
	for _, edit := range []struct{ old, new, want string }{
		{"open_unencrypted: seen", "open_unencrypted: unseen", "verify data integrity"},
		{"plain: ENC", "other: ENC", "authentication failed"},
		{"plain: ENC[AES256_GCM,", "plain: x[AES256_GCM,", ""},
		{"-----BEGIN AGE", "-----BEGIN XGE", ""},
		{"\nsops:", "\nother:", "metadata not found"},
	} {
		text := strings.Replace(string(good), edit.old, edit.new, 1)
		if text == string(good) {
			t.Errorf("%q is not in the file", edit.old)
		}
		if err := judge(text); err == nil || !strings.Contains(err.Error(), edit.want) {
			t.Errorf("%q for %q: %v, not %q", edit.new, edit.old, err, edit.want)
		}
	}
	stranger, _ := age.GenerateX25519Identity()
	if err := os.WriteFile(keys, []byte(stranger.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if judge(string(good)) == nil {
		t.Error("somebody else opens it")
	}
}
