package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/compatibility"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
)

// metal is the platform that every node of a lab is validated for.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

var (
	installerTag = regexp.MustCompile(`:(v(\d+\.\d+)\.\d+\S*)$`)
	installerID  = regexp.MustCompile(`/([0-9a-f]{64}):v`)
)

// judgeTree prints a line "ok …", "FAIL …" or "skip …" for each configuration and schematic and returns
// the number of failures. `plain` is a folder with the decrypted files of the tree, under their own names, and the
// secrets bundles as bundles/CLUSTER.yaml; "": there are none, and secrets of our own are merged in.
func judgeTree(tree, plain, minor string, out io.Writer) (int, error) {
	clusters, err := machineFiles(tree)
	if err != nil {
		return 0, err
	}
	names := make([]string, 0, len(clusters))
	for name := range clusters {
		names = append(names, name)
	}
	sort.Strings(names)
	failures := 0
	for _, name := range names {
		bundle, err := testSecrets()
		if plain != "" {
			bundle, err = loadBundle(filepath.Join(plain, "bundles", name+".yaml"), minor)
			failures += report(out, "talos/"+name+" secrets bundle", err)
		}
		if err != nil {
			continue
		}
		differing := map[string][]string{} // by reason: the nodes
		for _, file := range clusters[name] {
			what := filepath.ToSlash(mustRel(tree, file))
			theirs, err := minorOf(file)
			if err == nil && theirs != minor {
				fmt.Fprintf(out, "skip talos %s: %s\n", what, theirs)
				continue
			}
			var reasons []string
			if err == nil {
				reasons, err = judge(file, plain, tree, minor, bundle)
			}
			failures += report(out, what, err)
			for _, reason := range reasons {
				differing[reason] = append(differing[reason], strings.TrimSuffix(filepath.Base(file), ".yaml"))
			}
		}
		for _, reason := range slices.Sorted(maps.Keys(differing)) {
			fmt.Fprintf(out, "note talos talos/%s is not the generator's in %s: %s\n", name, reason, strings.Join(differing[reason], " "))
		}
		if plain != "" {
			failures += judgeOperators(tree, plain, name, clusters[name], bundle, out)
		}
	}
	schematics, err := filepath.Glob(filepath.Join(tree, "talos", "*", "schematics", "*.yaml"))
	if err != nil {
		return 0, err
	}
	for _, file := range schematics {
		failures += report(out, filepath.ToSlash(mustRel(tree, file)), judgeSchematic(file))
	}
	return failures, nil
}

func report(out io.Writer, what string, err error) int {
	if err == nil {
		fmt.Fprintf(out, "ok talos %s\n", what)
		return 0
	}
	fmt.Fprintf(out, "FAIL talos %s: %s\n", what, strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\n    "))
	return 1
}

func mustRel(base, path string) string {
	rel, err := filepath.Rel(base, path)
	if err != nil {
		return path
	}
	return rel
}

// minorOf reads the minor from the installer image, the version that will run on the node.
func minorOf(file string) (string, error) {
	main, err := mainDocument(file)
	if err != nil {
		return "", err
	}
	image, _ := lookup(main, "machine.install.image").(string)
	match := installerTag.FindStringSubmatch(image)
	if match == nil {
		return "", fmt.Errorf("machine.install.image %q names no Talos version", image)
	}
	return "v" + match[2], nil
}

// testSecrets is one bundle for the whole run: its values mean nothing, and its RSA key takes a second.
var testSecrets = sync.OnceValues(func() (*secrets.Bundle, error) {
	contract, err := config.ParseContractFromVersion(min(ownMinor(), newestGeneration))
	if err != nil {
		return nil, err
	}
	return secrets.NewBundle(secrets.NewFixedClock(time.Now()), contract)
})

// judge returns why the configuration differs from the generator's, where a lab may make it differ.
func judge(file, plain, tree, minor string, bundle *secrets.Bundle) ([]string, error) {
	public, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	ours, err := configloader.NewFromBytes(public) // refuses unknown keys, duplicate and conflicting documents
	if err != nil {
		return nil, err
	}
	main, err := mainDocument(file)
	if err != nil {
		return nil, err
	}
	if plain := presentSecrets(main); len(plain) > 0 {
		return nil, fmt.Errorf("secret fields in plaintext: %s", strings.Join(plain, ", "))
	}
	if err := supportedKubernetes(main); err != nil {
		return nil, err
	}
	reference, err := generated(ours, main, minor, bundle)
	if err != nil {
		return nil, fmt.Errorf("Talos' generator refuses this input: %w", err)
	}
	referenceMain, err := mainOf(reference)
	if err != nil {
		return nil, err
	}
	wanted := secretFields(referenceMain)
	if err := sameKeysAsEncrypted(file, wanted); err != nil {
		return nil, err
	}
	patch, err := encodeFields(wanted)
	if plain != "" {
		patch, err = os.ReadFile(decrypted(plain, tree, strings.TrimSuffix(file, ".yaml")+".secrets.sops.yaml"))
	}
	if err != nil {
		return nil, err
	}
	merged, err := merge(ours, patch)
	if err != nil {
		return nil, err
	}
	result, err := mainOf(merged)
	if err != nil {
		return nil, err
	}
	if err := compareSecrets(wanted, secretFields(result)); err != nil {
		return nil, err
	}
	warnings, err := merged.Validate(metal{}, validation.WithStrict()) // strict alone raises v1alpha1's warnings
	if err != nil {
		return nil, err
	}
	if len(warnings) > 0 {
		return nil, fmt.Errorf("warnings: %s", strings.Join(warnings, "; "))
	}
	if !merged.CompleteForBoot() {
		return nil, errors.New("the configuration is not complete for boot")
	}
	if err := hostOfSchematic(file, main); err != nil {
		return nil, err
	}
	return compareWhole(reference, merged)
}

// judgeOperators judges the talosconfig and the kubeconfig of a cluster: both must be there.
func judgeOperators(tree, plain, cluster string, nodes []string, bundle *secrets.Bundle, out io.Writer) int {
	folder := filepath.Join(tree, "talos", cluster)
	endpoint, controlPlane, err := controlPlaneOf(nodes)
	failures := 0
	for name, judge := range map[string]func([]byte) error{
		"kubeconfig.sops.yaml":  func(b []byte) error { return judgeKubeconfig(b, cluster, endpoint, bundle) },
		"talosconfig.sops.yaml": func(b []byte) error { return judgeTalosconfig(b, cluster, controlPlane, bundle) },
	} {
		file := filepath.Join(folder, name)
		content, readErr := os.ReadFile(decrypted(plain, tree, file))
		judged := errors.Join(err, readErr)
		if judged == nil {
			judged = judge(content)
		}
		failures += report(out, filepath.ToSlash(mustRel(tree, file)), judged)
	}
	return failures
}

// controlPlaneOf is the cluster's endpoint and, in the order of the files, the names and addresses by which the API
// of each control plane is reached.
func controlPlaneOf(files []string) (string, [][]string, error) {
	var endpoint string
	var nodes [][]string
	for _, file := range files {
		main, err := mainDocument(file)
		if err != nil {
			return "", nil, err
		}
		endpoint, _ = lookup(main, "cluster.controlPlane.endpoint").(string)
		if lookup(main, "machine.type") != "controlplane" {
			continue
		}
		var names []string
		list, _ := lookup(main, "machine.certSANs").([]any)
		for _, name := range list {
			names = append(names, fmt.Sprint(name))
		}
		nodes = append(nodes, names)
	}
	return endpoint, nodes, nil
}

// newestGeneration is the newest contract that labc writes; newer releases read it.
const newestGeneration = "v1.13"

// generated is the configuration that `talosctl gen config` makes for the node's cluster and type.
func generated(ours config.Provider, main map[string]any, minor string, bundle *secrets.Bundle) (config.Provider, error) {
	contract, err := config.ParseContractFromVersion(min(minor, newestGeneration))
	if err != nil {
		return nil, err
	}
	name, _ := lookup(main, "cluster.clusterName").(string)
	endpoint, _ := lookup(main, "cluster.controlPlane.endpoint").(string)
	if name == "" || endpoint == "" {
		return nil, errors.New("cluster.clusterName or cluster.controlPlane.endpoint is missing")
	}
	input, err := generate.NewInput(name, endpoint, kubernetesVersion(main), generate.WithSecretsBundle(bundle),
		generate.WithVersionContract(contract), generate.WithInstallDisk("/dev/sda"))
	if err != nil {
		return nil, err
	}
	return input.Config(ours.Machine().Type())
}

// mainOf is the v1alpha1 document of a configuration as it would be written.
func mainOf(p config.Provider) (map[string]any, error) {
	bytes, err := p.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
	if err != nil {
		return nil, err
	}
	return firstMain(bytes)
}

func merge(ours config.Provider, patchBytes []byte) (config.Provider, error) {
	patch, err := configpatcher.LoadPatch(patchBytes)
	if err != nil {
		return nil, err
	}
	output, err := configpatcher.Apply(configpatcher.WithConfig(ours), []configpatcher.Patch{patch})
	if err != nil {
		return nil, err
	}
	bytes, err := output.Bytes()
	if err != nil {
		return nil, err
	}
	return configloader.NewFromBytes(bytes)
}

func kubernetesVersion(main map[string]any) string {
	image, _ := lookup(main, "machine.kubelet.image").(string)
	at := strings.LastIndex(image, ":v")
	if at < 0 {
		return ""
	}
	return strings.SplitN(image[at+2:], "@", 2)[0]
}

// supportedKubernetes asks Talos' own table whether this release runs that Kubernetes.
func supportedKubernetes(main map[string]any) error {
	kubernetes := kubernetesVersion(main)
	if kubernetes == "" {
		return errors.New("machine.kubelet.image names no version")
	}
	version, err := compatibility.ParseKubernetesVersion(kubernetes)
	if err != nil {
		return err
	}
	image, _ := lookup(main, "machine.install.image").(string)
	target, err := compatibility.ParseTalosVersion(&machine.VersionInfo{Tag: installerTag.FindStringSubmatch(image)[1]})
	if err != nil {
		return err
	}
	return version.SupportedWith(target)
}

// hostOfSchematic: an installer of the image factory names a schematic that the tree must hold.
func hostOfSchematic(file string, main map[string]any) error {
	image, _ := lookup(main, "machine.install.image").(string)
	id := installerID.FindStringSubmatch(image)
	if id == nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(file), "schematics", id[1]+".yaml")); err != nil {
		return fmt.Errorf("the installer's schematic is not in the tree: %w", err)
	}
	return nil
}

// judgeSchematic: the factory's id of a schematic is the SHA-256 of its canonical YAML
// (image-factory pkg/schematic, Schematic.ID).
func judgeSchematic(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	want := strings.TrimSuffix(filepath.Base(file), ".yaml")
	if got := hex.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("its bytes have the id %s", got)
	}
	if !bytes.Contains(content, []byte("customization:")) {
		return errors.New("a schematic without customization")
	}
	return nil
}
