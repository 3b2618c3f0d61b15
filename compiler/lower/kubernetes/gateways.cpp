// Gateways with their certificates, and the answer to plain HTTP.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view rule_name = "kubernetes.gateway";

struct Door {
  const model::Gateway& gateway;
  Text name;
  Text ns;
  std::vector<Text> route_namespaces;  // of the routes that bind to it, sorted
  bool apex = false;                   // a door has the domain itself as its name
};

Door door_of(Context& context, const model::Gateway& gateway) {
  Door out{gateway,
           gateway.object_name ? *gateway.object_name : context.object(gateway.name),
           context.name_of(*gateway.in),
           {},
           false};
  const model::AnyRef self = context.lab.any_of(gateway);
  for (const model::DoorOf& door : context.doors) {
    const auto& through = door.door != nullptr ? door.door->through : door.expose->through;
    const bool direct =
        door.door != nullptr ? door.door->via && *door.door->via == self : *door.expose->via == self;
    if (!direct && !(through && (*through).index == self.index)) continue;
    out.apex |= door.fqdn == *gateway.domain;
    const Text ns = door.expose != nullptr ? out.ns : context.name_of(context.lab.namespace_of(door.owner));
    out.route_namespaces.push_back(ns);
  }
  auto& all = out.route_namespaces;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return out;
}

/// Exactly the namespaces that have a route through this gateway.
void put_allowed(const Door& door, Map listener) {
  const auto& all = door.route_namespaces;
  Map namespaces = listener.map("allowedRoutes").map("namespaces");
  if (all.empty() || (all.size() == 1 && all.front() == door.ns)) {
    namespaces.set("from", "Same");
    return;
  }
  namespaces.set("from", "Selector");
  Map expression = namespaces.map("selector").list("matchExpressions").map();
  expression.set("key", "kubernetes.io/metadata.name").set("operator", "In");
  List values = expression.list("values");
  for (const Text ns : all) values.add(ns);
}

Map put_listener(const Door& door, std::string_view name, std::string_view protocol, int port, bool apex,
                 List listeners) {
  Map listener = listeners.map(door.gateway.at);
  listener.set("name", name).set("protocol", protocol).set("port", port);
  const model::Prop<Text>& domain = door.gateway.domain;
  if (apex)
    listener.set("hostname", *domain, domain.at);
  else
    listener.set("hostname", fmt::format("*.{}", *domain), domain.at);
  return listener;
}

/// One listener for the names below the domain, one for the domain itself where a door needs it.
void put_pair(const Door& door, bool secure, Text secret, List listeners) {
  const bool redirects = !secure && !door.gateway.tls.is("none") && !door.gateway.http.is("serve");
  for (const bool apex : {false, true}) {
    if (apex && !door.apex) continue;
    const bool passthrough = door.gateway.tls.is("passthrough");
    const std::string_view name = secure ? (apex ? "https-apex" : "https") : (apex ? "http-apex" : "http");
    Map listener = put_listener(door, name,
                                !secure       ? "HTTP"
                                : passthrough ? "TLS"
                                              : "HTTPS",
                                secure ? 443 : 80, apex, listeners);
    if (secure && passthrough)
      listener.map("tls").set("mode", "Passthrough", door.gateway.tls.at);
    else if (secure)
      listener.map("tls").list("certificateRefs").map().set("name", secret, door.gateway.tls.at);
    if (redirects)
      listener.map("allowedRoutes").map("namespaces").set("from", "Same");
    else
      put_allowed(door, listener);
  }
}

void put_further(const Door& door, List listeners) {
  for (const model::Listener& extra : door.gateway.listener) {
    const std::string_view protocol = *extra.protocol == "udp"               ? "UDP"
                                      : *extra.protocol == "tls-passthrough" ? "TLS"
                                      : *extra.protocol == "https"           ? "HTTPS"
                                                                             : "TCP";
    Map listener = listeners.map(extra.at);
    listener.set("name", extra.name, extra.at).set("protocol", protocol, extra.protocol.at);
    listener.set("port", extra.port->first, extra.port.at);
    if (extra.hostname) listener.set("hostname", *extra.hostname, extra.hostname.at);
    if (protocol == "TLS") listener.map("tls").set("mode", "Passthrough");
    put_allowed(door, listener);
  }
}

/// Plain HTTP is answered with the same address over HTTPS.
void put_redirect(Context& context, const Door& door, Folder& folder) {
  Object route = object(context, "gateway.networking.k8s.io/v1", "HTTPRoute",
                        fmt::format("{}-redirect", door.name), door.ns);
  route.metadata.map("annotations").set("argocd.argoproj.io/sync-wave", "2");
  Map spec = route.spec();
  List parents = spec.list("parentRefs");
  parents.map().set("name", door.name).set("sectionName", "http");
  if (door.apex) parents.map().set("name", door.name).set("sectionName", "http-apex");
  Map filter = spec.list("rules").map().list("filters").map(door.gateway.http.at);
  filter.set("type", "RequestRedirect");
  Map redirect = filter.map("requestRedirect").set("scheme", "https");
  const auto& settings = door.gateway.http.redirect;
  redirect.set("statusCode", settings ? *settings->code : 301, door.gateway.http.at);
  folder.add("http-route-redirect", rule_name, route.root);
}

void lower_gateway(Context& context, const model::Gateway& gateway) {
  const Door door = door_of(context, gateway);
  Folder folder(context, door.ns, door.name, gateway.at);
  const auto& settings = gateway.tls.tls_settings;
  const std::string fallback = fmt::format("{}-tls", door.name);
  const Text secret = settings && settings->secret_name ? *settings->secret_name
                                                        : context.arena.keep(std::string_view(fallback));
  model::Prop<Ref<model::Issuer>> issuer;
  if (settings)
    issuer = settings->issuer;
  else if (gateway.tls.ref.valid())
    issuer = {{gateway.tls.ref.index}, gateway.tls.at};
  if (issuer->valid()) {
    const std::string wildcard = fmt::format("*.{}", *gateway.domain);
    put_certificate(context, folder, secret, door.ns, secret, issuer,
                    {*gateway.domain, context.arena.keep(std::string_view(wildcard))}, nullptr,
                    "certificate");
  }

  Object out = object(context, "gateway.networking.k8s.io/v1", "Gateway", door.name, door.ns);
  out.metadata.map("annotations").set("argocd.argoproj.io/sync-wave", "1");
  Map spec = out.spec();
  const model::GatewayClass& with = gateway.class_;
  spec.set("gatewayClassName",
           with.cilium  ? *with.cilium->class_
           : with.envoy ? *with.envoy->class_
                        : with.tag,
           with.at);
  Map address = spec.list("addresses").map(gateway.address.at);
  address.set("type", "IPAddress").set("value", gateway.address->format(), gateway.address.at);
  List listeners = spec.list("listeners");
  const bool plain = gateway.tls.is("none");
  const bool http = plain || !gateway.http.is("off");
  if (http && !gateway.tls.is("passthrough")) put_pair(door, false, {}, listeners);
  if (!plain) put_pair(door, true, secret, listeners);
  put_further(door, listeners);
  folder.add("gateway", rule_name, out.root);
  if (http && !plain && !gateway.tls.is("passthrough") && !gateway.http.is("serve"))
    put_redirect(context, door, folder);
}

/// Cilium's chart is told to leave its class to us, Envoy Gateway's has none; Traefik's brings its own.
void lower_classes(Context& context) {
  std::vector<Text> made;
  for (const model::Gateway& gateway : context.lab.gateways) {
    const model::GatewayClass& with = gateway.class_;
    if (!gateway.in || (!with.cilium && !with.envoy)) continue;
    const Text name = with.cilium ? *with.cilium->class_ : *with.envoy->class_;
    if (std::find(made.begin(), made.end(), name) != made.end()) continue;
    made.push_back(name);
    Object out = object(context, "gateway.networking.k8s.io/v1", "GatewayClass", name, {});
    out.spec().set("controllerName", with.cilium ? "io.cilium/gateway-controller"
                                                 : "gateway.envoyproxy.io/gatewayclass-controller");
    Folder(context, context.name_of(*gateway.in), "gateway-classes", with.at)
        .add("gateway-class-" + std::string(name), rule_name, out.root);
  }
}

}  // namespace

void lower_gateways(Context& context) {
  lower_classes(context);
  for (const model::Gateway& gateway : context.lab.gateways)
    if (gateway.in) lower_gateway(context, gateway);
}

}  // namespace lab::lower::kubernetes
