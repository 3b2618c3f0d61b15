package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/siderolabs/talos/pkg/machinery/config"
	docs "github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
)

// allowed is one way in which a node's configuration may differ from the one that Talos' generator makes of the
// same bundle: something that a lab says and the generator knows nothing of.
type allowed struct {
	document string // kind; "" is v1alpha1
	path     string // the field and everything below it; "" is the whole document
	reason   string // which part of a lab says so
	added    bool   // only where the generator has nothing; its own value may not go or change
	is       any    // when set: the only value that may stand there; `nothing` for a field that is not there
}

// nothing stands for a field that is absent.
type nothing struct{}

var allowedDifferences = []allowed{
	{path: "machine.network", reason: "an empty section, which means the same as none and is left out from 1.13 on", is: nothing{}},
	{path: "machine.certSANs", reason: "every address and name by which the node's API is reached"},
	{path: "machine.install.disk", reason: "the disk of the VM, or `install` of the distribution"},
	{path: "machine.install.image", reason: "the installer of the node's own schematic and release"},
	{path: "machine.kubelet.extraArgs", reason: "`nodes { kubelet { args } }`", added: true},
	{path: "machine.kubelet.extraMounts", reason: "`nodes { kubelet { mount } }`", added: true},
	{path: "machine.kubelet.extraConfig", reason: "`nodes { kubelet { config } }`, taints of workers", added: true},
	{path: "machine.kubelet.nodeIP", reason: "`nodes { kubelet { node-ip } }`, or the address on the first of several cards", added: true},
	{path: "machine.sysctls", reason: "`sysctls`", added: true},
	{path: "machine.kernel.modules", reason: "`nodes { modules }`", added: true},
	{path: "machine.features.kubernetesTalosAPIAccess", reason: "`talos-api`", added: true},
	{path: "machine.nodeLabels", reason: "`nodes { labels }`, none against load balancers where the control plane takes workloads"},
	{path: "machine.nodeAnnotations", reason: "`nodes { annotations }`", added: true},
	{path: "machine.nodeTaints", reason: "`nodes { taints }`", added: true},
	{path: "cluster.network.cni.name", reason: "a pod network that is applied later", added: true, is: "none"},
	{path: "cluster.network.dnsDomain", reason: "`domain`"},
	{path: "cluster.network.podSubnets", reason: "`pod-cidr`"},
	{path: "cluster.network.serviceSubnets", reason: "`service-cidr`"},
	{path: "cluster.proxy.disabled", reason: "Cilium in place of kube-proxy", added: true, is: true},
	{path: "cluster.proxy.image", reason: "Cilium in place of kube-proxy", is: nothing{}},
	{path: "cluster.apiServer.certSANs", reason: "every address and name by which the API is reached"},
	{path: "cluster.apiServer.extraArgs", reason: "`api-server-args`, `oidc`", added: true},
	{path: "cluster.apiServer.admissionControl", reason: "`admission`"},
	{path: "cluster.apiServer.auditPolicy", reason: "`audit`"},
	{path: "cluster.controllerManager.extraArgs", reason: "`controller-manager-args`, `metrics`", added: true},
	{path: "cluster.scheduler.extraArgs", reason: "`scheduler-args`, `metrics`", added: true},
	{path: "cluster.etcd.extraArgs", reason: "`etcd-args`, `metrics`", added: true},
	{path: "cluster.etcd.advertisedSubnets", reason: "the address on the first of several cards", added: true},
	{path: "cluster.extraManifests", reason: "`manifests`", added: true},
	{path: "cluster.allowSchedulingOnControlPlanes", reason: "`schedule-on-control-plane`", added: true, is: true},
	{document: "HostnameConfig", path: "auto", reason: "the node's name in place of a made-up one", is: "off"},
	{document: "HostnameConfig", path: "hostname", reason: "the node's name", added: true},
	{document: "LinkAliasConfig", reason: "`link`", added: true},
	{document: "LinkConfig", reason: "the addresses of the machine's networks", added: true},
	{document: "DHCPv4Config", reason: "a network without fixed addresses", added: true},
	{document: "VLANConfig", reason: "tagged networks", added: true},
	{document: "BondConfig", reason: "`bond`", added: true},
	{document: "Layer2VIPConfig", reason: "`vip`", added: true},
	{document: "ResolverConfig", reason: "`dns` of the cluster or of the networks", added: true},
	{document: "TimeSyncConfig", reason: "`ntp`", added: true},
	{document: "RegistryMirrorConfig", reason: "`registry`", added: true},
	{document: "VolumeConfig", reason: "`disk-encryption`, `volume`", added: true},
	{document: "UserVolumeConfig", reason: "`volume`", added: true},
	{document: "WatchdogTimerConfig", reason: "`raw` (tests/golden/talos has one)", added: true},
}

// difference is one field; a value that is `nothing{}` is not there.
type difference struct {
	document  string // kind, and name where documents of that kind have one; "" is v1alpha1
	path      string
	want, got any
}

func (d difference) String() string {
	where := d.path
	if d.document != "" {
		where = strings.TrimSuffix(d.document+": "+d.path, ": ")
	}
	return where
}

// fieldsOf are the leaves of every document, re-encoded from its Go type: order and spelling are gone.
func fieldsOf(p config.Provider) (map[string]map[string]any, error) {
	out := map[string]map[string]any{}
	for _, document := range p.Documents() {
		id := document.Kind()
		if id == "v1alpha1" {
			id = ""
		}
		if named, ok := document.(docs.NamedDocument); ok {
			id += "/" + named.Name()
		}
		bytes, err := encoder.NewEncoder(document, encoder.WithComments(encoder.CommentsDisabled)).Encode()
		if err != nil {
			return nil, err
		}
		var tree map[string]any
		if err := yaml.Unmarshal(bytes, &tree); err != nil {
			return nil, err
		}
		fields := map[string]any{}
		flatten("", tree, fields)
		out[id] = fields
	}
	return out, nil
}

// flatten keeps lists whole: their order means something, or they are few.
func flatten(prefix string, value any, into map[string]any) {
	tree, ok := value.(map[string]any)
	if !ok || len(tree) == 0 && prefix != "" {
		into[prefix] = value
		return
	}
	for key, child := range tree {
		path := key
		if prefix != "" {
			path = prefix + "." + key
		}
		flatten(path, child, into)
	}
}

func differencesOf(want, got config.Provider) ([]difference, error) {
	wanted, err := fieldsOf(want)
	if err != nil {
		return nil, err
	}
	ours, err := fieldsOf(got)
	if err != nil {
		return nil, err
	}
	var out []difference
	add := func(id, path string) {
		a, ok := wanted[id][path]
		if !ok {
			a = nothing{}
		}
		b, ok := ours[id][path]
		if !ok {
			b = nothing{}
		}
		if !reflect.DeepEqual(a, b) {
			out = append(out, difference{id, path, a, b})
		}
	}
	for id, fields := range wanted {
		for path := range fields {
			add(id, path)
		}
	}
	for id, fields := range ours {
		for path := range fields {
			if _, both := wanted[id][path]; !both {
				add(id, path)
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].String() < out[j].String() })
	return out, nil
}

func (a allowed) covers(d difference) bool {
	kind, _, _ := strings.Cut(d.document, "/")
	if kind != a.document {
		return false
	}
	if a.path != "" && d.path != a.path && !strings.HasPrefix(d.path, a.path+".") {
		return false
	}
	if a.added && d.want != any(nothing{}) {
		return false
	}
	return a.is == nil || reflect.DeepEqual(a.is, d.got)
}

// compareWhole holds a whole configuration to the generator's: the reasons of the differences that a lab may make,
// and an error that names every other.
func compareWhole(want, got config.Provider) ([]string, error) {
	found, err := differencesOf(want, got)
	if err != nil {
		return nil, err
	}
	var reasons, wrong []string
	seen := map[string]bool{}
	for _, d := range found {
		reason := ""
		for _, a := range allowedDifferences {
			if a.covers(d) {
				where := strings.TrimSuffix(a.document+": "+a.path, ": ")
				reason = strings.TrimPrefix(where, ": ") + " (" + a.reason + ")"
				break
			}
		}
		if reason == "" {
			wrong = append(wrong, d.String()+" differs from what Talos' generator makes")
		} else if !seen[reason] {
			seen[reason] = true
			reasons = append(reasons, reason)
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return reasons, nil
}
