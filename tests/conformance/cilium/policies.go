package main

import (
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/policy/utils"
	"sigs.k8s.io/yaml"
)

const clusterName = "default"

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// readPolicies decodes every policy below kubernetes/ strictly and has Cilium parse and sanitise it.
func readPolicies(tree string) (types.PolicyEntries, []finding, error) {
	var entries types.PolicyEntries
	var findings []finding
	err := filepath.WalkDir(filepath.Join(tree, "kubernetes"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var kind struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}
		if yaml.Unmarshal(text, &kind) != nil || kind.APIVersion != "cilium.io/v2" ||
			(kind.Kind != "CiliumNetworkPolicy" && kind.Kind != "CiliumClusterwideNetworkPolicy") {
			return nil
		}
		name, err := filepath.Rel(tree, path)
		if err != nil {
			return err
		}
		var policy v2.CiliumNetworkPolicy // a clusterwide one is read as the same without a namespace
		if err := yaml.UnmarshalStrict(text, &policy); err != nil {
			findings = append(findings, finding{name, err.Error()})
			return nil
		}
		if (kind.Kind == "CiliumNetworkPolicy") != (policy.Namespace != "") {
			findings = append(findings, finding{name, "kind and namespace disagree"})
			return nil
		}
		rules, err := policy.Parse(quiet, clusterName)
		if err != nil {
			findings = append(findings, finding{name, err.Error()})
			return nil
		}
		entries = append(entries, utils.RulesToPolicyEntries(rules)...)
		findings = append(findings, finding{what: name})
		return nil
	})
	return entries, findings, err
}
