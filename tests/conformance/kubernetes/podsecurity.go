package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// templatePaths say where the pod of a workload kind stands.
var templatePaths = map[string][]string{
	"Pod":         {},
	"Deployment":  {"spec", "template"},
	"StatefulSet": {"spec", "template"},
	"DaemonSet":   {"spec", "template"},
	"Job":         {"spec", "template"},
	"CronJob":     {"spec", "jobTemplate", "spec", "template"},
}

// Workload is an object that makes pods.
type Workload struct {
	*Object
	Pod corev1.PodTemplateSpec
}

// Workloads lists what makes pods in the tree; what cannot be read as one is the schema judge's to report.
func (t *Tree) Workloads() []Workload {
	var found []Workload
	for _, object := range t.Objects {
		path, ok := templatePaths[object.GetKind()]
		if !ok || (object.Group() != "" && object.Group() != "apps" && object.Group() != "batch") {
			continue
		}
		template, _ := object.At(path...).(map[string]any)
		if len(path) == 0 {
			template = object.Object
		}
		workload := Workload{Object: object}
		if runtime.DefaultUnstructuredConverter.FromUnstructured(template, &workload.Pod) == nil {
			found = append(found, workload)
		}
	}
	return found
}

// judgePodSecurity evaluates each workload's pod at the level that its namespace enforces. Without a label
// Talos enforces baseline, and nothing in kube-system
// (talos pkg/machinery/config/types/v1alpha1, APIServerDefaultAdmissionControl).
func judgePodSecurity(tree *Tree, report *Report) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		report.Say("pod security", err.Error())
		return
	}
	for _, workload := range tree.Workloads() {
		namespace := tree.Find("", "Namespace", "", workload.GetNamespace())
		labels := map[string]string{}
		if namespace != nil {
			labels = namespace.GetLabels()
		} else if workload.GetNamespace() == "kube-system" {
			labels[api.EnforceLevelLabel] = string(api.LevelPrivileged)
		}
		if labels[api.EnforceLevelLabel] == "" {
			labels = map[string]string{api.EnforceLevelLabel: string(api.LevelBaseline)}
		}
		enforced, errs := api.PolicyToEvaluate(labels, api.Policy{
			Enforce: api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()},
			Audit:   api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()},
			Warn:    api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()},
		})
		if len(errs) > 0 {
			report.Say(workload.What(), errs.ToAggregate().Error())
			continue
		}
		meta := metav1.ObjectMeta{Name: workload.GetName(), Namespace: workload.GetNamespace(),
			Labels: workload.Pod.Labels, Annotations: workload.Pod.Annotations}
		results := evaluator.EvaluatePod(enforced.Enforce, &meta, &workload.Pod.Spec)
		if verdict := policy.AggregateCheckResults(results); !verdict.Allowed {
			report.Say(workload.What(), fmt.Sprintf("forbidden at level %s: %s", enforced.Enforce.Level, verdict.ForbiddenDetail()))
			continue
		}
		report.Say(workload.What())
	}
}
