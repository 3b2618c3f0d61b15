// The rules of this backend, a file each, in the order of kubernetes.cpp.
#pragma once
#include "compiler/lower/kubernetes/context.h"
#include "compiler/lower/kubernetes/pod.h"

namespace lab::lower::kubernetes {

void lower_workloads(Context& context);        // workloads.cpp
void lower_manifests(Context& context);        // manifests.cpp
void lower_chart_doors(Context& context);      // routes.cpp
void lower_exposes(Context& context);          // routes.cpp
void lower_gateways(Context& context);         // gateways.cpp
void lower_issuers(Context& context);          // certificates.cpp
void lower_certificates(Context& context);     // certificates.cpp
void lower_announcements(Context& context);    // announcements.cpp
void lower_storage_classes(Context& context);  // storage.cpp
void lower_volumes(Context& context);          // storage.cpp
void lower_namespaces(Context& context);       // namespaces.cpp; when all pods are known
void lower_secrets(Context& context);          // secrets.cpp; when all that reads them is known

// ---- what stands beside a workload
void put_services(Context& context, const Unit& unit, Folder& folder);                       // services.cpp
void put_rights_of_api(Context& context, const Unit& unit, Folder& folder);                  // rbac.cpp
void put_scaling(Context& context, const Unit& unit, Folder& folder);                        // scaling.cpp
void put_monitor(Context& context, const Unit& unit, Folder& folder);                        // scaling.cpp
void put_routes(Context& context, const Unit& unit, const model::App& app, Folder& folder);  // routes.cpp
/// Reports entries of `raw` for objects that the workload does not yield.
void check_raw(Context& context, const Unit& unit, const Folder& folder);

/// A Certificate (cert-manager.io/v1) in `folder`.
void put_certificate(Context& context, Folder& folder, Text name, Text ns, Text secret,
                     const model::Prop<Ref<model::Issuer>>& issuer, const std::vector<Text>& names,
                     const model::Prop<model::Duration>* duration, std::string_view stem);

}  // namespace lab::lower::kubernetes
