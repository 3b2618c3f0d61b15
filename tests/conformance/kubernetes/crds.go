package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/unstructuredscheme"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/yaml"
)

//go:embed crds.txt
var crdList string

var crdScheme = func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	return scheme
}()

var crdDecoder = serializer.NewCodecFactory(crdScheme).DecoderToVersion(strictDecoder(crdScheme), runtime.InternalGroupVersioner)

// customSchema is what is needed to create objects of one version of a custom kind.
type customSchema struct {
	strategy   rest.RESTCreateStrategy
	structural *structural.Structural
	problem    string // why no object of this version can be created
}

type customSchemas map[schema.GroupVersionKind]*customSchema

func createDefinition(object *Object) []string {
	internal, _, err := crdDecoder.Decode(object.Raw, nil, nil)
	if err != nil {
		return explain(err)
	}
	return create(crdStrategy, object, internal)
}

var (
	crdGroup = regexp.MustCompile(`(?m)^  group: "?([^"\s]+)"?\s*$`)
	crdNamed = regexp.MustCompile(`(?m)^    kind: "?([^"\s]+)"?\s*$`)
	template = regexp.MustCompile(`(?m)^.*\{\{.*\}\}.*$\n?`)
)

// loadCustomSchemas reads the CRDs of the kinds that the tree uses: those in the tree itself, then those of
// the modules in crds.txt. Modules are downloaded into Go's module cache when they are not there.
func loadCustomSchemas(tree *Tree, report *Report) (customSchemas, error) {
	found := customSchemas{}
	wanted := map[schema.GroupKind]bool{}
	groups := map[string]bool{}
	for _, object := range tree.Objects {
		wanted[object.GroupVersionKind().GroupKind()] = true
		groups[object.Group()] = true
	}
	for _, object := range tree.Select(crdKind.Group, crdKind.Kind) {
		if err := found.add(object.Raw); err != nil {
			return nil, fmt.Errorf("%s: %w", object.File, err)
		}
	}
	for _, line := range strings.Split(crdList, "\n") {
		fields := strings.Fields(line)
		if len(fields) != 4 || fields[0] == "#" {
			continue
		}
		if !slices.ContainsFunc(strings.Split(fields[0], ","), func(group string) bool { return groups[group] }) {
			continue
		}
		folder, err := moduleFolder(fields[1], fields[2])
		if err != nil {
			return nil, err
		}
		files, err := filepath.Glob(filepath.Join(folder, fields[3]))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("%s@%s has no %s", fields[1], fields[2], fields[3])
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			for _, document := range bytes.Split(content, []byte("\n---")) {
				group, kind := crdGroup.FindSubmatch(document), crdNamed.FindSubmatch(document)
				if group == nil || kind == nil || !wanted[schema.GroupKind{Group: string(group[1]), Kind: string(kind[1])}] {
					continue
				}
				document = template.ReplaceAll(bytes.TrimPrefix(document, []byte("---\n")), nil) // Longhorn's chart labels
				if err := found.add(document); err != nil {
					return nil, fmt.Errorf("%s: %w", file, err)
				}
			}
		}
	}
	return found, nil
}

var moduleCache = sync.OnceValues(func() ([]byte, error) { return exec.Command("go", "env", "GOMODCACHE").Output() })

// moduleFolder is where Go unpacked a module. `go mod download` fails for modules that want a newer Go,
// but has unpacked and verified them then.
func moduleFolder(path, version string) (string, error) {
	cache, err := moduleCache()
	if err != nil {
		return "", err
	}
	escaped := regexp.MustCompile(`[A-Z]`).ReplaceAllStringFunc(path, func(s string) string { return "!" + strings.ToLower(s) })
	folder := filepath.Join(strings.TrimSpace(string(cache)), filepath.FromSlash(escaped)+"@"+version)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	command := exec.Command("go", "mod", "download", "-json", path+"@"+version)
	command.Dir = os.TempDir() // outside any module
	output, err := command.CombinedOutput()
	if _, missing := os.Stat(folder); missing != nil {
		return "", fmt.Errorf("go mod download %s@%s: %w: %s", path, version, err, output)
	}
	return folder, nil
}

// compiled keeps what was made of a CRD: compiling CEL takes longer than all else.
var compiled = map[string]customSchemas{}

// add makes the schemas of all versions of a CRD; versions that are known already stay.
func (s customSchemas) add(raw []byte) error {
	made, ok := compiled[string(raw)]
	if !ok {
		made = customSchemas{}
		if err := made.compile(raw); err != nil {
			return err
		}
		compiled[string(raw)] = made
	}
	for kind, one := range made {
		if s[kind] == nil {
			s[kind] = one
		}
	}
	return nil
}

func (s customSchemas) compile(raw []byte) error {
	internal, _, err := crdDecoder.Decode(raw, nil, nil)
	if err != nil && !runtime.IsStrictDecodingError(err) { // upstream's own CRDs need not be strict
		return err
	}
	definition, ok := internal.(*apiextensions.CustomResourceDefinition)
	if !ok {
		return nil
	}
	for _, version := range definition.Spec.Versions {
		kind := schema.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: definition.Spec.Names.Kind}
		made := &customSchema{}
		s[kind] = made
		if !version.Served {
			made.problem = fmt.Sprintf("version %s is not served any more", version.Name)
			continue
		}
		if version.Deprecated {
			made.problem = fmt.Sprintf("version %s is deprecated", version.Name)
			continue
		}
		properties, err := apiextensions.GetSchemaForVersion(definition, version.Name)
		if err != nil || properties == nil {
			return fmt.Errorf("%s has no schema: %w", kind, err)
		}
		if made.structural, err = structural.NewStructural(properties.OpenAPIV3Schema); err != nil {
			return err
		}
		validator, _, err := validation.NewSchemaValidator(properties.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		status, err := apiextensions.GetSubresourcesForVersion(definition, version.Name)
		if err != nil {
			return err
		}
		var statusSpec *apiextensions.CustomResourceSubresourceStatus
		if status != nil {
			statusSpec = status.Status
		}
		made.strategy = customresource.NewStrategy(unstructuredscheme.NewUnstructuredObjectTyper(),
			definition.Spec.Scope == apiextensions.NamespaceScoped, kind, validator, nil, made.structural, statusSpec, nil, nil)
	}
	return nil
}

// create does what the API server's CRD handler does (apiextensions-apiserver
// pkg/apiserver/customresource_handler.go): unknown fields, defaults, schema, CEL.
func (s customSchemas) create(object *Object) []string {
	found := s[object.GroupVersionKind()]
	if found == nil {
		return []string{fmt.Sprintf("no schema for %s: add its module to crds.txt", object.GroupVersionKind())}
	}
	if found.problem != "" {
		return []string{found.problem}
	}
	if _, err := yaml.YAMLToJSONStrict(object.Raw); err != nil {
		return []string{err.Error()}
	}
	copied := object.DeepCopy()
	unknown := pruning.PruneWithOptions(copied.Object, found.structural, true, structural.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	var problems []string
	for _, field := range unknown {
		problems = append(problems, fmt.Sprintf("unknown field %q", field))
	}
	defaulting.Default(copied.Object, found.structural)
	return append(problems, create(found.strategy, object, copied)...)
}
