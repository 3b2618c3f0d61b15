#include "runtime/drivers/talos/messages.h"

#include <array>

namespace lab::drivers::talos {
namespace {

/// The first of the `messages` that every answer of MachineService holds: one a node, and one node is asked.
Message first(std::string_view response) {
  return Message(Message(response).bytes(1));
}

std::string wrapped(const Writer& inner) {
  return Writer().message(1, inner).text();
}

}  // namespace

std::string encode(const ApplyRequest& request) {
  return Writer().bytes(1, request.data).number(4, request.mode).text();
}

ApplyRequest read_apply(std::string_view message) {
  const Message in(message);
  return {in.text(1), in.number(4)};
}

std::string encode(const Version& version) {
  Writer inner;
  inner.message(2, Writer().bytes(1, version.tag));
  inner.message(3, Writer().bytes(1, version.platform).bytes(2, version.mode));
  return wrapped(inner);
}

Version read_version(std::string_view message) {
  const Message in = first(message);
  const Message platform = in.message(3);
  return {in.message(2).text(1), platform.text(1), platform.text(2)};
}

std::string encode(const std::vector<Service>& services) {
  Writer inner;
  for (const Service& each : services) {
    Writer health;
    health.number(1, each.unknown).number(2, each.healthy).bytes(3, each.last_message);
    inner.message(2, Writer().bytes(1, each.id).bytes(2, each.state).message(4, health));
  }
  return wrapped(inner);
}

std::vector<Service> read_services(std::string_view message) {
  std::vector<Service> out;
  for (const std::string_view each : first(message).repeated(2)) {
    const Message service(each);
    const Message health = service.message(4);
    out.push_back(
        {service.text(1), service.text(2), health.number(1) != 0, health.number(2) != 0, health.text(3)});
  }
  return out;
}

std::string encode(const std::vector<EtcdMember>& members) {
  Writer inner;
  for (const EtcdMember& each : members)
    inner.message(
        3,
        Writer().number(2, each.id).bytes(3, each.hostname).bytes(4, each.peer_url).number(6, each.learner));
  return wrapped(inner);
}

std::vector<EtcdMember> read_members(std::string_view message) {
  std::vector<EtcdMember> out;
  for (const std::string_view each : first(message).repeated(3)) {
    const Message member(each);
    out.push_back({member.number(2), member.text(3), member.text(4), member.number(6) != 0});
  }
  return out;
}

std::string encode(const ResourceName& name) {
  return Writer().bytes(1, name.space).bytes(2, name.type).bytes(3, name.id).text();
}

ResourceName read_resource_name(std::string_view message) {
  const Message in(message);
  return {in.text(1), in.text(2), in.text(3)};
}

std::string encode_resource(const ResourceName& name, std::string_view proto_spec) {
  Writer resource;
  resource.message(1, Writer().bytes(1, name.space).bytes(2, name.type).bytes(3, name.id));
  resource.message(2, Writer().bytes(1, proto_spec));
  return wrapped(resource);
}

std::string read_resource(std::string_view message) {
  return first(message).message(2).text(1);
}

std::string encode_machine_config(std::string_view yaml) {
  return Writer().bytes(1, yaml).text();
}
std::string read_machine_config(std::string_view spec) {
  return Message(spec).text(1);
}

std::string_view name(Stage stage) {
  constexpr std::array<std::string_view, 9> names = {"unknown",       "booting",   "installing",
                                                     "maintenance",   "running",   "rebooting",
                                                     "shutting down", "resetting", "upgrading"};
  const auto at = static_cast<std::size_t>(stage);
  return at < names.size() ? names[at] : names[0];
}

std::string encode(const MachineStatus& status) {
  Writer inner;
  inner.number(1, status.ready);
  for (const auto& [condition, reason] : status.unmet)
    inner.message(2, Writer().bytes(1, condition).bytes(2, reason));
  return Writer().number(1, static_cast<std::uint64_t>(status.stage)).message(2, inner).text();
}

MachineStatus read_machine_status(std::string_view spec) {
  const Message in(spec);
  const Message inner = in.message(2);
  MachineStatus out{static_cast<Stage>(in.number(1)), inner.number(1) != 0, {}};
  for (const std::string_view each : inner.repeated(2)) {
    const Message condition(each);
    out.unmet.emplace_back(condition.text(1), condition.text(2));
  }
  return out;
}

std::string encode_data(std::string_view bytes) {
  return Writer().bytes(2, bytes).text();
}
std::string read_data(std::string_view message) {
  return Message(message).text(2);
}

}  // namespace lab::drivers::talos
