package main

import (
	"fmt"
	"math"
	"net/netip"
	"sort"
	"sync"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	cilium "github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

var reserved = map[string]cilium.NumericIdentity{
	"host":           cilium.ReservedIdentityHost,
	"remote-node":    cilium.ReservedIdentityRemoteNode,
	"kube-apiserver": cilium.ReservedIdentityKubeAPIServer,
	"ingress":        cilium.ReservedIdentityIngress,
	"world":          cilium.ReservedIdentityWorld,
}

// numbered gives every end of the matrix the identity that the agent would give it.
func numbered(m *matrix) (map[string]*cilium.Identity, error) {
	out := map[string]*cilium.Identity{}
	for i, id := range m.Identities {
		var made *cilium.Identity
		switch id.Kind {
		case "entity":
			number, known := reserved[id.Name]
			if !known {
				return nil, fmt.Errorf("unknown entity %q", id.Name)
			}
			made = cilium.LookupReservedIdentity(number)
		case "pod":
			l := labels.Labels{}
			add := func(key, value string) { l[key] = labels.NewLabel(key, value, labels.LabelSourceK8s) }
			for key, value := range id.Labels {
				add(key, value)
			}
			add("io.kubernetes.pod.namespace", id.Namespace)
			add("io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name", id.Namespace)
			add("io.cilium.k8s.policy.cluster", clusterName)
			add("io.cilium.k8s.policy.serviceaccount", "default")
			made = cilium.NewIdentity(cilium.NumericIdentity(1000+i), l)
		case "address", "name":
			address, err := netip.ParseAddr(id.Address)
			if err != nil {
				return nil, err
			}
			l := labels.GetCIDRLabels(netip.PrefixFrom(address, address.BitLen()))
			if id.Kind == "name" {
				selector := api.FQDNSelector{MatchName: id.Name}
				label := selector.IdentityLabel()
				l[label.Key] = label
			}
			made = cilium.NewIdentity(cilium.IdentityScopeLocal+cilium.NumericIdentity(i+1), l)
		default:
			return nil, fmt.Errorf("unknown kind %q", id.Kind)
		}
		if out[id.Name] != nil {
			return nil, fmt.Errorf("two ends are called %q", id.Name)
		}
		out[id.Name] = made
	}
	return out, nil
}

type noMetrics struct{}

func (noMetrics) AddRule(types.PolicyEntry) {}
func (noMetrics) DelRule(types.PolicyEntry) {}

// owner is an endpoint without named ports.
type owner struct{ id uint64 }

func (o owner) GetID() uint64                                    { return o.id }
func (owner) GetIngressNamedPort(string, u8proto.U8proto) uint16 { return 0 }
func (owner) PolicyDebug(string, ...any)                         {}
func (owner) IsHost() bool                                       { return false }
func (owner) PreviousMapStateSizes() policy.MapStateSizes        { return policy.MapStateSizes{} }
func (owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	return nil
}

func copied(ids map[string]*cilium.Identity) cilium.IdentityMap {
	out := cilium.IdentityMap{}
	for _, id := range ids {
		out[id.ID] = id.LabelArray
	}
	return out
}

// configure sets what the agent sets when it starts. Parsing needs it too: an entity that is not known yet would
// select nobody, and a rule with ports and no peer allows everybody.
func configure() {
	option.Config.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAlways // what "auto" is in Kubernetes
	option.Config.EnableIPv4 = true
	api.InitEntities(clusterName)
	policy.SetPolicyEnabled("default")
}

// compare asks Cilium about every ordered pair, of which one end at least is a pod, and returns the differences.
func compare(entries types.PolicyEntries, m *matrix) ([]string, int, error) {
	ids, err := numbered(m)
	if err != nil {
		return nil, 0, err
	}
	repository := policy.NewPolicyRepository(quiet, nil, nil,
		envoypolicy.NewEnvoyL7RulesTranslator(quiet, certificatemanager.NewMockSecretManagerInline()),
		identitymanager.NewIDManager(quiet), noMetrics{})
	repository.GetSelectorCache().UpdateIdentities(copied(ids), nil, &sync.WaitGroup{})
	repository.GetSubjectSelectorCache().UpdateIdentities(copied(ids), nil, &sync.WaitGroup{})
	repository.ReplaceByResource(entries, "lab")

	distilled := map[string]*policy.EndpointPolicy{}
	for _, id := range m.Identities {
		if id.Kind != "pod" {
			continue
		}
		selected, _, err := repository.ComputeSelectorPolicy(ids[id.Name])
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", id.Name, err)
		}
		of := selected.DistillPolicy(quiet, owner{uint64(ids[id.Name].ID)}, map[string]uint16{policy.FallbackRedirectID: math.MaxUint16})
		of.Ready()
		of.Detach(quiet)
		distilled[id.Name] = of
	}
	passes := func(subject string, key policy.Key) bool {
		of := distilled[subject]
		if of == nil {
			return true // no policy of pods rules what is not one
		}
		entry, _, _ := of.Lookup(key)
		return !entry.IsDeny()
	}

	said := map[[2]string][]span{}
	for _, p := range m.Pairs {
		allowed, err := spans(p.Allow)
		if err != nil {
			return nil, 0, err
		}
		said[[2]string{p.From, p.To}] = allowed
	}
	var differences []string
	lookups := 0
	ports := probes(m.Ports)
	for _, from := range m.Identities {
		for _, to := range m.Identities {
			if from.Kind != "pod" && to.Kind != "pod" {
				continue
			}
			allowed := said[[2]string{from.Name, to.Name}]
			for name, protocol := range protocols {
				for _, port := range ports {
					lookups++
					egress := passes(from.Name, policy.EgressKey().WithIdentity(ids[to.Name].ID).WithPortProto(protocol, port))
					ingress := passes(to.Name, policy.IngressKey().WithIdentity(ids[from.Name].ID).WithPortProto(protocol, port))
					if want := holds(allowed, protocol, port); want != (egress && ingress) {
						differences = append(differences, fmt.Sprintf("%s -> %s at %s/%d: Cilium says egress %t, ingress %t; labc says %t",
							from.Name, to.Name, name, port, egress, ingress, want))
					}
				}
			}
		}
	}
	sort.Strings(differences)
	return differences, lookups, nil
}
