package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// release is the Talos version of the minor that the test is linked with.
var release = map[string]string{"v1.12": "v1.12.7", "v1.13": "v1.13.9", "v1.14": "v1.14.1"}

// goodTree copies testdata/good, with VERSION replaced, and applies one edit.
func goodTree(t *testing.T, file, old, new string) string {
	t.Helper()
	tree := t.TempDir()
	if err := os.CopyFS(tree, os.DirFS("testdata/good")); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(tree, "talos/home/*.yaml"))
	for _, name := range files {
		replace(t, name, ":VERSION", ":"+release[ownMinor()], 0)
	}
	if file != "" {
		replace(t, filepath.Join(tree, "talos/home", file), old, new, 1)
	}
	return tree
}

// replace fails when old does not occur exactly count times; 0 stands for any number.
func replace(t *testing.T, file, old, new string, count int) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(content), old); count > 0 && got != count {
		t.Fatalf("%s: %q occurs %d times", file, old, got)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(content), old, new)), 0o666); err != nil {
		t.Fatal(err)
	}
}

func judgement(t *testing.T, tree string) (int, string) {
	t.Helper()
	var out strings.Builder
	failures, err := judgeTree(tree, "", ownMinor(), &out)
	if err != nil {
		t.Fatal(err)
	}
	return failures, out.String()
}

func TestGoodTree(t *testing.T) {
	if release[ownMinor()] == "" {
		t.Fatalf("linked with an unknown minor %q", ownMinor())
	}
	failures, out := judgement(t, goodTree(t, "", "", ""))
	if failures != 0 || strings.Count(out, "ok talos") != 3 {
		t.Errorf("%d failures:\n%s", failures, out)
	}
}

func TestOtherMinorIsSkipped(t *testing.T) {
	failures, out := judgement(t, goodTree(t, "cp01.yaml", ":"+release[ownMinor()], ":v1.9.0"))
	if failures != 0 || !strings.Contains(out, "skip talos talos/home/cp01.yaml: v1.9") {
		t.Errorf("%d failures:\n%s", failures, out)
	}
}

// Each edit of the good tree must be refused, for the reason given.
func TestBadTrees(t *testing.T) {
	const kubelet = "ghcr.io/siderolabs/kubelet:v1.34.2"
	for name, edit := range map[string]struct{ file, old, new, want string }{
		"unknown key":                              {"cp01.yaml", "grubUseUKICmdline: true", "grubUseUKICmdLine: true", "unknown keys"},
		"unknown kind":                             {"cp01.yaml", "kind: LinkConfig", "kind: LinkConfiguration", "not registered"},
		"duplicate document":                       {"wk01.yaml", "auto: \"off\"\n", "auto: \"off\"\n---\napiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n", "not allowed"},
		"bad address":                              {"cp01.yaml", "192.168.40.51/24", "192.168.40.51/240", "192.168.40.51/240"},
		"no install disk":                          {"wk01.yaml", "        disk: /dev/vda\n", "", "install disk"},
		"hostname twice":                           {"wk01.yaml", "hostname: wk01\nauto: \"off\"", "hostname: wk01\nauto: stable", "auto"},
		"endpoint without url":                     {"wk01.yaml", "https://192.168.40.50:6443", "192.168.40.50", "invalid controlplane endpoint"},
		"bad pod subnet":                           {"cp01.yaml", "proxy:\n        disabled: true", "etcd:\n        advertisedSubnets: [x]\n    proxy:\n        disabled: true", "etcd advertised subnet is not valid"},
		"kubernetes too new":                       {"wk01.yaml", kubelet, "ghcr.io/siderolabs/kubelet:v1.40.0", "too new"},
		"kubernetes too old":                       {"wk01.yaml", kubelet, "ghcr.io/siderolabs/kubelet:v1.20.0", "too old"},
		"image without tag":                        {"wk01.yaml", kubelet, "ghcr.io/siderolabs/kubelet", "names no version"},
		"installer without version":                {"wk01.yaml", "7c7515:" + release[ownMinor()], "7c7515", "names no Talos version"},
		"schematic not there":                      {"wk01.yaml", "ce4c98", "ce4c99", "schematic is not in the tree"},
		"schematic changed":                        {"schematics/ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515.yaml", "qemu-guest-agent", "qemu-guest-agents", "its bytes have the id"},
		"token in plaintext":                       {"wk01.yaml", "    type: worker\n", "    type: worker\n    token: d8cwfa.eyvpi0xwxyarbfid\n", "plaintext: machine.token"},
		"etcd on a worker":                         {"wk01.yaml", "    clusterName: home\n", "    clusterName: home\n    etcd:\n        subnet: 10.0.0.0/8\n", "etcd config is only allowed on control plane"},
		"secret not in patch":                      {"wk01.secrets.sops.yaml", "    secret: ENC[AES256_GCM,data:aa==,iv:aa==,tag:aa==,type:str]\n", "", "cluster.secret is not in the secrets patch"},
		"control plane secret in a worker's patch": {"wk01.secrets.sops.yaml", "cluster:\n", "cluster:\n    secretboxEncryptionSecret: ENC[]\n", "cluster.secretboxEncryptionSecret is in the secrets patch"},
		"not YAML":                                 {"wk01.yaml", "machine:\n", "machine: {\n", "yaml"},
		"warning":                                  {"cp01.yaml", "cni:\n            name: none", "cni:\n            name: custom", "warning"},
	} {
		t.Run(name, func(t *testing.T) {
			failures, out := judgement(t, goodTree(t, edit.file, edit.old, edit.new))
			if failures != 1 || !strings.Contains(out, edit.want) {
				t.Errorf("%d failures, want 1 with %q:\n%s", failures, edit.want, out)
			}
		})
	}
}

// A patch that lacks a secret passes Talos' validation; the comparison must see it.
func TestMissingSecretIsSeen(t *testing.T) {
	want := map[string]any{"machine.token": "a", "cluster.ca.key": ""}
	for _, got := range []map[string]any{{}, {"machine.token": "b"}, {"machine.token": "a", "cluster.token": "x"}} {
		if compareSecrets(want, got) == nil {
			t.Errorf("%v passes", got)
		}
	}
	if err := compareSecrets(want, map[string]any{"machine.token": "a"}); err != nil {
		t.Error(err)
	}
}
