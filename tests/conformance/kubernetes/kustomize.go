package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// judgeKustomize builds every folder that has a kustomization, and sees that each manifest below
// kubernetes/ belongs to exactly one: listed by a kustomization, or read by an Argo CD Application that
// takes the folder as it is.
func judgeKustomize(tree *Tree, report *Report) {
	remove, err := provideKsops()
	if err != nil {
		report.Say("ksops", err.Error())
		return
	}
	defer remove()
	disk := filesys.MakeFsOnDisk()
	for _, file := range tree.Kustomizations {
		options := krusty.MakeDefaultOptions()
		options.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
		options.PluginConfig.FnpLoadingOptions.EnableExec = true
		folder := filepath.Join(tree.Root, path.Dir(file))
		built, err := krusty.MakeKustomizer(options).Run(disk, folder)
		if err != nil {
			report.Say(file, err.Error())
			continue
		}
		report.Say(file, unmarkedPods(built)...)
	}
	owners := listedBy(tree, report)
	for _, generator := range tree.Generators {
		for _, name := range slice(generator.At("files")) {
			target := path.Join(path.Dir(generator.File), fmt.Sprint(name))
			owners[target] = append(owners[target], generator.File)
		}
	}
	for _, folder := range plainApplicationFolders(tree) {
		for _, manifest := range tree.Manifests {
			if path.Dir(manifest) == folder.path || (folder.recurse && strings.HasPrefix(manifest, folder.path+"/")) {
				owners[manifest] = append(owners[manifest], folder.application)
			}
		}
	}
	for _, manifest := range append(append([]string{}, tree.Manifests...), tree.Sealed...) {
		if !strings.HasPrefix(manifest, "kubernetes/") {
			continue
		}
		switch found := owners[manifest]; len(found) {
		case 0:
			report.Say(manifest, "no kustomization lists it and no Application reads it")
		case 1:
			report.Say(manifest)
		default:
			report.Say(manifest, "it is listed more than once: "+strings.Join(found, ", "))
		}
	}
}

// listedBy says for each file which kustomizations list it.
func listedBy(tree *Tree, report *Report) map[string][]string {
	owners := map[string][]string{}
	for _, file := range tree.Kustomizations {
		content, err := os.ReadFile(filepath.Join(tree.Root, file))
		if err != nil {
			report.Say(file, err.Error())
			continue
		}
		var kustomization types.Kustomization
		if err := yaml.UnmarshalStrict(content, &kustomization); err != nil {
			report.Say(file, err.Error())
			continue
		}
		listed := append(append([]string{}, kustomization.Resources...), kustomization.Components...)
		listed = append(listed, kustomization.Generators...)
		for _, patch := range kustomization.Patches {
			listed = append(listed, patch.Path)
		}
		for _, generator := range kustomization.ConfigMapGenerator {
			for _, source := range generator.FileSources {
				listed = append(listed, source[strings.Index(source, "=")+1:])
			}
		}
		for _, name := range listed {
			if name != "" && !strings.Contains(name, "://") {
				target := path.Join(path.Dir(file), name)
				owners[target] = append(owners[target], file)
			}
		}
	}
	return owners
}

type applicationFolder struct {
	path, application string
	recurse           bool
}

// plainApplicationFolders are folders that an Argo CD Application reads without a kustomization.
func plainApplicationFolders(tree *Tree) []applicationFolder {
	var found []applicationFolder
	for _, application := range tree.Select("argoproj.io", "Application") {
		for _, source := range applicationSources(application) {
			folder, ok := treePath(tree, source.path)
			if source.path == "" || !ok {
				continue
			}
			if _, err := os.Stat(filepath.Join(tree.Root, folder, "kustomization.yaml")); errors.Is(err, fs.ErrNotExist) {
				found = append(found, applicationFolder{folder, application.File, source.recurse})
			}
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].path < found[j].path })
	return found
}

// applicationSource is what one entry of source or sources names.
type applicationSource struct {
	repository               string
	path, chart, releaseName string
	recurse                  bool
	values                   []string
}

func applicationSources(application *Object) []applicationSource {
	entries, _ := application.At("spec", "sources").([]any)
	if source := application.At("spec", "source"); source != nil {
		entries = append(entries, source)
	}
	var found []applicationSource
	for _, entry := range entries {
		fields, _ := entry.(map[string]any)
		helm, _ := fields["helm"].(map[string]any)
		directory, _ := fields["directory"].(map[string]any)
		source := applicationSource{releaseName: application.GetName()}
		source.repository, _ = fields["repoURL"].(string)
		source.path, _ = fields["path"].(string)
		source.chart, _ = fields["chart"].(string)
		source.recurse, _ = directory["recurse"].(bool)
		if name, ok := helm["releaseName"].(string); ok {
			source.releaseName = name
		}
		for _, value := range slice(helm["valueFiles"]) {
			source.values = append(source.values, fmt.Sprint(value))
		}
		found = append(found, source)
	}
	return found
}

func slice(value any) []any {
	list, _ := value.([]any)
	return list
}

// treePath finds a path of the repository in the tree: the tree is the repository or a folder in it, so
// leading parts are dropped until the rest exists.
func treePath(tree *Tree, repositoryPath string) (string, bool) {
	parts := strings.Split(path.Clean(strings.TrimPrefix(repositoryPath, "/")), "/")
	for i := range parts {
		rest := path.Join(parts[i:]...)
		if _, err := os.Stat(filepath.Join(tree.Root, rest)); err == nil {
			return rest, true
		}
	}
	return "", false
}

// isOwnRepository says whether the tree is what a repository holds: some Application reads a folder that is
// in the tree from it. When none does, every repository counts, so that a missing folder is never excused.
func (t *Tree) isOwnRepository(url string) bool {
	own := map[string]bool{}
	for _, application := range t.Select("argoproj.io", "Application") {
		for _, source := range applicationSources(application) {
			if source.path == "" {
				continue
			}
			if _, ok := treePath(t, source.path); ok {
				own[source.repository] = true
			}
		}
	}
	return len(own) == 0 || own[url]
}
