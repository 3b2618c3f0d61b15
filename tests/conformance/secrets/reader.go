package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"
	sopsage "github.com/getsops/sops/v3/age"
	"github.com/getsops/sops/v3/config"
	yamlstore "github.com/getsops/sops/v3/stores/yaml"
)

// A lab that declares what the vault below holds.
const readerLab = `lab reader { domain = "example.net", operators = [%q] }
secret plain = given
secret lines = given
secret set { one = given, "two.conf" = given, number = given, real = given, flag = given }
`

// A vault as a person might write it for `sops encrypt`: every type, a comment, text of several lines.
const readerVault = `# of a person
plain: the value
lines: |
    first

      second
set:
    one: "quoted # value"
    two.conf: ünïcode
    number: 42
    real: 1e23
    flag: true
    nothing: null
    open_unencrypted: seen
`

var readerWants = map[string]string{
	"plain": "the value", "lines": "first\n\n  second\n", "set/one": "quoted # value", "set/two.conf": "ünïcode",
	"set/number": "42", "set/real": "100000000000000000000000", "set/flag": "True", "set/open_unencrypted": "seen",
}

// judgeReader writes a vault with sops' own code and asks labc for each of its values, before and after labc
// changed one; then sops reads what labc wrote.
func judgeReader(labc string) error {
	folder, err := os.MkdirTemp("", "reader")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	keys := filepath.Join(folder, "keys.txt")
	vault := filepath.Join(folder, "secrets", "lab.sops.yaml")
	if err := errors.Join(
		os.WriteFile(keys, []byte(identity.String()+"\n"), 0o600),
		os.Mkdir(filepath.Dir(vault), 0o755),
		os.WriteFile(filepath.Join(folder, "lab.lab"), fmt.Appendf(nil, readerLab, identity.Recipient()), 0o644)); err != nil {
		return err
	}
	os.Setenv("SOPS_AGE_KEY_FILE", keys)
	encrypted, err := encrypt(identity.Recipient().String())
	if err != nil {
		return err
	}
	if err := os.WriteFile(vault, encrypted, 0o644); err != nil {
		return err
	}
	ask := func(judge string) {
		for handle, want := range readerWants {
			out, err := exec.Command(labc, "secret", "get", handle, folder).Output()
			if err == nil && string(out) != want {
				err = fmt.Errorf("read %q, not %q", out, want)
			}
			say(judge, handle, err)
		}
	}
	ask("labc-reads-sops")
	set := exec.Command(labc, "secret", "set", "plain", folder)
	set.Stdin = bytes.NewReader([]byte("another value\n"))
	if out, err := set.CombinedOutput(); err != nil {
		return fmt.Errorf("labc secret set: %w: %s", err, out)
	}
	readerWants["plain"] = "another value"
	ask("labc-reads-itself")
	say("sops-reads-labc", "the vault that labc changed", judgeFile(vault))
	return nil
}

func encrypt(recipient string) ([]byte, error) {
	store := yamlstore.NewStore(&config.YAMLStoreConfig{})
	branches, err := store.LoadPlainFile([]byte(readerVault))
	if err != nil {
		return nil, err
	}
	key, err := sopsage.MasterKeyFromRecipient(recipient)
	if err != nil {
		return nil, err
	}
	tree := sops.Tree{Branches: branches, Metadata: sops.Metadata{
		KeyGroups: []sops.KeyGroup{{key}}, UnencryptedSuffix: "_unencrypted", Version: "3.13.3", LastModified: time.Now().UTC()}}
	dataKey, errs := tree.GenerateDataKey()
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	cipher := aes.NewCipher()
	mac, err := tree.Encrypt(dataKey, cipher)
	if err != nil {
		return nil, err
	}
	tree.Metadata.MessageAuthenticationCode, err = cipher.Encrypt(mac, dataKey, tree.Metadata.LastModified.Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	return store.EmitEncryptedFile(tree)
}
