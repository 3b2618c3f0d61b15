#include "compiler/session/missing_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lab::session {

namespace {

using flows::Flow;
using flows::Peer;
using flows::World;

class Finder {
 public:
  explicit Finder(const Snapshot& snapshot) : s_(snapshot), world_(snapshot.oracle->world()) {}

  std::vector<checks::MissingCall> run() {
    std::vector<checks::MissingCall> out;
    std::set<std::pair<const eval::Record*, const eval::Record*>> seen;
    for (const eval::Reading& r : s_.evaluation->readings()) {
      if (!own(r.at) || !seen.emplace(r.reader, r.target).second) continue;
      const model::AnyRef from = reference(*r.reader), to = reference(*r.target);
      const auto readers = world_.pods_of(from), targets = world_.pods_of(to);
      const std::string call = port_of(*r.target, to);
      if (readers.empty() || targets.empty() || call.empty() || speak(readers, targets) ||
          by_door(readers, to))
        continue;
      checks::MissingCall& m = out.emplace_back();
      m.reader = s_.symbols.text(r.reader->name);
      m.target = s_.symbols.text(r.target->name);
      m.at = s_.program->span(r.at);
      m.call = call;
      place(*r.reader, m);
    }
    return out;
  }

 private:
  /// Whether a node stands in the lab's own files.
  bool own(names::NodeRef n) const {
    const source::Span span = s_.program->span(n);
    return std::ranges::any_of(s_.program->units(), [&](const names::Unit& u) {
      return u.file == span.file && u.home == names::Home::lab;
    });
  }

  model::AnyRef reference(const eval::Record& record) const {
    return {s_.symbols.text(record.schema->name), record.model_index, {}, {}, {}};
  }

  /// What `calls` would say: the first port.
  std::string port_of(const eval::Record& record, const model::AnyRef& ref) const {
    const std::string_view name = s_.symbols.text(record.name);
    if (const auto* app = s_.lab.as<model::App>(ref); app != nullptr && !app->port.empty())
      return fmt::format("{}.{}", name, app->port.front().name);
    if (const auto* helm = s_.lab.as<model::Helm>(ref))
      for (const model::HelmWorkload& w : helm->workload)
        if (!w.port.empty())
          return fmt::format("helm[\"{}\"].workload.{}.port.{}", name, w.name, w.port.front().name);
    return {};
  }

  bool speak(const std::vector<std::size_t>& readers, const std::vector<std::size_t>& targets) const {
    return std::ranges::any_of(world_.flows, [&](const Flow& f) {
      const auto has = [&](const std::vector<std::size_t>& pods, const Peer& peer) {
        return std::ranges::any_of(pods, [&](std::size_t i) {
          return world_.pods[i].host_network || flows::covers(peer, Peer::of(world_.pods[i].set));
        });
      };
      return !f.deny() && f.reason != flows::Reason::dns && has(readers, f.from) && has(targets, f.to);
    });
  }

  /// Whether the reader may use the gateway that leads to the target.
  bool by_door(const std::vector<std::size_t>& readers, const model::AnyRef& target) const {
    for (const model::DoorOf& door : s_.lab.doors()) {
      if (door.door == nullptr || !door.door->via || door.owner != target) continue;
      const auto* gateway = s_.lab.as<model::Gateway>(*door.door->via);
      if (gateway == nullptr) continue;
      const Peer front = world_.gateway(*gateway).peer;
      const bool uses = std::ranges::any_of(world_.flows, [&](const Flow& f) {
        return f.to == front && std::ranges::any_of(readers, [&](std::size_t i) {
                 return f.from == Peer::of(world_.pods[i].set);
               });
      });
      if (uses) return true;
    }
    return false;
  }

  /// Where the fix goes.
  void place(const eval::Record& reader, checks::MissingCall& m) const {
    const types::Field* calls = reader.schema->find(s_.symbols.find("calls"));
    if (calls == nullptr) return;
    const eval::Value list = s_.evaluation->field(const_cast<eval::Record&>(reader), calls->index);
    const names::NodeRef written = list.origin;
    const bool given =
        written != 0 && written != calls->decl && list.is(eval::Tag::list) && list.list.size > 0;
    if (given) {
      const source::Span span = s_.program->span(written);
      if (own(written) && s_.sources.slice(span).starts_with("["))
        m.list = {span.file, span.begin + 1, span.begin + 1};
      return;
    }
    const source::Span whole = s_.program->span(reader.origin);
    if (own(reader.origin) && s_.sources.slice(whole).ends_with("}"))
      m.body = {whole.file, whole.end - 1, whole.end - 1};
  }

  const Snapshot& s_;
  const World& world_;
};

}  // namespace

std::vector<checks::MissingCall> missing_calls(const Snapshot& snapshot) {
  if (snapshot.oracle == nullptr) return {};
  return Finder(snapshot).run();
}

}  // namespace lab::session
