package main

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

const gatewayGroup = "gateway.networking.k8s.io"

// builtinGatewayClasses are made by the controller itself, not by a manifest.
var builtinGatewayClasses = map[string]bool{"cilium": true, "traefik": true}

func text(fields map[string]any, key, otherwise string) string {
	if value, ok := fields[key].(string); ok {
		return value
	}
	return otherwise
}

// certificateNames lists the Secrets that the listeners of a Gateway take their certificates from.
func certificateNames(gateway *Object) []string {
	var names []string
	for _, listener := range slice(gateway.At("spec", "listeners")) {
		fields, _ := listener.(map[string]any)
		tls, _ := fields["tls"].(map[string]any)
		for _, reference := range slice(tls["certificateRefs"]) {
			entry, _ := reference.(map[string]any)
			if text(entry, "namespace", gateway.GetNamespace()) == gateway.GetNamespace() {
				names = append(names, text(entry, "name", ""))
			}
		}
	}
	return names
}

func (c *checker) gateway() {
	if class := c.object.Text("spec", "gatewayClassName"); !builtinGatewayClasses[class] {
		c.need(gatewayGroup, "GatewayClass", "", class)
	}
	annotations := c.object.GetAnnotations()
	if name := annotations["cert-manager.io/cluster-issuer"]; name != "" {
		c.issuer("ClusterIssuer", name)
	}
	if name := annotations["cert-manager.io/issuer"]; name != "" {
		c.issuer("Issuer", name)
	}
	for _, name := range certificateNames(c.object) {
		c.secret(name, "", nil)
	}
}

func (c *checker) route() {
	parents := slice(c.object.At("spec", "parentRefs"))
	if len(parents) == 0 {
		c.fail("it has no parentRefs: no gateway takes this route")
	}
	for _, parent := range parents {
		fields, _ := parent.(map[string]any)
		if text(fields, "kind", "Gateway") == "Gateway" {
			c.parent(fields)
		}
	}
	for _, rule := range slice(c.object.At("spec", "rules")) {
		fields, _ := rule.(map[string]any)
		for _, backend := range slice(fields["backendRefs"]) {
			entry, _ := backend.(map[string]any)
			c.backend(entry)
		}
	}
}

func (c *checker) parent(reference map[string]any) {
	namespace := text(reference, "namespace", c.object.GetNamespace())
	gateway := c.need(gatewayGroup, "Gateway", namespace, text(reference, "name", ""))
	if gateway == nil {
		return
	}
	section, sectioned := reference["sectionName"].(string)
	port, ported := reference["port"].(int64)
	var why []string
	for _, one := range slice(gateway.At("spec", "listeners")) {
		listener, _ := one.(map[string]any)
		if (sectioned && listener["name"] != section) || (ported && listener["port"] != port) {
			continue
		}
		if reason := c.refusal(gateway, listener); reason != "" {
			why = append(why, fmt.Sprintf("listener %v %s", listener["name"], reason))
			continue
		}
		return
	}
	if len(why) == 0 {
		c.fail("Gateway %s has no listener %s", gateway.GetName(), section)
		return
	}
	c.fail("no listener of Gateway %s takes this route: %s", gateway.GetName(), strings.Join(why, "; "))
}

// routeProtocols of listeners that take a kind of route (Gateway API, "Protocol types").
var routeProtocols = map[string]string{
	"HTTPRoute": "HTTP HTTPS", "GRPCRoute": "HTTP HTTPS", "TLSRoute": "TLS", "TCPRoute": "TCP", "UDPRoute": "UDP",
}

// refusal says why a listener does not take the route; "" when it does.
func (c *checker) refusal(gateway *Object, listener map[string]any) string {
	if protocol := text(listener, "protocol", ""); !strings.Contains(routeProtocols[c.object.GetKind()]+" ", protocol+" ") {
		return "speaks " + protocol
	}
	allowed, _ := listener["allowedRoutes"].(map[string]any)
	namespaces, _ := allowed["namespaces"].(map[string]any)
	switch text(namespaces, "from", "Same") {
	case "Same":
		if gateway.GetNamespace() != c.object.GetNamespace() {
			return "takes routes of its own namespace only"
		}
	case "Selector":
		namespace := c.tree.Find("", "Namespace", "", c.object.GetNamespace())
		fields, _ := namespaces["selector"].(map[string]any)
		var selector metav1.LabelSelector
		if runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &selector) != nil {
			return "has a selector that cannot be read"
		}
		made, err := metav1.LabelSelectorAsSelector(&selector)
		set := labels.Set{"kubernetes.io/metadata.name": c.object.GetNamespace()} // set by the API server
		if namespace != nil {
			for key, value := range namespace.GetLabels() {
				set[key] = value
			}
		}
		if err != nil || !made.Matches(set) {
			return "does not select the namespace " + c.object.GetNamespace()
		}
	}
	hostnames := slice(c.object.At("spec", "hostnames"))
	own := text(listener, "hostname", "")
	if len(hostnames) == 0 || own == "" {
		return ""
	}
	for _, hostname := range hostnames {
		if intersects(own, fmt.Sprint(hostname)) {
			return ""
		}
	}
	return fmt.Sprintf("is for %s", own)
}

// intersects: a wildcard covers one or more labels in front (Gateway API, HTTPRoute.spec.hostnames).
func intersects(a, b string) bool {
	if a == b {
		return true
	}
	wildA, isWildA := strings.CutPrefix(a, "*")
	wildB, isWildB := strings.CutPrefix(b, "*")
	switch {
	case isWildA && isWildB:
		return strings.HasSuffix(wildA, wildB) || strings.HasSuffix(wildB, wildA)
	case isWildA:
		return strings.HasSuffix(b, wildA)
	case isWildB:
		return strings.HasSuffix(a, wildB)
	}
	return false
}

func (c *checker) backend(reference map[string]any) {
	if text(reference, "kind", "Service") != "Service" || text(reference, "group", "") != "" {
		return
	}
	namespace := text(reference, "namespace", c.object.GetNamespace())
	service := c.need("", "Service", namespace, text(reference, "name", ""))
	if namespace != c.object.GetNamespace() && !c.granted(namespace) {
		c.fail("no ReferenceGrant in %s lets it send to %s", namespace, text(reference, "name", ""))
	}
	if service == nil {
		return
	}
	port, _ := reference["port"].(int64)
	c.servicePort(service, port)
}

func (c *checker) servicePort(service *Object, number int64) {
	for _, port := range slice(service.At("spec", "ports")) {
		fields, _ := port.(map[string]any)
		if fields["port"] == number {
			return
		}
	}
	c.fail("Service %s has no port %d", service.GetName(), number)
}

// granted looks for a ReferenceGrant in the target's namespace.
func (c *checker) granted(namespace string) bool {
	for _, grant := range c.tree.Select(gatewayGroup, "ReferenceGrant") {
		if grant.GetNamespace() != namespace {
			continue
		}
		for _, from := range slice(grant.At("spec", "from")) {
			fields, _ := from.(map[string]any)
			if fields["kind"] == c.object.GetKind() && fields["namespace"] == c.object.GetNamespace() {
				return true
			}
		}
	}
	return false
}

func (c *checker) ingress() {
	if class := c.object.Text("spec", "ingressClassName"); class != "" {
		c.need("networking.k8s.io", "IngressClass", "", class)
	}
	for _, rule := range slice(c.object.At("spec", "rules")) {
		fields, _ := rule.(map[string]any)
		http, _ := fields["http"].(map[string]any)
		for _, path := range slice(http["paths"]) {
			entry, _ := path.(map[string]any)
			backend, _ := entry["backend"].(map[string]any)
			target, _ := backend["service"].(map[string]any)
			if target == nil {
				continue
			}
			service := c.need("", "Service", c.object.GetNamespace(), text(target, "name", ""))
			if service == nil {
				continue
			}
			port, _ := target["port"].(map[string]any)
			if name, named := port["name"].(string); named {
				if portNumber(service, name) == 0 {
					c.fail("Service %s has no port %q", service.GetName(), name)
				}
			} else if number, ok := port["number"].(int64); ok {
				c.servicePort(service, number)
			}
		}
	}
	for _, entry := range slice(c.object.At("spec", "tls")) {
		fields, _ := entry.(map[string]any)
		annotations := c.object.GetAnnotations()
		if name := text(fields, "secretName", ""); name != "" && annotations["cert-manager.io/cluster-issuer"]+annotations["cert-manager.io/issuer"] == "" {
			c.secret(name, "", nil)
		}
	}
}
