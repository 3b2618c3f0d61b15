// Command secrets judges encrypted files with the code that reads them: getsops/sops and filippo.io/age.
//
//	secrets TREE…             every *.sops.yaml below the folders: sops decrypts it and finds its MAC right, age
//	                          opens each armored key; identities as sops finds them. With -plain FOLDER, what sops
//	                          makes of a file is written there under the file's name, and what a vault holds at
//	                          talos/CLUSTER as bundles/CLUSTER.yaml: for other judges, in memory
//	secrets -labc LABC        the other way: labc reads a vault that sops wrote
//	secrets -open OPEN_AGE    our reader of age against the vectors of C2SP/CCTV
//
// Prints a line "ok JUDGE …" or "FAIL JUDGE …: why" for each thing judged. Exits 1 when anything failed.
package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/getsops/sops/v3/cmd/sops/formats"
	"github.com/getsops/sops/v3/decrypt"
	"gopkg.in/yaml.v3"
)

var failures int

func say(judge, what string, err error) {
	if err == nil {
		fmt.Printf("ok %s %s\n", judge, what)
		return
	}
	failures++
	// What sops says may quote a value that should have been encrypted; here there are none but tests' own.
	fmt.Printf("FAIL %s %s: %s\n", judge, what, strings.ReplaceAll(err.Error(), "\n", " "))
}

// judgeFile decrypts with sops, and each key of the file's readers with age.
func judgeFile(path string) error {
	_, err := open(path)
	return err
}

// open gives what sops makes of a file that passes.
func open(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	opened, err := decrypt.DataWithFormat(content, formats.Yaml)
	if err != nil {
		return nil, err
	}
	return opened, judgeKeys(content)
}

func judgeKeys(content []byte) error {
	var file struct {
		Sops struct {
			Age []struct{ Recipient, Enc string }
		}
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		return err
	}
	identities, err := ours()
	if err != nil {
		return err
	}
	opened := 0
	for _, key := range file.Sops.Age {
		reader, err := age.Decrypt(armor.NewReader(strings.NewReader(key.Enc)), identities...)
		if err != nil {
			if _, other := err.(*age.NoIdentityMatchError); other {
				continue
			}
			return fmt.Errorf("%s: %w", key.Recipient, err)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			return fmt.Errorf("%s: %w", key.Recipient, err)
		}
		if len(data) != 32 {
			return fmt.Errorf("%s: a data key of %d bytes", key.Recipient, len(data))
		}
		opened++
	}
	if opened == 0 {
		return fmt.Errorf("age opens no key of it")
	}
	return nil
}

func ours() ([]age.Identity, error) {
	file, err := os.Open(os.Getenv("SOPS_AGE_KEY_FILE"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return age.ParseIdentities(file)
}

// keep writes what was decrypted for other judges.
func keep(plain, rel string, opened []byte) error {
	files := map[string][]byte{rel: opened}
	var vault struct{ Talos map[string]yaml.Node }
	if rel == "talos.sops.yaml" && yaml.Unmarshal(opened, &vault) == nil {
		for cluster, bundle := range vault.Talos {
			content, err := yaml.Marshal(&bundle)
			if err != nil {
				return err
			}
			files["bundles/"+cluster+".yaml"] = content
		}
	}
	for name, content := range files {
		path := filepath.Join(plain, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func judgeFolder(root, plain string) error {
	found := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == ".sops.yaml" || !strings.HasSuffix(path, ".sops.yaml") {
			return err
		}
		found++
		rel, _ := filepath.Rel(root, path)
		opened, err := open(path)
		say("sops", rel, err)
		if err != nil || plain == "" {
			return nil
		}
		return keep(plain, rel, opened)
	})
	if err == nil && found == 0 {
		err = fmt.Errorf("%s holds no encrypted file", root)
	}
	return err
}

func main() {
	labc := flag.String("labc", "", "labc, to read what sops wrote")
	plain := flag.String("plain", "", "folder for what was decrypted")
	openAge := flag.String("open", "", "open_age, to read the vectors of CCTV")
	flag.Parse()
	var err error
	switch {
	case *labc != "":
		err = judgeReader(*labc)
	case *openAge != "":
		err = judgeVectors(*openAge)
	default:
		for _, root := range flag.Args() {
			if err = judgeFolder(root, *plain); err != nil {
				break
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if failures > 0 {
		os.Exit(1)
	}
}
