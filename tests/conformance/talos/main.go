// Command talos judges the machine configurations of an emitted tree with Talos' own code: the machinery
// of one Talos minor, the one that this program is linked with.
//
//	talos TREE [PLAIN]
//
// PLAIN is a folder with the tree's encrypted files as `sops` decrypts them, under their own names, and with
// bundles/CLUSTER.yaml, the secrets bundle of each cluster.
//
// For each talos/CLUSTER/NODE.yaml whose installer image is of that minor: its secrets patch (without PLAIN, the
// secrets that Talos' generator makes for such a cluster) is merged in, and the result must load, validate strictly
// in metal mode without a warning, hold every secret that the generator's own configuration holds, and none that a
// node of its type must not have; and be what the generator makes of the same bundle, but for differences that
// `allowedDifferences` lists. Configurations of another minor are left to another build of this program and
// printed as "skip". Bundles, talosconfig and kubeconfig are judged by every build.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sort"
	"strings"
)

const machinery = "github.com/siderolabs/talos/pkg/machinery"

var minorPattern = regexp.MustCompile(`^v\d+\.\d+`)

// ownMinor is "v1.13" for a program linked with machinery v1.13.9.
func ownMinor() string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, dep := range info.Deps {
			if dep.Path == machinery {
				return minorPattern.FindString(dep.Version)
			}
		}
	}
	return ""
}

func main() {
	if len(os.Args) != 2 && len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: talos TREE [PLAIN]")
		os.Exit(2)
	}
	plain := ""
	if len(os.Args) == 3 {
		plain = os.Args[2]
	}
	failures, err := judgeTree(os.Args[1], plain, ownMinor(), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if failures > 0 {
		os.Exit(1)
	}
}

// machineFiles lists the machine configurations of a tree, sorted, by cluster.
func machineFiles(tree string) (map[string][]string, error) {
	files, err := filepath.Glob(filepath.Join(tree, "talos", "*", "*.yaml"))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	clusters := map[string][]string{}
	for _, file := range files {
		if !strings.HasSuffix(file, ".sops.yaml") {
			cluster := filepath.Base(filepath.Dir(file))
			clusters[cluster] = append(clusters[cluster], file)
		}
	}
	return clusters, nil
}
