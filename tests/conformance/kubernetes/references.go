package main

import (
	"fmt"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// judgeReferences sees that what an object names is there. What a Helm chart makes is not in the tree:
// a name in a namespace that a chart is installed into is taken on trust and noted.
func judgeReferences(tree *Tree, report *Report) {
	check := newChecker(tree, report)
	for _, workload := range check.workloads {
		check.pod(workload)
	}
	for _, object := range tree.Objects {
		check.object = object
		check.namespace()
		if rule := rules[object.Group()+"/"+object.GetKind()]; rule != nil {
			rule(check)
		}
	}
	for _, object := range tree.Objects {
		report.Say(object.What(), check.problems[object]...)
	}
}

// rules by group and kind; pods are checked apart.
var rules = map[string]func(*checker){
	"/Service":                                     (*checker).service,
	"/PersistentVolumeClaim":                       (*checker).claim,
	"apps/StatefulSet":                             (*checker).statefulSet,
	"autoscaling/HorizontalPodAutoscaler":          (*checker).autoscaler,
	"policy/PodDisruptionBudget":                   (*checker).disruptionBudget,
	"networking.k8s.io/Ingress":                    (*checker).ingress,
	"rbac.authorization.k8s.io/RoleBinding":        (*checker).binding,
	"rbac.authorization.k8s.io/ClusterRoleBinding": (*checker).binding,
	"gateway.networking.k8s.io/Gateway":            (*checker).gateway,
	"gateway.networking.k8s.io/HTTPRoute":          (*checker).route,
	"gateway.networking.k8s.io/GRPCRoute":          (*checker).route,
	"gateway.networking.k8s.io/TLSRoute":           (*checker).route,
	"gateway.networking.k8s.io/TCPRoute":           (*checker).route,
	"gateway.networking.k8s.io/UDPRoute":           (*checker).route,
	"cert-manager.io/Certificate":                  (*checker).certificate,
	"monitoring.coreos.com/ServiceMonitor":         (*checker).serviceMonitor,
	"argoproj.io/Application":                      (*checker).application,
}

type checker struct {
	tree      *Tree
	report    *Report
	workloads []Workload
	object    *Object
	problems  map[*Object][]string
	secrets   map[string]map[string]bool // namespace/name to its keys; nil keys: not known
	charts    map[string][]string        // namespace to the releases installed into it
}

func newChecker(tree *Tree, report *Report) *checker {
	c := &checker{tree: tree, report: report, workloads: tree.Workloads(), problems: map[*Object][]string{},
		secrets: map[string]map[string]bool{}, charts: map[string][]string{}}
	for _, application := range tree.Select("argoproj.io", "Application") {
		for _, source := range applicationSources(application) {
			if source.chart != "" {
				namespace := application.Text("spec", "destination", "namespace")
				c.charts[namespace] = append(c.charts[namespace], source.releaseName)
			}
		}
	}
	for _, release := range tree.Select("helm.toolkit.fluxcd.io", "HelmRelease") {
		namespace := release.Text("spec", "targetNamespace")
		if namespace == "" {
			namespace = release.GetNamespace()
		}
		c.charts[namespace] = append(c.charts[namespace], release.GetName())
	}
	c.collectSecrets()
	return c
}

// collectSecrets finds the Secrets that will exist and where known their keys.
func (c *checker) collectSecrets() {
	add := func(namespace, name string, keys map[string]bool) { c.secrets[namespace+"/"+name] = keys }
	for _, objects := range [][]*Object{c.tree.Objects, c.tree.Encrypted} {
		for _, object := range objects {
			switch object.Group() + "/" + object.GetKind() {
			case "/Secret":
				keys := map[string]bool{}
				for _, field := range []string{"data", "stringData"} {
					values, _ := object.At(field).(map[string]any)
					for key := range values {
						keys[key] = true
					}
				}
				add(object.GetNamespace(), object.GetName(), keys)
			case "cert-manager.io/Certificate":
				add(object.GetNamespace(), object.Text("spec", "secretName"), nil)
			case "external-secrets.io/ExternalSecret":
				name := object.Text("spec", "target", "name")
				if name == "" {
					name = object.GetName()
				}
				add(object.GetNamespace(), name, nil)
			case "bitnami.com/SealedSecret":
				add(object.GetNamespace(), object.GetName(), nil)
			case "postgresql.cnpg.io/Cluster":
				add(object.GetNamespace(), object.GetName()+"-app", nil)
			case "gateway.networking.k8s.io/Gateway":
				annotations := object.GetAnnotations()
				if annotations["cert-manager.io/cluster-issuer"]+annotations["cert-manager.io/issuer"] != "" {
					for _, name := range certificateNames(object) {
						add(object.GetNamespace(), name, nil)
					}
				}
			}
		}
	}
}

func (c *checker) fail(format string, args ...any) { c.failOn(c.object, format, args...) }

func (c *checker) failOn(object *Object, format string, args ...any) {
	c.problems[object] = append(c.problems[object], fmt.Sprintf(format, args...))
}

// trusted says whether charts may make what is missing in a namespace, and notes it.
func (c *checker) trusted(namespace, what string) bool {
	releases := c.charts[namespace]
	if len(releases) == 0 {
		return false
	}
	c.report.Note("%s: %s is taken to be made by a chart in %s (%s)", c.object.What(), what, namespace, strings.Join(releases, ", "))
	return true
}

// need reports a missing object.
func (c *checker) need(group, kind, namespace, name string) *Object {
	found := c.tree.Find(group, kind, namespace, name)
	if found == nil && !c.trusted(namespace, kind+" "+name) {
		c.fail("there is no %s %s", kind, strings.TrimPrefix(namespace+"/"+name, "/"))
	}
	return found
}

// builtinNamespaces are made by Kubernetes itself.
var builtinNamespaces = map[string]bool{"default": true, "kube-system": true, "kube-public": true, "kube-node-lease": true}

func (c *checker) namespace() {
	name := c.object.GetNamespace()
	if name == "" || builtinNamespaces[name] || c.tree.Find("", "Namespace", "", name) != nil {
		return
	}
	for _, application := range c.tree.Select("argoproj.io", "Application") {
		if application.Text("spec", "destination", "namespace") == name &&
			strings.Contains(fmt.Sprint(application.At("spec", "syncPolicy", "syncOptions")), "CreateNamespace=true") {
			return
		}
	}
	c.fail("there is no Namespace %s", name)
}

// ---- pods

func (c *checker) pod(workload Workload) {
	c.object = workload.Object
	spec := &workload.Pod.Spec
	namespace := workload.GetNamespace()
	if name := spec.ServiceAccountName; name != "" && name != "default" {
		c.need("", "ServiceAccount", namespace, name)
	}
	if name := spec.PriorityClassName; name != "" && !strings.HasPrefix(name, "system-") {
		c.need("scheduling.k8s.io", "PriorityClass", "", name)
	}
	if spec.RuntimeClassName != nil {
		c.need("node.k8s.io", "RuntimeClass", "", *spec.RuntimeClassName)
	}
	for _, secret := range spec.ImagePullSecrets {
		c.secret(secret.Name, "", nil)
	}
	for _, container := range append(append([]corev1.Container{}, spec.InitContainers...), spec.Containers...) {
		for _, source := range container.EnvFrom {
			if source.SecretRef != nil {
				c.secret(source.SecretRef.Name, "", source.SecretRef.Optional)
			}
			if source.ConfigMapRef != nil {
				c.configMap(source.ConfigMapRef.Name, "", source.ConfigMapRef.Optional)
			}
		}
		for _, env := range container.Env {
			if env.ValueFrom != nil && env.ValueFrom.SecretKeyRef != nil {
				c.secret(env.ValueFrom.SecretKeyRef.Name, env.ValueFrom.SecretKeyRef.Key, env.ValueFrom.SecretKeyRef.Optional)
			}
			if env.ValueFrom != nil && env.ValueFrom.ConfigMapKeyRef != nil {
				c.configMap(env.ValueFrom.ConfigMapKeyRef.Name, env.ValueFrom.ConfigMapKeyRef.Key, env.ValueFrom.ConfigMapKeyRef.Optional)
			}
		}
	}
	for _, volume := range spec.Volumes {
		c.volume(volume)
	}
}

func (c *checker) volume(volume corev1.Volume) {
	if volume.PersistentVolumeClaim != nil {
		c.need("", "PersistentVolumeClaim", c.object.GetNamespace(), volume.PersistentVolumeClaim.ClaimName)
	}
	if source := volume.Secret; source != nil {
		c.secret(source.SecretName, "", source.Optional)
		for _, item := range source.Items {
			c.secret(source.SecretName, item.Key, source.Optional)
		}
	}
	if source := volume.ConfigMap; source != nil {
		c.configMap(source.Name, "", source.Optional)
		for _, item := range source.Items {
			c.configMap(source.Name, item.Key, source.Optional)
		}
	}
	if volume.Projected == nil {
		return
	}
	for _, source := range volume.Projected.Sources {
		if source.Secret != nil {
			c.secret(source.Secret.Name, "", source.Secret.Optional)
		}
		if source.ConfigMap != nil {
			c.configMap(source.ConfigMap.Name, "", source.ConfigMap.Optional)
		}
	}
}

func isTrue(value *bool) bool { return value != nil && *value }

// secret checks a Secret of the object's namespace, with a key when one is named.
func (c *checker) secret(name, key string, optional *bool) {
	keys, ok := c.secrets[c.object.GetNamespace()+"/"+name]
	switch {
	case isTrue(optional):
	case !ok:
		if !c.trusted(c.object.GetNamespace(), "Secret "+name) {
			c.fail("there is no Secret %s/%s", c.object.GetNamespace(), name)
		}
	case key != "" && keys != nil && !keys[key]:
		c.fail("Secret %s has no key %q", name, key)
	}
}

func (c *checker) configMap(name, key string, optional *bool) {
	if isTrue(optional) || (name == "kube-root-ca.crt") {
		return
	}
	found := c.need("", "ConfigMap", c.object.GetNamespace(), name)
	if found != nil && key != "" && found.At("data", key) == nil && found.At("binaryData", key) == nil {
		c.fail("ConfigMap %s has no key %q", name, key)
	}
}

// ---- workloads and what selects them

// pods lists the workloads of a namespace whose pods a selector takes.
func (c *checker) pods(namespace string, selector labels.Selector) []Workload {
	var found []Workload
	for _, workload := range c.workloads {
		if workload.GetNamespace() == namespace && selector.Matches(labels.Set(workload.Pod.Labels)) {
			found = append(found, workload)
		}
	}
	return found
}

func (c *checker) service() {
	selector, _ := c.object.At("spec", "selector").(map[string]any)
	if len(selector) == 0 {
		return // ExternalName, or endpoints given by hand
	}
	var service corev1.Service
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(c.object.Object, &service); err != nil {
		return // the schema judge reports it
	}
	pods := c.pods(service.Namespace, labels.SelectorFromSet(service.Spec.Selector))
	if len(pods) == 0 {
		if !c.trusted(service.Namespace, "a pod for the selector") {
			c.fail("no workload in %s has the labels %s", service.Namespace, labels.FormatLabels(service.Spec.Selector))
		}
		return
	}
	for _, port := range service.Spec.Ports {
		for _, pod := range pods {
			if !exposes(&pod.Pod.Spec, port) {
				c.fail("targetPort %s/%s of port %s is no container port of %s", port.TargetPort.String(), protocol(port.Protocol), port.Name, pod.What())
			}
		}
	}
}

func protocol(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

// exposes says whether a container declares the port that a Service sends to.
func exposes(spec *corev1.PodSpec, port corev1.ServicePort) bool {
	target := port.TargetPort
	if target.Type == intstr.Int && target.IntVal == 0 {
		target.IntVal = port.Port
	}
	containers := append([]corev1.Container{}, spec.Containers...)
	for _, container := range spec.InitContainers {
		if container.RestartPolicy != nil { // a native sidecar
			containers = append(containers, container)
		}
	}
	for _, container := range containers {
		for _, declared := range container.Ports {
			same := declared.ContainerPort == target.IntVal
			if target.Type == intstr.String {
				same = declared.Name == target.StrVal
			}
			if same && protocol(declared.Protocol) == protocol(port.Protocol) {
				return true
			}
		}
	}
	return false
}

func (c *checker) statefulSet() {
	if name := c.object.Text("spec", "serviceName"); name != "" {
		c.need("", "Service", c.object.GetNamespace(), name)
	}
	for _, claim := range slice(c.object.At("spec", "volumeClaimTemplates")) {
		fields, _ := claim.(map[string]any)
		spec, _ := fields["spec"].(map[string]any)
		c.storageClass(spec)
	}
}

func (c *checker) autoscaler() {
	group := strings.Split(c.object.Text("spec", "scaleTargetRef", "apiVersion"), "/")[0]
	c.need(group, c.object.Text("spec", "scaleTargetRef", "kind"), c.object.GetNamespace(), c.object.Text("spec", "scaleTargetRef", "name"))
}

func (c *checker) selected(path ...string) (labels.Selector, bool) {
	fields, ok := c.object.At(path...).(map[string]any)
	var selector metav1.LabelSelector
	if !ok || runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &selector) != nil {
		return nil, false
	}
	made, err := metav1.LabelSelectorAsSelector(&selector)
	return made, err == nil
}

func (c *checker) disruptionBudget() {
	selector, ok := c.selected("spec", "selector")
	if ok && len(c.pods(c.object.GetNamespace(), selector)) == 0 && !c.trusted(c.object.GetNamespace(), "a pod for the selector") {
		c.fail("no workload in %s matches %s", c.object.GetNamespace(), selector)
	}
}

// ---- storage

func (c *checker) storageClass(spec map[string]any) {
	name, named := spec["storageClassName"].(string)
	if named && name == "" {
		return
	}
	for _, class := range c.tree.Select("storage.k8s.io", "StorageClass") {
		if class.GetName() == name || (!named && class.GetAnnotations()["storageclass.kubernetes.io/is-default-class"] == "true") {
			return
		}
	}
	if !named {
		c.fail("no StorageClass is the default one")
		return
	}
	// Charts of storage drivers make classes; which one is not in the tree.
	for namespace := range c.charts {
		for _, release := range c.charts[namespace] {
			if strings.Contains(name, release) || strings.Contains(release, name) {
				c.report.Note("%s: StorageClass %s is taken to be made by the chart %s", c.object.What(), name, release)
				return
			}
		}
	}
	c.fail("there is no StorageClass %s", name)
}

func (c *checker) claim() {
	spec, _ := c.object.At("spec").(map[string]any)
	volumeName, _ := spec["volumeName"].(string)
	if volumeName == "" {
		c.storageClass(spec)
		return
	}
	volume := c.need("", "PersistentVolume", "", volumeName)
	if volume == nil {
		return
	}
	var claimed corev1.PersistentVolumeClaim
	var offered corev1.PersistentVolume
	if runtime.DefaultUnstructuredConverter.FromUnstructured(c.object.Object, &claimed) != nil ||
		runtime.DefaultUnstructuredConverter.FromUnstructured(volume.Object, &offered) != nil {
		return // the schema judge reports it
	}
	class := ""
	if claimed.Spec.StorageClassName != nil {
		class = *claimed.Spec.StorageClassName
	} else {
		c.fail("without storageClassName: \"\" the default class takes this claim away from volume %s", volumeName)
	}
	if class != offered.Spec.StorageClassName {
		c.fail("storageClassName %q differs from volume %s's %q", class, volumeName, offered.Spec.StorageClassName)
	}
	if ref := offered.Spec.ClaimRef; ref != nil && (ref.Name != claimed.Name || ref.Namespace != claimed.Namespace) {
		c.fail("volume %s is kept for %s/%s", volumeName, ref.Namespace, ref.Name)
	}
	if request := claimed.Spec.Resources.Requests[corev1.ResourceStorage]; request.Cmp(offered.Spec.Capacity[corev1.ResourceStorage]) > 0 {
		c.fail("asks for more than volume %s has", volumeName)
	}
	for _, mode := range claimed.Spec.AccessModes {
		if !strings.Contains(fmt.Sprint(offered.Spec.AccessModes), string(mode)) {
			c.fail("volume %s does not offer %s", volumeName, mode)
		}
	}
}

// ---- access

// builtinRole are roles that the API server makes.
func builtinRole(name string) bool {
	return name == "cluster-admin" || name == "admin" || name == "edit" || name == "view" || strings.HasPrefix(name, "system:")
}

func (c *checker) binding() {
	kind, name := c.object.Text("roleRef", "kind"), c.object.Text("roleRef", "name")
	if kind == "Role" {
		c.need("rbac.authorization.k8s.io", kind, c.object.GetNamespace(), name)
	} else if !builtinRole(name) {
		c.need("rbac.authorization.k8s.io", kind, "", name)
	}
	for _, subject := range slice(c.object.At("subjects")) {
		fields, _ := subject.(map[string]any)
		if fields["kind"] == "ServiceAccount" && fields["name"] != "default" {
			c.need("", "ServiceAccount", fmt.Sprint(fields["namespace"]), fmt.Sprint(fields["name"]))
		}
	}
}

// ---- certificates, monitoring, Argo CD

func (c *checker) issuer(kind, name string) {
	if kind == "ClusterIssuer" {
		c.need("cert-manager.io", kind, "", name)
	} else {
		c.need("cert-manager.io", "Issuer", c.object.GetNamespace(), name)
	}
}

func (c *checker) certificate() {
	c.issuer(c.object.Text("spec", "issuerRef", "kind"), c.object.Text("spec", "issuerRef", "name"))
}

func (c *checker) serviceMonitor() {
	selector, ok := c.selected("spec", "selector")
	if !ok {
		return
	}
	namespaces := map[string]bool{}
	for _, name := range slice(c.object.At("spec", "namespaceSelector", "matchNames")) {
		namespaces[fmt.Sprint(name)] = true
	}
	all, _ := c.object.At("spec", "namespaceSelector", "any").(bool)
	if len(namespaces) == 0 {
		namespaces[c.object.GetNamespace()] = true
	}
	var found []*Object
	for _, service := range c.tree.Select("", "Service") {
		if (all || namespaces[service.GetNamespace()]) && selector.Matches(labels.Set(service.GetLabels())) {
			found = append(found, service)
		}
	}
	if len(found) == 0 {
		names := make([]string, 0, len(namespaces))
		for name := range namespaces {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			if c.trusted(name, "a Service for the selector") {
				return
			}
		}
		c.fail("no Service in %s matches %s", strings.Join(names, ", "), selector)
	}
	for _, endpoint := range slice(c.object.At("spec", "endpoints")) {
		fields, _ := endpoint.(map[string]any)
		port, named := fields["port"].(string)
		for _, service := range found {
			if named && portNumber(service, port) == 0 {
				c.fail("%s has no port %q", service.What(), port)
			}
		}
	}
}

// portNumber of a Service's named port; 0 when it has none of that name.
func portNumber(service *Object, name string) int64 {
	for _, port := range slice(service.At("spec", "ports")) {
		fields, _ := port.(map[string]any)
		if fields["name"] == name {
			number, _ := fields["port"].(int64)
			return number
		}
	}
	return 0
}

func (c *checker) application() {
	if project := c.object.Text("spec", "project"); project != "default" {
		c.need("argoproj.io", "AppProject", c.object.GetNamespace(), project)
	}
	for _, source := range applicationSources(c.object) {
		if source.path != "" {
			if _, ok := treePath(c.tree, source.path); !ok {
				if c.tree.isOwnRepository(source.repository) {
					c.fail("there is no folder %s", source.path)
				} else {
					c.report.Note("%s: folder %s is taken to be in %s", c.object.What(), source.path, source.repository)
				}
			}
		}
		for _, value := range source.values {
			rest, local := strings.CutPrefix(value, "$values/")
			if !local {
				continue
			}
			if _, ok := treePath(c.tree, rest); !ok {
				c.fail("there is no values file %s", value)
			}
		}
	}
}
