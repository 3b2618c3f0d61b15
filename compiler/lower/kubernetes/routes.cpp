// Routes: what leads from a gateway to a workload, chart or device.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/kubernetes/pod.h"
#include "compiler/lower/kubernetes/rules.h"
#include "compiler/types/version.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view rule_name = "kubernetes.route";

/// A Service that a route leads to.
struct Backend {
  Text service;
  Text ns;
  Text unit;  // folder of whoever has it
  std::uint16_t port = 0;
  Origin at = 0;
};

Backend backend_of(Context& context, const model::PortOf& port, Origin at) {
  if (port.app != nullptr && port.app->in) {
    const Text name = context.object(port.app->name);
    return {name, context.name_of(*port.app->in), name, port.service(), at};
  }
  if (port.workload == nullptr) return {};
  const Text service = port.workload->service ? *port.workload->service : context.object(port.workload->name);
  return {service, context.name_of(*port.helm->in), context.object(port.helm->name), port.service(), at};
}

/// What both forms of doors say.
struct Route {
  Text fqdn;
  Origin at = 0;
  const model::Gateway* gateway = nullptr;
  const std::vector<model::DoorPath>* paths = nullptr;
  const model::Prop<Text>* protocol = nullptr;
  const model::Opt<model::Duration>* timeout = nullptr;
  const model::AnyRef* identity_provider = nullptr;
  Origin auth_at = 0;
};

/// The gateway in the cluster that a door goes through; null when it is elsewhere.
const model::Gateway* gateway_of(const Context& context, const model::AnyRef& via,
                                 const model::Opt<Ref<model::Gateway>>& through) {
  const model::Gateway* gateway = context.lab.as<model::Gateway>(via);
  if (gateway != nullptr && gateway->in) return gateway;
  gateway = through ? context.lab.find(*through) : nullptr;
  return gateway != nullptr && gateway->in ? gateway : nullptr;
}

/// Standard since Gateway API v1.5; before only in the experimental channel.
std::string_view tls_route_version(const Context& context) {
  const auto* cilium = context.cilium;
  if (cilium == nullptr || !cilium->gateway_api.version) return "gateway.networking.k8s.io/v1";
  const auto version = types::Version::parse(*cilium->gateway_api.version);
  const bool standard = version && (version->major() > 1 || version->minor() >= 5);
  return standard ? "gateway.networking.k8s.io/v1" : "gateway.networking.k8s.io/v1alpha2";
}

void put_backend(Context& context, const Backend& backend, Text route_ns, Map rule) {
  Map ref = rule.list("backendRefs").map(backend.at);
  ref.set("name", backend.service, backend.at);
  if (backend.ns != route_ns) {
    ref.set("namespace", backend.ns, backend.at);
    context.grants.push_back({route_ns, backend.ns, backend.service, backend.unit, backend.at});
  }
  ref.set("port", backend.port, backend.at);
}

void put_timeout(const Route& route, Map rule) {
  if (*route.timeout) rule.map("timeouts").set("request", (*route.timeout)->to_compact(), route.timeout->at);
}

/// One route. `backend` is the workload's; a door behind an identity provider leads to its outpost, which
/// passes requests on.
void put_route(Context& context, const Route& route, Backend backend, document::Text name, Text ns,
               std::string_view stem, Folder& folder, Map labels, model::Data raw) {
  if (route.identity_provider != nullptr) {
    const auto* idp = context.lab.as<model::IdentityProvider>(*route.identity_provider);
    if (idp != nullptr && idp->outpost)
      backend = backend_of(context, context.lab.port_of(idp->outpost->ref), route.auth_at);
  }
  if (backend.service.empty()) return;
  const bool passthrough = **route.protocol == "tls-passthrough";
  Object out = object(context, passthrough ? tls_route_version(context) : "gateway.networking.k8s.io/v1",
                      passthrough ? "TLSRoute" : "HTTPRoute", name, ns);
  if (!labels.empty()) out.metadata.set("labels", labels);
  Map spec = out.spec();
  Map parent = spec.list("parentRefs").map(route.at);
  const model::Gateway& gateway = *route.gateway;
  parent.set("name", gateway.object_name ? *gateway.object_name : context.object(gateway.name), route.at);
  parent.set("namespace", context.name_of(*gateway.in), route.at);
  const bool apex = route.fqdn == *gateway.domain;
  const bool plain_http = gateway.tls.is("none");
  parent.set("sectionName", plain_http ? (apex ? "http-apex" : "http") : (apex ? "https-apex" : "https"),
             route.at);
  spec.list("hostnames").add(route.fqdn, route.at);
  List rules = spec.list("rules");
  if (passthrough || route.paths->empty()) {
    Map rule = rules.map(route.at);
    put_backend(context, backend, ns, rule);
    if (!passthrough) put_timeout(route, rule);
  }
  if (!passthrough)
    for (const model::DoorPath& path : *route.paths) {
      Map rule = rules.map(path.at);
      Map match = rule.list("matches").map().map("path");
      match.set("type", "PathPrefix").set("value", path.name, path.at);
      Backend to = backend;
      if (path.port && route.identity_provider == nullptr)
        to = backend_of(context, context.lab.port_of(*path.port), path.port.at);
      put_backend(context, to, ns, rule);
      put_timeout(route, rule);
    }
  folder.add(stem, rule_name, out.root, raw);
}

Route route_of(const Context& context, const model::Door& door) {
  Route route;
  if (!door.via) return route;
  route.gateway = gateway_of(context, *door.via, door.through);
  route.fqdn = door.fqdn ? *door.fqdn : Text{};
  route.at = door.at;
  route.paths = &door.path;
  route.protocol = &door.protocol;
  route.timeout = &door.timeout;
  if (door.auth && door.auth->ref.valid()) {
    route.identity_provider = &door.auth->ref;
    route.auth_at = door.auth.at;
  }
  return route;
}

/// The first route has the name of its owner, the others that and their host.
std::string route_name(std::string_view owner, std::size_t number, std::string_view host) {
  return number == 0 ? std::string(owner)
                     : label_of(fmt::format("{}-{}", owner, host == "@" ? "apex" : host));
}
std::string route_stem(std::size_t number, std::string_view host) {
  return number == 0 ? "http-route" : "http-route-" + label_of(host == "@" ? "apex" : host);
}

Map managed_labels(Context& context, Text name) {
  Map labels = context.arena.map();
  labels.set("app.kubernetes.io/name", name);
  labels.set("app.kubernetes.io/part-of", context.part_of);
  labels.set("app.kubernetes.io/managed-by", "lab");
  return labels;
}

void put_grants(Context& context) {
  std::vector<Grant>& grants = context.grants;
  std::stable_sort(grants.begin(), grants.end(), [](const Grant& a, const Grant& b) {
    return std::tie(a.to, a.service, a.from) < std::tie(b.to, b.service, b.from);
  });
  for (std::size_t i = 0; i < grants.size();) {
    const Grant& first = grants[i];
    Object out = object(context, "gateway.networking.k8s.io/v1beta1", "ReferenceGrant",
                        fmt::format("routes-to-{}", first.service), first.to);
    out.metadata.set("labels", managed_labels(context, first.service));
    List from = out.spec().list("from");
    Text last;
    for (; i < grants.size() && grants[i].to == first.to && grants[i].service == first.service; ++i) {
      if (grants[i].from == last) continue;
      last = grants[i].from;
      Map entry = from.map(grants[i].at);
      entry.set("group", "gateway.networking.k8s.io")
          .set("kind", "HTTPRoute")
          .set("namespace", last, grants[i].at);
    }
    Map to = out.spec().list("to").map(first.at);
    to.set("group", "").set("kind", "Service").set("name", first.service, first.at);
    const std::string unit = fmt::format("{}-doors", first.unit);
    Folder(context, first.to, context.arena.keep(std::string_view(unit)), first.at)
        .add("reference-grant-" + label_of(first.service), rule_name, out.root);
  }
}

/// A Service without pods whose only end is a device of the network.
Backend put_device_service(Context& context, const model::Expose& expose, const model::DevicePort& port,
                           Text name, Text ns, Folder& folder) {
  const model::Opt<types::Ip> address =
      context.lab.ip_of({expose.to.ref.owner_kind, expose.to.ref.index, {}, {}, {}});
  if (!address) return {};
  const std::uint16_t number = port.number->first;
  Object service = object(context, "v1", "Service", name, ns);
  service.metadata.set("labels", managed_labels(context, name));
  Map entry = service.spec().list("ports").map(port.at);
  entry.set("name", port.name, port.at).set("port", number, port.number.at);
  if (*port.tls) entry.set("appProtocol", "https", port.tls.at);
  folder.add("service", rule_name, service.root);

  Object slice = object(context, "discovery.k8s.io/v1", "EndpointSlice", name, ns);
  Map labels = managed_labels(context, name);
  labels.set("kubernetes.io/service-name", name);
  slice.metadata.set("labels", labels);
  slice.root.set("addressType", address->family == types::Family::v4 ? "IPv4" : "IPv6");
  slice.root.list("endpoints").map().list("addresses").add(address->format(), address.at);
  slice.root.list("ports").map().set("name", port.name, port.at).set("port", number, port.number.at);
  folder.add("endpoint-slice", rule_name, slice.root);
  return {name, ns, name, number, expose.to.at};
}

}  // namespace

void put_routes(Context& context, const Unit& unit, const model::App& app, Folder& folder) {
  std::size_t number = 0;
  for (const model::Door& door : app.expose) {
    const Route route = route_of(context, door);
    if (route.gateway == nullptr || app.port.empty()) continue;
    const model::AppPort* first = &app.port.front();
    const model::PortOf port =
        door.port ? context.lab.port_of(*door.port) : model::PortOf{&app, nullptr, nullptr, first};
    Map metadata = context.arena.map();
    put_labels(context, unit, metadata);
    put_route(context, route, backend_of(context, port, door.at), route_name(unit.name, number, *door.host),
              unit.ns_name, route_stem(number, *door.host), folder, metadata.map("labels"), unit.raw());
    ++number;
  }
}

void lower_chart_doors(Context& context) {
  for (const model::Helm& helm : context.lab.helms) {
    const Text name = context.object(helm.name);
    const Text ns = context.name_of(*helm.in);
    const std::string unit = fmt::format("{}-doors", name);
    Folder folder(context, ns, context.arena.keep(std::string_view(unit)), helm.at);
    std::size_t number = 0;
    for (const model::Door& door : helm.expose) {
      const Route route = route_of(context, door);
      if (route.gateway == nullptr) continue;
      model::PortOf port;
      if (door.port) port = context.lab.port_of(*door.port);
      for (const model::HelmWorkload& w : helm.workload)
        if (port.port == nullptr && !w.port.empty()) port = {nullptr, &helm, &w, &w.port.front()};
      if (port.port == nullptr) continue;
      put_route(context, route, backend_of(context, port, door.at), route_name(name, number, *door.host), ns,
                route_stem(number, *door.host), folder, managed_labels(context, name), nullptr);
      ++number;
    }
  }
}

void lower_exposes(Context& context) {
  for (const model::Expose& expose : context.lab.exposes) {
    Route route;
    route.gateway = gateway_of(context, *expose.via, expose.through);
    if (route.gateway == nullptr) continue;
    route.fqdn = *expose.fqdn;
    route.at = expose.at;
    route.paths = &expose.path;
    route.protocol = &expose.protocol;
    route.timeout = &expose.timeout;
    if (expose.auth.ref.valid()) {
      route.identity_provider = &expose.auth.ref;
      route.auth_at = expose.auth.at;
    }
    const std::string label = label_of(expose.name);
    const Text name = context.arena.keep(std::string_view(label));
    const Text ns = context.name_of(*route.gateway->in);
    Folder folder(context, ns, name, expose.at);
    Backend backend;
    if (const model::DevicePort* of = context.lab.device_port(expose.to.ref)) {
      backend = put_device_service(context, expose, *of, name, ns, folder);
    } else {
      model::PortOf port = context.lab.port_of(expose.to.ref);
      if (const model::App* app = context.lab.as<model::App>(expose.to.ref);
          app != nullptr && !app->port.empty())
        port = {app, nullptr, nullptr, &app->port.front()};
      if (port.port != nullptr) backend = backend_of(context, port, expose.to.at);
    }
    put_route(context, route, backend, name, ns, "http-route", folder, managed_labels(context, name),
              nullptr);
  }
  put_grants(context);
}

}  // namespace lab::lower::kubernetes
