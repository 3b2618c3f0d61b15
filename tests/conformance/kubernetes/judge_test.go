package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "ksops" {
		if err := runKsops(os.Stdin, os.Stdout); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The good tree passes every judge, and every judge says something about it.
func TestGoodTree(t *testing.T) {
	var out strings.Builder
	report, err := judgeTree("testdata/good", "", &out)
	if err != nil {
		t.Fatal(err)
	}
	if report.failures != 0 {
		t.Error(out.String())
	}
	for _, judge := range judges {
		if !strings.Contains(out.String(), "ok "+judge.name+" ") {
			t.Errorf("%s judged nothing", judge.name)
		}
	}
}

type edit struct{ judge, file, old, new, want string }

const (
	sonarr   = "kubernetes/media/sonarr/"
	platform = "kubernetes/kube-system/platform/"
	media    = "kubernetes/media/media/"
	argo     = "gitops/argocd/"
)

// Each edit of the good tree must be refused by the judge named, for the reason given. An empty file name
// stands for a new file at the path in old.
var badTrees = []edit{
	// strict decoding
	{"schema", sonarr + "deployment.yaml", "replicas: 1", "replica: 1", `unknown field "spec.replica"`},
	{"schema", sonarr + "deployment.yaml", "replicas: 1", "replicas: one", "replicas"},
	{"schema", sonarr + "deployment.yaml", "replicas: 1", "replicas: 1\n  replicas: 1", "already set in map"},
	{"schema", sonarr + "route.yaml", "  hostnames:", "  hostname: x\n  hostnames:", `unknown field "spec.hostname"`},
	{"schema", sonarr + "policy.yaml", "endpointSelector:", "endpointSelctor:", `unknown field "spec.endpointSelctor"`},
	{"schema", argo + "sonarr.yaml", "prune: true", "prune: true\n      prune: true", "already set in map"},
	// create strategies
	{"schema", sonarr + "deployment.yaml", "matchLabels:\n      app.kubernetes.io/name: sonarr", "matchLabels:\n      app.kubernetes.io/name: radarr", "`selector` does not match template `labels`"},
	{"schema", sonarr + "deployment.yaml", "containerPort: 8989", "containerPort: 80800", "must be between 1 and 65535"},
	{"schema", sonarr + "deployment.yaml", "memory: 1Gi", "memory: 1 GB", "quantities must match"},
	{"schema", sonarr + "deployment.yaml", "memory: 1Gi", "memory: 1Mi", "must be less than or equal to memory limit"},
	{"schema", sonarr + "deployment.yaml", "            - name: extra\n              mountPath", "            - name: extras\n              mountPath", `Not found: "extras"`},
	{"schema", sonarr + "deployment.yaml", "image: ghcr.io/home-operations/sonarr:4.0.16", "imagePullPolicy: Sometimes\n          image: x", "imagePullPolicy"},
	{"schema", sonarr + "deployment.yaml", "    type: Recreate", "    type: Recreate\n    rollingUpdate:\n      maxSurge: 1", "may not be specified when strategy `type` is 'Recreate'"},
	{"schema", sonarr + "deployment.yaml", "          env:\n", "          env:\n            - name: KEY\n              value: twice\n", "warning: "},
	{"schema", sonarr + "service.yaml", "port: 80\n", "port: 80\n      nodePort: 30000\n", "may not be used when `type` is 'ClusterIP'"},
	{"schema", sonarr + "service.yaml", "name: http\n", "name: HTTP\n", "a lowercase RFC 1123 label must consist"},
	{"schema", sonarr + "claim.yaml", "storage: 5Gi", "storage: -5Gi", "must be greater than"},
	{"schema", sonarr + "claim.yaml", "  namespace: media\n", "", "names no namespace"},
	{"schema", sonarr + "config.yaml", "extra.conf:", "extra conf:", "a valid config key"},
	{"schema", media + "volume.yaml", "share: /mnt/tank/media", "share: /mnt/tank/media\n  nfs:\n    server: x\n    path: /x", "may not specify more than 1 volume type"},
	{"schema", "kubernetes/media/namespace/namespace.yaml", "name: media\n", "name: Media\n", "a lowercase RFC 1123 label"},
	{"schema", "kubernetes/media/namespace/namespace.yaml", "gateway-access: internal", "gateway-access: a b", "a valid label must be"},
	{"schema", platform + "report.yaml", "0 3 * * *", "0 3 * *", "expected exactly 5 fields"},
	{"schema", platform + "report.yaml", "Europe/Brussels", "Europe/Atlantis", "timeZone"},
	{"schema", platform + "report.yaml", "restartPolicy: Never", "restartPolicy: Always", "restartPolicy: Required value"},
	{"schema", platform + "access.yaml", "    verbs:\n      - list\n", "    verbs: []\n", "verbs must contain at least one value"},
	{"schema", platform + "storageclass.yaml", "reclaimPolicy: Retain", "reclaimPolicy: Keep", "reclaimPolicy"},
	{"schema", platform + "admission.yaml", "c.image.endsWith", "c.image.endsWit", "undeclared reference"},
	// schemas of custom kinds and their CEL rules
	{"schema", sonarr + "policy.yaml", "port: \"8989\"", "port: 8989", "must be of type string"},
	{"schema", sonarr + "policy.yaml", "- ingress\n", "- internet\n", "Unsupported value: \"internet\""},
	{"schema", sonarr + "route.yaml", "          port: 80", "          weight: 1", "Must have port for Service reference"},
	{"schema", sonarr + "route.yaml", "sonarr.int.example.net", "https://sonarr.int.example.net", "should match"},
	{"schema", platform + "gateway.yaml", "        mode: Terminate\n        certificateRefs:\n          - name: internal-tls\n", "        mode: Terminate\n", "certificateRefs or options must be specified when mode is Terminate"},
	{"schema", platform + "issuer.yaml", "    server: https://acme-v02.api.letsencrypt.org/directory\n", "", "Required value"},
	{"schema", sonarr + "servicemonitor.yaml", "port: http", "port: http\n      interval: 5 minutes", "should match"},
	{"schema", argo + "sonarr.yaml", "  project: home\n", "", "Required value"},
	{"schema", sonarr + "route.yaml", "gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1alpha2", "no schema for"},
	{"schema", sonarr + "policy.yaml", "cilium.io/v2", "example.net/v1", "no schema for example.net/v1"},
	{"schema", sonarr + "policy.yaml", "metadata:\n  name: sonarr", "metadata:\n  name: So_narr", "a lowercase RFC 1123 subdomain"},
	{"schema", platform + "access.yaml", "name: reporter\n  namespace: kube-system\n---", "name: reporter\n  namespace: kube-system\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: reporter\n  namespace: kube-system\n---", "the same object stands in"},

	{"load", sonarr + "config.yaml", "kind: ConfigMap\n", "", "without apiVersion and kind"},
	{"load", sonarr + "config.yaml", "\ndata:", "\ndata: {", "yaml"},

	{"podsecurity", sonarr + "deployment.yaml", "        runAsNonRoot: true\n", "", "runAsNonRoot"},
	{"podsecurity", sonarr + "deployment.yaml", "runAsUser: 3001", "runAsUser: 0", "runAsUser=0"},
	{"podsecurity", sonarr + "deployment.yaml", "            capabilities:\n              drop:\n                - ALL\n", "", "unrestricted capabilities"},
	{"podsecurity", sonarr + "deployment.yaml", "        - name: media\n          persistentVolumeClaim:\n            claimName: media\n", "        - name: media\n          nfs:\n            server: 192.168.30.5\n            path: /mnt/tank/media\n", "restricted volume types"},
	{"podsecurity", sonarr + "deployment.yaml", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "allowPrivilegeEscalation"},
	{"podsecurity", "kubernetes/media/namespace/namespace.yaml", "enforce: restricted", "enforce: strict", "must be one of"},
	{"podsecurity", platform + "report.yaml", "namespace: kube-system\nspec:", "namespace: media\nspec:", "forbidden at level restricted"},
	{"podsecurity", platform + "report.yaml", "namespace: kube-system\nspec:\n  schedule: 0 3 * * *\n  timeZone: Europe/Brussels\n  jobTemplate:\n    spec:\n      template:\n        spec:\n", "namespace: argocd\nspec:\n  schedule: 0 3 * * *\n  timeZone: Europe/Brussels\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          hostNetwork: true\n", "forbidden at level baseline"},

	{"kustomize", sonarr + "kustomization.yaml", "  - route.yaml\n", "", "no kustomization lists it"},
	{"kustomize", sonarr + "kustomization.yaml", "  - route.yaml\n", "  - routes.yaml\n", "routes.yaml"},
	{"kustomize", sonarr + "kustomization.yaml", "resources:", "resource:", "resource"},
	{"kustomize", sonarr + "kustomization.yaml", "  - route.yaml\n", "  - route.yaml\n  - route.yaml\n", "route.yaml"},
	{"kustomize", platform + "kustomization.yaml", "  - report.yaml\n", "  - report.yaml\n  - ../../media/sonarr/route.yaml\n", "is not in or below"},
	{"kustomize", sonarr + "secret-generator.yaml", "  - ./secret.sops.yaml\n", "", "no kustomization lists it"},
	{"kustomize", sonarr + "secret-generator.yaml", "./secret.sops.yaml", "./secrets.sops.yaml", "execute function"},
	{"kustomize", sonarr + "secret.sops.yaml", "sops:\n  version: 3.11.0\n", "", "execute function"},
	{"kustomize", sonarr + "secret-digest.sops.yaml", "    config.kubernetes.io/local-config: \"true\"\n", "    x: y\n", "would be applied"},
	{"kustomize", sonarr + "kustomization.yaml", "annotations.checksum/secrets", "annotations.other", "does not restart"},
	{"kustomize", "", "kubernetes/media/stray/object.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: stray\n  namespace: media\n", "no kustomization lists it"},

	{"references", sonarr + "service.yaml", "  selector:\n    app.kubernetes.io/name: sonarr", "  selector:\n    app.kubernetes.io/name: radarr", "no workload in media has the labels"},
	{"references", sonarr + "service.yaml", "targetPort: http", "targetPort: https", "targetPort https/TCP"},
	{"references", sonarr + "service.yaml", "targetPort: http", "targetPort: 8990", "targetPort 8990/TCP"},
	{"references", sonarr + "service.yaml", "targetPort: http", "targetPort: http\n      protocol: UDP", "targetPort http/UDP"},
	{"references", sonarr + "route.yaml", "          port: 80", "          port: 8989", "Service sonarr has no port 8989"},
	{"references", sonarr + "route.yaml", "        - name: sonarr\n", "        - name: radarr\n", "no Service media/radarr"},
	{"references", sonarr + "route.yaml", "sectionName: https", "sectionName: http", "no listener http"},
	{"references", sonarr + "route.yaml", "name: internal\n", "name: external\n", "no Gateway kube-system/external"},
	{"references", sonarr + "route.yaml", "sonarr.int.example.net", "sonarr.example.net", "is for *.int.example.net"},
	{"references", sonarr + "route.yaml", "  parentRefs:\n    - name: internal\n      namespace: kube-system\n      sectionName: https\n", "", "no parentRefs"},
	{"references", sonarr + "route.yaml", "kind: HTTPRoute", "kind: TLSRoute", "speaks HTTPS"},
	{"references", "kubernetes/media/namespace/namespace.yaml", "gateway-access: internal", "gateway-access: external", "does not select the namespace media"},
	{"references", platform + "gateway.yaml", "from: Selector", "from: Same", "takes routes of its own namespace only"},
	{"references", platform + "gateway.yaml", "gatewayClassName: cilium", "gatewayClassName: nginx", "no GatewayClass nginx"},
	{"references", platform + "gateway.yaml", "    cert-manager.io/cluster-issuer: letsencrypt\n", "    note: x\n", "no Secret kube-system/internal-tls"},
	{"references", platform + "gateway.yaml", "cluster-issuer: letsencrypt", "cluster-issuer: letsencript", "no ClusterIssuer letsencript"},
	{"references", sonarr + "route.yaml", "        - name: sonarr\n", "        - name: sonarr\n          namespace: argocd\n", "no ReferenceGrant in argocd"},
	{"references", sonarr + "claim.yaml", "nfs-config", "nfs", "no StorageClass nfs"},
	{"references", media + "claim.yaml", "volumeName: media-media", "volumeName: media", "no PersistentVolume media"},
	{"references", media + "claim.yaml", "storage: 10Ti", "storage: 11Ti", "asks for more than volume"},
	{"references", media + "claim.yaml", "ReadWriteMany", "ReadWriteOnce", "does not offer ReadWriteOnce"},
	{"references", media + "claim.yaml", "  storageClassName: \"\"\n", "", "the default class takes this claim away"},
	{"references", media + "volume.yaml", "    namespace: media\n", "    namespace: other\n", "is kept for other/media"},
	{"references", sonarr + "deployment.yaml", "claimName: sonarr-config", "claimName: config", "no PersistentVolumeClaim media/config"},
	{"references", sonarr + "deployment.yaml", "name: sonarr\n                  key: api-key", "name: radarr\n                  key: api-key", "no Secret media/radarr"},
	{"references", sonarr + "deployment.yaml", "key: api-key", "key: apikey", "no key \"apikey\""},
	{"references", sonarr + "deployment.yaml", "key: extra.conf", "key: more.conf", "no key \"more.conf\""},
	{"references", sonarr + "deployment.yaml", "            name: sonarr\n            items", "            name: config\n            items", "no ConfigMap media/config"},
	{"references", sonarr + "deployment.yaml", "serviceAccountName: sonarr", "serviceAccountName: radarr", "no ServiceAccount media/radarr"},
	{"references", sonarr + "servicemonitor.yaml", "app.kubernetes.io/name: sonarr", "app.kubernetes.io/name: radarr", "no Service in media matches"},
	{"references", sonarr + "servicemonitor.yaml", "port: http", "port: metrics", "has no port \"metrics\""},
	{"references", platform + "access.yaml", "  kind: ClusterRole\n  name: reporter", "  kind: ClusterRole\n  name: report", "no ClusterRole report"},
	{"references", platform + "access.yaml", "    name: reporter\n    namespace: kube-system", "    name: report\n    namespace: kube-system", "no ServiceAccount kube-system/report"},
	{"references", argo + "sonarr.yaml", "out/kubernetes/media/sonarr", "out/kubernetes/media/radarr", "no folder out/kubernetes/media/radarr"},
	{"references", argo + "sonarr.yaml", "project: home", "project: away", "no AppProject argocd/away"},
	{"references", argo + "sonarr.yaml", "namespace: argocd", "namespace: argo", "there is no Namespace argo"},
}

func TestBadTrees(t *testing.T) {
	for _, bad := range badTrees {
		t.Run(bad.judge+"/"+bad.want, func(t *testing.T) {
			tree := t.TempDir()
			if err := os.CopyFS(tree, os.DirFS("testdata/good")); err != nil {
				t.Fatal(err)
			}
			apply(t, tree, bad)
			var out strings.Builder
			report, err := judgeTree(tree, bad.judge, &out)
			if err != nil {
				t.Fatal(err)
			}
			for _, block := range strings.Split("\n"+out.String(), "\nFAIL ")[1:] {
				block = strings.SplitN(block, "\nok ", 2)[0]
				if strings.HasPrefix(block, bad.judge+" ") && strings.Contains(block, bad.want) {
					return
				}
			}
			t.Errorf("%d failures, none by %s with %q:\n%s", report.failures, bad.judge, bad.want, failuresOnly(out.String()))
		})
	}
}

func apply(t *testing.T, tree string, bad edit) {
	t.Helper()
	if bad.file == "" {
		file := filepath.Join(tree, bad.old)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(bad.new), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	file := filepath.Join(tree, bad.file)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if count := strings.Count(string(content), bad.old); count != 1 {
		t.Fatalf("%s: %q occurs %d times", bad.file, bad.old, count)
	}
	changed := strings.Replace(string(content), bad.old, bad.new, 1)
	if err := os.WriteFile(file, []byte(changed), 0o666); err != nil {
		t.Fatal(err)
	}
}

func failuresOnly(out string) string {
	var lines []string
	for _, line := range strings.Split(out, "\n") {
		if !strings.HasPrefix(line, "ok ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
