package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	talosx509 "github.com/siderolabs/crypto/x509"
	"go.yaml.in/yaml/v4"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// goodPlain is what a run decrypts of the good tree: the patches, bundle, talosconfig and kubeconfig of a bundle
// that Talos itself made.
func goodPlain(t *testing.T, tree string) string {
	t.Helper()
	bundle, err := testSecrets()
	check(t, err)
	plain := t.TempDir()
	home := filepath.Join(plain, "talos/home")
	check(t, os.MkdirAll(home, 0o777))
	check(t, os.MkdirAll(filepath.Join(plain, "bundles"), 0o777))
	write := func(name string, content []byte) { check(t, os.WriteFile(filepath.Join(plain, name), content, 0o600)) }
	content, err := yaml.Marshal(bundle)
	check(t, err)
	write("bundles/home.yaml", content)
	for _, node := range []string{"cp01", "wk01"} {
		file := filepath.Join(tree, "talos/home", node+".yaml")
		ours, err := configloader.NewFromFile(file)
		check(t, err)
		main, err := mainDocument(file)
		check(t, err)
		made, err := generated(ours, main, ownMinor(), bundle)
		check(t, err)
		madeMain, err := mainOf(made)
		check(t, err)
		patch, err := encodeFields(secretFields(madeMain))
		check(t, err)
		write("talos/home/"+node+".secrets.sops.yaml", patch)
	}
	bundle.Clock = secrets.NewFixedClock(time.Now())
	client, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))
	check(t, err)
	b64 := base64.StdEncoding.EncodeToString
	write("talos/home/talosconfig.sops.yaml", fmt.Appendf(nil,
		"context: home\ncontexts:\n    home:\n        endpoints: [192.168.40.50]\n        ca: %s\n        crt: %s\n        key: %s\n",
		b64(bundle.Certs.OS.Crt), b64(client.Crt), b64(client.Key)))
	admin, err := newKeyPair(bundle.Certs.K8s, talosx509.CommonName("admin"), talosx509.Organization("system:masters"),
		talosx509.NotBefore(time.Now().Add(-10*time.Second)), talosx509.NotAfter(time.Now().Add(8760*time.Hour)),
		talosx509.KeyUsage(x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment),
		talosx509.ExtKeyUsage([]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}))
	check(t, err)
	write("talos/home/kubeconfig.sops.yaml", fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
    - name: home
      cluster:
        server: https://192.168.40.50:6443
        certificate-authority-data: %s
users:
    - name: admin@home
      user:
        client-certificate-data: %s
        client-key-data: %s
contexts:
    - name: admin@home
      context: {cluster: home, namespace: default, user: admin@home}
current-context: admin@home
`, b64(bundle.Certs.K8s.Crt), b64(admin.Crt), b64(admin.Key)))
	return plain
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestGoodPlain(t *testing.T) {
	tree := goodTree(t, "", "", "")
	var out strings.Builder
	failures, err := judgeTree(tree, goodPlain(t, tree), ownMinor(), &out)
	check(t, err)
	if failures != 0 || strings.Count(out.String(), "ok talos") != 6 || !strings.Contains(out.String(), "note talos talos/home is not the generator's in machine.install.image (the installer of the node's own schematic and release): cp01 wk01\n") {
		t.Errorf("%d failures:\n%s", failures, out.String())
	}
}

// Each edit of the good tree or of what is decrypted of it must be refused, for the reason given.
func TestBadPlain(t *testing.T) {
	// value is what a key of a decrypted file holds.
	value := func(t *testing.T, plain, file, key string) string {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(plain, file))
		check(t, err)
		_, rest, found := strings.Cut(string(content), " "+key+": ")
		if !found {
			t.Fatalf("%s has no %s", file, key)
		}
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	change := func(file, key, with string) func(*testing.T, string, string) {
		return func(t *testing.T, _, plain string) {
			t.Helper()
			replace(t, filepath.Join(plain, file), " "+key+": "+value(t, plain, file, key)+"\n", " "+key+": "+with+"\n", 1)
		}
	}
	const talosconfig, kube = "talos/home/talosconfig.sops.yaml", "talos/home/kubeconfig.sops.yaml"
	for name, edit := range map[string]struct {
		edit func(t *testing.T, tree, plain string)
		want string
	}{
		"no bundle":          {func(t *testing.T, _, plain string) { check(t, os.Remove(filepath.Join(plain, "bundles/home.yaml"))) }, "no such file"},
		"bundle without id":  {change("bundles/home.yaml", "id", `""`), "cluster.id is required"},
		"patch of another's": {change("talos/home/wk01.secrets.sops.yaml", "secret", "b3RoZXI="), "cluster.secret differs"},
		"patch lacks a secret": {func(t *testing.T, _, plain string) {
			const file = "talos/home/cp01.secrets.sops.yaml"
			replace(t, filepath.Join(plain, file), " secretboxEncryptionSecret: "+value(t, plain, file, "secretboxEncryptionSecret"), " # ", 1)
		}, "cluster.secretboxEncryptionSecret is missing"},
		"patch sets more": {func(t *testing.T, _, plain string) {
			const file = "talos/home/wk01.secrets.sops.yaml"
			replace(t, filepath.Join(plain, file), "machine:\n", "machine:\n    features:\n        diskQuotaSupport: false\n", 1)
		}, "machine.features.diskQuotaSupport differs from what Talos' generator makes"},
		"a field nobody asked for": {func(t *testing.T, tree, _ string) {
			replace(t, filepath.Join(tree, "talos/home/cp01.yaml"), "            port: 7445\n", "            port: 7446\n", 1)
		}, "machine.features.kubePrism.port differs"},
		"a document nobody asked for": {func(t *testing.T, tree, _ string) {
			file := filepath.Join(tree, "talos/home/wk01.yaml")
			content, err := os.ReadFile(file)
			check(t, err)
			check(t, os.WriteFile(file, append(content, []byte("---\napiVersion: v1alpha1\nkind: KmsgLogConfig\nname: a\nurl: tcp://192.0.2.1:1/\n")...), 0o666))
		}, "KmsgLogConfig/a: "},
		"no talosconfig":        {func(t *testing.T, _, plain string) { check(t, os.Remove(filepath.Join(plain, talosconfig))) }, "no such file"},
		"talosconfig elsewhere": {change(talosconfig, "endpoints", "[192.168.40.52]"), "is not one of"},
		"talosconfig of another CA": {func(t *testing.T, _, plain string) {
			change(talosconfig, "ca", value(t, plain, kube, "certificate-authority-data"))(t, "", plain)
		}, "the authority is not the bundle's"},
		"talosconfig for others": {func(t *testing.T, _, plain string) {
			change(talosconfig, "crt", value(t, plain, kube, "client-certificate-data"))(t, "", plain)
		}, "the subject is"},
		"talosconfig with another key": {func(t *testing.T, _, plain string) {
			change(talosconfig, "key", value(t, plain, kube, "client-key-data"))(t, "", plain)
		}, "private key type"},
		"kubeconfig elsewhere": {change(kube, "server", `"https://192.168.40.51:6443"`), "it says"},
		"kubeconfig with more": {func(t *testing.T, _, plain string) {
			replace(t, filepath.Join(plain, kube), "kind: Config\n", "kind: Config\nextensions: []\n", 1)
		}, "not found in type"},
		"kubeconfig of another user": {func(t *testing.T, _, plain string) {
			change(kube, "client-certificate-data", value(t, plain, talosconfig, "crt"))(t, "", plain)
		}, "the subject is"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := goodTree(t, "", "", "")
			plain := goodPlain(t, tree)
			edit.edit(t, tree, plain)
			var out strings.Builder
			failures, err := judgeTree(tree, plain, ownMinor(), &out)
			check(t, err)
			if failures != 1 || !strings.Contains(out.String(), edit.want) {
				t.Errorf("%d failures, want 1 with %q:\n%s", failures, edit.want, out.String())
			}
		})
	}
}

// A client of another authority of the same name is not let in.
func TestHandshakeRefusesStrangers(t *testing.T) {
	bundle, err := testSecrets()
	check(t, err)
	theirs, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))
	check(t, err)
	stranger, err := secrets.NewTalosCA(time.Now())
	check(t, err)
	other := &talosx509.PEMEncodedCertificateAndKey{Crt: stranger.CrtPEM, Key: stranger.KeyPEM}
	made, err := secrets.NewAdminCertificateAndKey(time.Now(), other, role.MakeSet(role.Admin), time.Hour)
	check(t, err)
	b64 := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	if err := judgeClient(b64(theirs.Crt), b64(theirs.Key), b64(bundle.Certs.OS.Crt), bundle.Certs.OS, theirs); err != nil {
		t.Error(err)
	}
	if err := judgeClient(b64(made.Crt), b64(made.Key), b64(bundle.Certs.OS.Crt), bundle.Certs.OS, made); err == nil || !strings.Contains(err.Error(), "handshake") {
		t.Errorf("a stranger: %v", err)
	}
	if bytes.Equal(theirs.Crt, made.Crt) {
		t.Error("the same certificate")
	}
}
