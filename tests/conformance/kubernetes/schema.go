package main

import (
	"context"
	"errors"
	"fmt"
	"sort"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	api "k8s.io/kubernetes/pkg/apis/core"
)

// judgeSchemas creates every object as the API server would: strict decoding, defaults, the kind's create
// strategy or the custom kind's schema and CEL rules. A warning of the server counts as a failure.
func judgeSchemas(tree *Tree, report *Report) {
	schemas, err := loadCustomSchemas(tree, report)
	if err != nil {
		report.Say("schemas of custom kinds", err.Error())
		return
	}
	seen := map[string]string{}
	for _, object := range tree.Objects {
		var problems []string
		key := fmt.Sprint(object.GroupVersionKind().GroupKind(), object.GetNamespace(), "/", object.GetName())
		if first, ok := seen[key]; ok {
			problems = append(problems, "the same object stands in "+first)
		}
		seen[key] = object.File
		if legacyscheme.Scheme.Recognizes(object.GroupVersionKind()) {
			problems = append(problems, createBuiltin(object)...)
		} else if object.GroupVersionKind() == crdKind {
			problems = append(problems, createDefinition(object)...)
		} else {
			problems = append(problems, schemas.create(object)...)
		}
		report.Say(object.What(), problems...)
	}
}

func strictDecoder(scheme *runtime.Scheme) runtime.Serializer {
	return serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme, scheme,
		serializer.SerializerOptions{Yaml: true, Strict: true})
}

var builtinDecoder = legacyscheme.Codecs.DecoderToVersion(strictDecoder(legacyscheme.Scheme), runtime.InternalGroupVersioner)

func createBuiltin(object *Object) []string {
	strategy, ok := strategies[object.GroupVersionKind().GroupKind()]
	if !ok {
		return []string{"the judge has no create strategy for this kind: add it to strategies.go"}
	}
	internal, _, err := builtinDecoder.Decode(object.Raw, nil, nil)
	if err != nil {
		return explain(err)
	}
	if service, ok := internal.(*api.Service); ok {
		allocate(service)
	}
	return create(strategy, object, internal)
}

// create runs what every create request runs through (k8s.io/apiserver pkg/registry/rest/create.go).
func create(strategy rest.RESTCreateStrategy, object *Object, internal runtime.Object) []string {
	if strategy.NamespaceScoped() && object.GetNamespace() == "" {
		return []string{"a namespaced object that names no namespace"}
	}
	accessor, err := meta.Accessor(internal)
	if err != nil {
		return explain(err)
	}
	rest.FillObjectMetaSystemFields(accessor)
	var warnings recorder
	ctx := request.WithNamespace(context.Background(), object.GetNamespace())
	ctx = warning.WithWarningRecorder(ctx, &warnings)
	plural, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: plural.Group, APIVersion: plural.Version,
		Resource: plural.Resource, Namespace: object.GetNamespace(), Name: object.GetName(),
	})
	problems := []string{}
	if err := rest.BeforeCreate(strategy, ctx, internal); err != nil {
		problems = explain(err)
	}
	return append(problems, warnings.texts...)
}

// allocate gives a Service the addresses that the server's allocator gives it before validation.
func allocate(service *api.Service) {
	spec := &service.Spec
	if spec.Type == api.ServiceTypeExternalName {
		return
	}
	headless := spec.ClusterIP == api.ClusterIPNone
	if spec.IPFamilyPolicy == nil {
		single := api.IPFamilyPolicySingleStack
		spec.IPFamilyPolicy = &single
	}
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []api.IPFamily{api.IPv4Protocol}
		if *spec.IPFamilyPolicy != api.IPFamilyPolicySingleStack {
			spec.IPFamilies = append(spec.IPFamilies, api.IPv6Protocol)
		}
	}
	switch {
	case len(spec.ClusterIPs) > 0:
	case headless:
		spec.ClusterIPs = []string{api.ClusterIPNone}
	case spec.ClusterIP != "":
		spec.ClusterIPs = []string{spec.ClusterIP}
	default:
		addresses := map[api.IPFamily]string{api.IPv4Protocol: "10.96.0.10", api.IPv6Protocol: "fd00::10"}
		for _, family := range spec.IPFamilies {
			spec.ClusterIPs = append(spec.ClusterIPs, addresses[family])
		}
		spec.ClusterIP = spec.ClusterIPs[0]
	}
}

// recorder keeps the server's warnings.
type recorder struct{ texts []string }

func (r *recorder) AddWarning(_, text string) { r.texts = append(r.texts, "warning: "+text) }

// explain turns an error of the server into lines.
func explain(err error) []string {
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		var lines []string
		for _, one := range strict.Errors() {
			lines = append(lines, one.Error())
		}
		return lines
	}
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil {
		var lines []string
		for _, cause := range status.ErrStatus.Details.Causes {
			lines = append(lines, cause.Field+": "+cause.Message)
		}
		if len(lines) > 0 {
			sort.Strings(lines)
			return lines
		}
	}
	return []string{err.Error()}
}

var crdKind = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
