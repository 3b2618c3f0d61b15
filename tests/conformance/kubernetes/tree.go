package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// folders of the emitted tree that hold Kubernetes objects.
var folders = []string{"kubernetes", "gitops", applied}

// applied is the folder whose files the plan applies itself: no kustomization lists them.
const applied = "bootstrap"

// Object is one document of a manifest.
type Object struct {
	unstructured.Unstructured
	File string // relative to the tree
	Raw  []byte // its YAML
}

// What names an object in reports.
func (o *Object) What() string {
	name := o.GetName()
	if o.GetNamespace() != "" {
		name = o.GetNamespace() + "/" + name
	}
	return fmt.Sprintf("%s (%s %s)", o.File, o.GetKind(), name)
}

// Group is the API group, "" for core.
func (o *Object) Group() string { return o.GroupVersionKind().Group }

// At is the value at a path of fields; nil when absent.
func (o *Object) At(fields ...string) any {
	value, _, _ := unstructured.NestedFieldNoCopy(o.Object, fields...)
	return value
}

// Text is the string at a path, "" when absent.
func (o *Object) Text(fields ...string) string {
	value, _ := o.At(fields...).(string)
	return value
}

// Tree is the Kubernetes part of an emitted tree.
type Tree struct {
	Root           string
	Objects        []*Object // in order of files
	Encrypted      []*Object // objects of *.sops.yaml: names and keys are readable, values are not
	Generators     []*Object // what makes kustomize read encrypted files
	Manifests      []string  // every .yaml but kustomizations and *.sops.yaml
	Sealed         []string  // every *.sops.yaml
	Kustomizations []string
}

func loadTree(root string, report *Report) (*Tree, error) {
	tree := &Tree{Root: root}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return err
			}
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			rel = filepath.ToSlash(rel)
			listed := folder != applied
			if base := path.Base(rel); base == "kustomization.yaml" {
				tree.Kustomizations = append(tree.Kustomizations, rel)
			} else if strings.HasSuffix(base, ".sops.yaml") {
				if base != ".sops.yaml" {
					if listed {
						tree.Sealed = append(tree.Sealed, rel)
					}
					tree.load(rel, &tree.Encrypted, report)
				}
			} else if ext := path.Ext(base); ext == ".yaml" || ext == ".yml" {
				if listed {
					tree.Manifests = append(tree.Manifests, rel)
				}
				tree.load(rel, &tree.Objects, report)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	tree.Objects = slices.DeleteFunc(tree.Objects, func(object *Object) bool {
		if object.Group() != ksopsGroup {
			return false
		}
		tree.Generators = append(tree.Generators, object)
		return true
	})
	sort.SliceStable(tree.Objects, func(i, j int) bool { return tree.Objects[i].File < tree.Objects[j].File })
	if len(tree.Objects) == 0 {
		return nil, fmt.Errorf("%s holds no Kubernetes object", root)
	}
	return tree, nil
}

// load appends the documents of a file; what cannot be read is reported.
func (t *Tree) load(rel string, into *[]*Object, report *Report) {
	content, err := os.ReadFile(filepath.Join(t.Root, rel))
	if err != nil {
		report.Say(rel, err.Error())
		return
	}
	reader := utilyaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(content)))
	defer reader.Close()
	buffer := make([]byte, len(content)+1)
	for {
		n, err := reader.Read(buffer)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			report.Say(rel, err.Error())
			return
		}
		object := &Object{File: rel, Raw: bytes.Clone(buffer[:n])}
		asJSON, err := yaml.YAMLToJSON(object.Raw)
		if err == nil {
			err = json.Unmarshal(asJSON, &object.Object) // keeps whole numbers whole, as the API server does
		}
		if err != nil {
			report.Say(rel, err.Error())
			return
		}
		if object.Object == nil {
			continue
		}
		if object.GetKind() == "" || object.GetAPIVersion() == "" {
			report.Say(rel, "a document without apiVersion and kind")
			continue
		}
		*into = append(*into, object)
	}
}

// Select lists the objects of a group and kind.
func (t *Tree) Select(group, kind string) []*Object {
	var found []*Object
	for _, object := range t.Objects {
		if object.GroupVersionKind().GroupKind() == (schema.GroupKind{Group: group, Kind: kind}) {
			found = append(found, object)
		}
	}
	return found
}

// Find is the object with this name; nil when there is none.
func (t *Tree) Find(group, kind, namespace, name string) *Object {
	for _, object := range t.Select(group, kind) {
		if object.GetName() == name && object.GetNamespace() == namespace {
			return object
		}
	}
	return nil
}
