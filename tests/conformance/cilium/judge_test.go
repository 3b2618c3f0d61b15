package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = "testdata/good"

func judged(t *testing.T, tree string) []finding {
	t.Helper()
	m, err := readMatrix(filepath.Join(good, "matrix.json"))
	if err != nil {
		t.Fatal(err)
	}
	findings, err := judge(tree, m)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func TestGood(t *testing.T) {
	findings := judged(t, good)
	if len(findings) < 5 {
		t.Fatalf("only %d findings", len(findings))
	}
	for _, f := range findings {
		if f.failed() {
			t.Error(f)
		}
	}
}

// Each edit of the good tree must be refused, for the reason given.
func TestBad(t *testing.T) {
	const front = "kubernetes/media/front/network-policy.yaml"
	const back = "kubernetes/tools/back/network-policy.yaml"
	const standard = "kubernetes/cluster-wide/default-deny/default-deny.yaml"
	const lookups = "kubernetes/cluster-wide/network-policies/dns.yaml"
	for name, edit := range map[string]struct{ file, old, new, why string }{
		"a misspelled field":         {front, "endpointSelector:", "endpointSelctor:", "unknown field"},
		"an unknown entity":          {front, "- kube-apiserver", "- kube-apiservers", "unsupported entity"},
		"a port out of range":        {front, `"8080"`, `"80800"`, "port"},
		"a port dropped":             {front, `"8080"`, `"8081"`, "ingress -> media/front"},
		"a caller dropped":           {back, "app.kubernetes.io/name: front", "app.kubernetes.io/name: frond", "media/front -> tools/back"},
		"a peer of any namespace":    {back, "k8s:io.kubernetes.pod.namespace: media", "io.kubernetes.pod.namespace: tools", "media/front -> tools/back"},
		"a port moved":               {back, `"9090"`, `"9092"`, "media/front -> tools/back at tcp/9090"},
		"a name dropped":             {front, "matchName: api.example.org", "matchName: api.example.com", "api.example.org at tcp/443"},
		"no default":                 {standard, "- media", "- elsewhere", "media/stranger"},
		"lookups of other pods only": {lookups, "- media", "- elsewhere", "media/front -> kube-system/kube-dns"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := t.TempDir()
			if err := os.CopyFS(tree, os.DirFS(good)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(tree, edit.file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(text), edit.old, edit.new, 1)
			if changed == string(text) {
				t.Fatalf("%s has no %q", edit.file, edit.old)
			}
			if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, f := range judged(t, tree) {
				if f.failed() && strings.Contains(f.String(), edit.why) {
					return
				}
			}
			t.Errorf("not refused for %q", edit.why)
		})
	}
}
