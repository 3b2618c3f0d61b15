package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"
)

// secretPaths are the fields of a v1alpha1 document that come out of a secrets bundle
// (config/generate/init.go and worker.go).
var secretPaths = []string{
	"machine.token",
	"machine.ca.crt", "machine.ca.key",
	"cluster.id", "cluster.secret", "cluster.token",
	"cluster.secretboxEncryptionSecret", "cluster.aescbcEncryptionSecret",
	"cluster.ca.crt", "cluster.ca.key",
	"cluster.aggregatorCA.crt", "cluster.aggregatorCA.key",
	"cluster.serviceAccount.key",
	"cluster.etcd.ca.crt", "cluster.etcd.ca.key",
}

// publicPaths of these may stand in the open: they prove nothing to anyone.
var publicPaths = map[string]bool{
	"machine.ca.crt": true, "cluster.ca.crt": true, "cluster.aggregatorCA.crt": true, "cluster.etcd.ca.crt": true,
	"cluster.id": true,
}

func lookup(document map[string]any, path string) any {
	var at any = document
	for _, key := range strings.Split(path, ".") {
		fields, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = fields[key]
	}
	return at
}

// secretFields are the secret paths that are set, with their values. An empty value counts as set: a
// worker's CA has the key "".
func secretFields(document map[string]any) map[string]any {
	found := map[string]any{}
	for _, path := range secretPaths {
		if value := lookup(document, path); value != nil {
			found[path] = value
		}
	}
	return found
}

func presentSecrets(document map[string]any) []string {
	var found []string
	for path, value := range secretFields(document) {
		if value != "" && !publicPaths[path] {
			found = append(found, path)
		}
	}
	sort.Strings(found)
	return found
}

// encodeFields writes paths and values as one YAML document.
func encodeFields(fields map[string]any) ([]byte, error) {
	document := map[string]any{}
	for path, value := range fields {
		at := document
		keys := strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			if at[key] == nil {
				at[key] = map[string]any{}
			}
			at = at[key].(map[string]any)
		}
		at[keys[len(keys)-1]] = value
	}
	return yaml.Marshal(document)
}

func compareSecrets(want, got map[string]any) error {
	var problems []string
	for path, value := range want {
		switch have, ok := got[path]; {
		case !ok && value != "":
			problems = append(problems, path+" is missing")
		case ok && !reflect.DeepEqual(have, value):
			problems = append(problems, path+" differs from the generator's")
		}
	}
	for path, value := range got {
		if _, ok := want[path]; !ok && value != "" {
			problems = append(problems, path+" does not belong on a node of this type")
		}
	}
	if len(problems) == 0 {
		return nil
	}
	sort.Strings(problems)
	return errors.New(strings.Join(problems, "; "))
}

// sameKeysAsEncrypted compares the keys of NODE.secrets.sops.yaml, which SOPS leaves readable, with the
// secrets that the generator's configuration holds. A tree without that file is not judged by it.
func sameKeysAsEncrypted(file string, want map[string]any) error {
	encrypted := strings.TrimSuffix(file, ".yaml") + ".secrets.sops.yaml"
	content, err := os.ReadFile(encrypted)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	document, err := firstMain(content)
	if err != nil {
		return fmt.Errorf("%s: %w", encrypted, err)
	}
	got := secretFields(document)
	var problems []string
	for path, value := range want {
		if _, ok := got[path]; !ok && value != "" && !publicPaths[path] {
			problems = append(problems, path+" is not in the secrets patch")
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			problems = append(problems, path+" is in the secrets patch and does not belong on a node of this type")
		}
	}
	sort.Strings(problems)
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
	}
	return nil
}

// mainDocument is the v1alpha1 document of a file.
func mainDocument(file string) (map[string]any, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return firstMain(content)
}

// firstMain is the document without a kind: v1alpha1, with machine and cluster.
func firstMain(content []byte) (map[string]any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document map[string]any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return nil, errors.New("no v1alpha1 document (one with machine and cluster)")
		} else if err != nil {
			return nil, err
		}
		if document != nil && document["kind"] == nil {
			return document, nil
		}
	}
}
