package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/yaml"
)

// ksopsGroup is the API group of the generator that Argo CD runs (github.com/viaduct-ai/kustomize-sops).
const ksopsGroup = "viaduct.ai"

// provideKsops puts this program onto PATH under the name ksops, so that kustomize's own code runs it as the
// generators say. It gives the Secrets as they stand, encrypted: which there are, and where they go, is what is
// judged here; the judge of secrets decrypts them.
func provideKsops() (func(), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "ksops")
	if err != nil {
		return nil, err
	}
	before := os.Getenv("PATH")
	if err := os.Symlink(self, filepath.Join(folder, "ksops")); err != nil {
		return nil, err
	}
	os.Setenv("PATH", folder+string(os.PathListSeparator)+before)
	return func() { os.Setenv("PATH", before); os.RemoveAll(folder) }, nil
}

// runKsops is what happens when kustomize starts it: a ResourceList comes in, one goes out (KRM functions, v1).
func runKsops(in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var list struct {
		FunctionConfig struct {
			Files []string `json:"files"`
		} `json:"functionConfig"`
	}
	if err := yaml.Unmarshal(text, &list); err != nil {
		return err
	}
	items := []any{}
	for _, name := range list.FunctionConfig.Files {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var object map[string]any
		if err := yaml.Unmarshal(content, &object); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if object["sops"] == nil {
			return fmt.Errorf("%s is not encrypted", name)
		}
		delete(object, "sops")
		items = append(items, object)
	}
	result, err := yaml.Marshal(map[string]any{
		"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items})
	if err != nil {
		return err
	}
	_, err = out.Write(result)
	return err
}

// unmarkedPods names workloads that read a Secret of the same build and whose pods would not restart with it.
func unmarkedPods(built resmap.ResMap) []string {
	var problems []string
	for _, object := range built.Resources() {
		if object.GetKind() == "Secret" && strings.HasSuffix(object.GetName(), "-secret-digest") {
			problems = append(problems, "the digest "+object.GetName()+" would be applied")
		}
		text := object.MustYaml()
		reads := strings.Contains(text, "secretKeyRef") || strings.Contains(text, "secretRef:") || strings.Contains(text, "secretName:")
		if template := podTemplate(object); template != "" && reads && sealedBeside(built, text) {
			if value, err := object.GetString(template + ".metadata.annotations.checksum/secrets"); err != nil || value == "" {
				problems = append(problems, object.GetKind()+" "+object.GetName()+" does not restart when its secrets change")
			}
		}
	}
	return problems
}

func podTemplate(object *resource.Resource) string {
	switch object.GetKind() {
	case "Deployment", "StatefulSet", "DaemonSet", "Job":
		return "spec.template"
	case "CronJob":
		return "spec.jobTemplate.spec.template"
	}
	return ""
}

// sealedBeside says whether the text names a Secret that is part of the build.
func sealedBeside(built resmap.ResMap, text string) bool {
	for _, object := range built.Resources() {
		if object.GetKind() == "Secret" && strings.Contains(text, ": "+object.GetName()+"\n") {
			return true
		}
	}
	return false
}
