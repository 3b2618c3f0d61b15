// LAB0301: behind a door is a port. LAB0302: it is a port of what the door belongs to. LAB0303: it speaks
// what the door speaks.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

using model::AnyRef;

std::string words(const model::Lab& lab, const AnyRef& ref) {
  const model::Named* named = lab.named(ref);
  return fmt::format("{} `{}`", ref.store_kind(), named == nullptr ? model::Text{} : named->name);
}

/// What holds the block that a reference names.
AnyRef holder(const AnyRef& ref) {
  return {ref.store_kind(), ref.index, {}, {}, {}};
}

void no_port(const model::Lab& lab, const AnyRef& target, model::Origin at, Context& context) {
  const std::string who = words(lab, target);
  Diagnostic& d = context.report(make(Code::door_without_port, context.span(at), "leads to nothing",
                                      "{} has a door and no port behind it", who));
  if (const model::Named* named = lab.named(target))
    context.label(d, named->at, fmt::format("{} declares no port", who));
  d.help({"declare one, such as `port http = 8080`", Applicability::placeholders, {}});
}

void no_tcp(const model::PortSpec& port, std::string_view name, model::Origin at, model::Origin declared,
            Context& context) {
  if (port.has(types::Protocol::tcp) && port.is_single()) return;
  const std::string_view why = port.is_single() ? "has no TCP" : "is a range";
  Diagnostic& d = context.report(make(Code::door_protocol, context.span(at), "speaks HTTP or TLS over TCP",
                                      "the door leads to port `{}`, which {}", name, why));
  context.label(d, declared, fmt::format("port `{}` is {}", name, port.format()));
}

/// A port named in a door must be of the door's owner.
bool own_port(const model::Lab& lab, const AnyRef& owner, const model::Prop<AnyRef>& port, model::Origin door,
              Context& context) {
  if (!port->valid() || holder(*port) == owner) return true;
  const std::string other = words(lab, *port);
  Diagnostic& d = context.report(make(Code::foreign_port, context.span(door),
                                      fmt::format("leads to port `{}` of {}", port->block, other),
                                      "a door of {} leads to a port of {}", words(lab, owner), other));
  const model::AppPort* declared = lab.port_of(*port).port;
  context.label(d, declared != nullptr ? declared->number.at : port.at,
                fmt::format("port `{}` of {}", port->block, other));
  d.help({fmt::format("move the door to {}, or name a port of {}", other, words(lab, owner)),
          Applicability::maybe,
          {}});
  return false;
}

void owned_door(const model::Lab& lab, const model::DoorOf& door, Context& context) {
  const model::Door& d = *door.door;
  bool right = !d.port || own_port(lab, door.owner, {*d.port, d.port.at}, d.at, context);
  for (const auto& port : d.ports) right = own_port(lab, door.owner, port, d.at, context) && right;
  for (const model::DoorPath& path : d.path) {
    if (path.port) own_port(lab, door.owner, {*path.port, path.port.at}, path.at, context);
  }
  if (!right) return;
  if (door.port == nullptr) {
    no_port(lab, door.owner, d.at, context);
  } else if (d.via) {
    no_tcp(*door.port->number, door.port->name, d.at, door.port->at, context);
  }
}

bool has_number(const AnyRef& ref) {
  return ref.kind == model::App::kind || ref.kind == model::AppPort::schema ||
         ref.kind == model::DevicePort::schema;
}

/// A door at the top of a file leads to an app, or to a port of an app, chart or device.
void top_door(const model::Lab& lab, const model::DoorOf& door, Context& context) {
  const model::Expose& e = *door.expose;
  if (e.to.at == 0) return;
  if (door.port != nullptr) {
    no_tcp(*door.port->number, door.port->name, e.to.at, door.port->at, context);
  } else if (door.device_port != nullptr) {
    no_tcp(*door.device_port->number, door.device_port->name, e.to.at, door.device_port->at, context);
  } else if (e.to.ref.valid() && has_number(e.to.ref)) {
    no_port(lab, e.to.ref, e.to.at, context);
  } else {
    Diagnostic& d = context.report(make(Code::door_without_port, context.span(e.to.at), "not a port",
                                        "door `{}` leads to no port", e.name));
    std::vector<std::string_view> names;
    const auto collect = [&](const auto* device) {
      if (device == nullptr) return;
      for (const model::DevicePort& p : device->port) names.push_back(p.name);
    };
    collect(lab.as<model::Device>(e.to.ref));
    collect(lab.as<model::Nas>(e.to.ref));
    if (const model::Helm* helm = lab.as<model::Helm>(e.to.ref))
      for (const model::HelmWorkload& w : helm->workload) names.push_back(w.name);
    if (!names.empty())
      d.help({fmt::format("name {}: {}", names.size() == 1 ? "its port" : "one of its parts", list_of(names)),
              Applicability::maybe,
              {}});
    else
      d.help({"name a port of an app, chart or device", Applicability::maybe, {}});
  }
}

}  // namespace

void door_targets(const model::Lab& lab, Context& context) {
  for (const model::DoorOf& door : lab.doors())
    if (door.door != nullptr)
      owned_door(lab, door, context);
    else
      top_door(lab, door, context);
}

}  // namespace lab::checks
