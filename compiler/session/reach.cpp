#include "compiler/session/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/emit/yaml.h"
#include "compiler/model/bind.h"
#include "compiler/session/report.h"

namespace lab::session {

namespace {

using flows::Hop;
using flows::Identity;
using flows::Peer;

std::string written(const document::Map& root) {
  std::string out;
  std::uint32_t line = 1;
  std::vector<emit::LineOrigin> lines;
  emit::write_json(*root.node(), out, line, lines);
  return out;
}

std::string place_of(const Snapshot& s, const Hop& hop) {
  return hop.at == 0 ? std::string() : spelled(s.sources, s.span(hop.at));
}

void put_hops(const Snapshot& s, const std::vector<Hop>& hops, document::List list) {
  for (const Hop& hop : hops) {
    document::Map step = list.map().set("text", std::string(hop.text));
    if (const std::string place = place_of(s, hop); !place.empty()) step.set("place", place);
  }
}

std::string lines_of(const Snapshot& s, const std::vector<Hop>& hops) {
  std::string out;
  for (const Hop& hop : hops) {
    const std::string place = place_of(s, hop);
    out += fmt::format("  {}{}{}{}\n", hop.text, place.empty() ? "" : "  [", place, place.empty() ? "" : "]");
  }
  return out;
}

std::string_view word(flows::Answer::Verdict verdict) {
  static constexpr std::array<std::string_view, 3> words = {"yes", "no", "unknown"};
  return words[static_cast<std::size_t>(verdict)];
}

std::string_view kind_of(const Identity& id) {
  switch (id.kind) {
    case Peer::Kind::pods:
      return "pod";
    case Peer::Kind::entity:
      return "entity";
    case Peer::Kind::prefix:
      return "address";
    case Peer::Kind::name:
      return "name";
  }
  return {};
}

void put_identity(const Identity& id, document::Map m) {
  m.set("name", id.name).set("kind", kind_of(id));
  if (id.kind == Peer::Kind::pods) {
    m.set("namespace", std::string(id.ns));
    document::Map labels = m.map("labels");
    for (const auto& [key, value] : id.labels) labels.set(std::string(key), std::string(value));
  }
  if (id.kind == Peer::Kind::prefix || id.kind == Peer::Kind::name) m.set("address", id.address.format());
}

/// Every number that a rule or a workload names.
std::set<std::uint16_t> numbers(const flows::World& world) {
  std::set<std::uint16_t> out;
  const auto add = [&](const std::vector<types::PortSpec>& ports) {
    for (const types::PortSpec& p : ports)
      if (!p.has(types::Protocol::icmp)) out.insert({p.first, p.last});
  };
  for (const flows::Pods& p : world.pods) add(p.ports);
  for (const flows::Policy& policy : world.policies)
    for (const auto& part : policy.parts)
      for (const flows::Rule& rule : part.rules) add(rule.ports);
  return out;
}

}  // namespace

std::optional<Told> reach(Snapshot& s, const std::string& from, const std::string& to,
                          const std::string& port, bool json) {
  const std::size_t before = s.sink.errors();
  (void)s.evaluate(fmt::format("reachable({}, {}{}{})", from, to, port.empty() ? "" : ", ", port));
  if (s.oracle == nullptr || s.sink.errors() != before) return std::nullopt;
  const flows::Answer& answer = s.oracle->last();
  Told out;
  out.yes = answer.verdict == flows::Answer::Verdict::yes;
  if (!json) {
    out.text = fmt::format("{}{}\n{}", answer.verdict == flows::Answer::Verdict::unknown ? "unknown: " : "",
                           answer.said, lines_of(s, answer.hops));
    return out;
  }
  document::Arena arena;
  document::Map root = arena.map();
  root.set("format", "lab.reach/1").set("from", from).set("to", to);
  if (!port.empty()) root.set("port", port);
  root.set("verdict", word(answer.verdict)).set("said", answer.said);
  put_hops(s, answer.hops, root.list(out.yes ? "path" : "stops"));
  out.text = written(root);
  return out;
}

Told reach_matrix(Snapshot& s, bool json) {
  Told out;
  out.yes = true;
  const flows::World& world = s.oracle->world();
  const std::vector<Identity> ids = world.identities();
  document::Arena arena;
  document::Map root = arena.map();
  root.set("format", "lab.reach-matrix/1").set("enforced", world.enforced);
  document::List identities = root.list("identities");
  for (const Identity& id : ids) put_identity(id, identities.map());
  document::List ports = root.list("ports");
  for (const std::uint16_t n : numbers(world)) ports.add(n);
  document::List pairs = root.list("pairs");
  for (const Identity& from : ids)
    for (const Identity& to : ids) {
      if (from.kind != Peer::Kind::pods && to.kind != Peer::Kind::pods) continue;
      const std::vector<std::string> open = world.verdict(from, to).ports.format();
      if (open.empty()) continue;
      document::Map pair = pairs.map().set("from", from.name).set("to", to.name);
      document::List allow = pair.list("allow");
      std::string line;
      for (const std::string& p : open) {
        allow.add(p);
        line += fmt::format("{}{}", line.empty() ? "" : ", ", p);
      }
      if (!json) out.text += fmt::format("{} -> {}: {}\n", from.name, to.name, line);
    }
  if (json) out.text = written(root);
  return out;
}

std::optional<Told> exposed(Snapshot& s, const std::string& from, bool json) {
  std::vector<model::Endpoint> ends = {flows::the_internet()};
  if (!from.empty()) {
    const std::size_t before = s.sink.errors();
    const eval::Value asked = s.evaluate(fmt::format("loss({})", from));  // any end of a flow, as it is
    if (s.sink.errors() != before || asked.poisoned()) return std::nullopt;
    ends = model::read_endpoints(*s.evaluation, s.arena, s.symbols, asked);
  }
  Told out;
  document::Arena arena;
  document::Map root = arena.map();
  root.set("format", "lab.exposed/1").set("from", from.empty() ? std::string("internet") : from);
  document::List list = root.list("exposures");
  const std::vector<flows::Passage> passages = flows::passages(s.oracle->world(), ends);
  const Report doors = report(s);
  for (std::size_t i = 0; i < passages.size(); ++i) {
    if (!passages[i].open) continue;
    const Exposure& e = doors.exposures[i];
    out.yes = true;
    document::Map m = list.map().set("name", e.name).set("owner", e.owner).set("via", e.via);
    if (!e.auth.empty()) m.set("auth", e.auth);
    m.set("place", spelled(s.sources, e.place));
    put_hops(s, passages[i].hops, m.list("path"));
    out.text += fmt::format("{}  {} via {}, auth {}\n{}", e.name, e.owner, e.via,
                            e.auth.empty() ? "not said" : e.auth, lines_of(s, passages[i].hops));
  }
  if (json)
    out.text = written(root);
  else if (out.text.empty())
    out.text =
        fmt::format("nothing can be used from {}\n", from.empty() ? std::string("the internet") : from);
  return out;
}

}  // namespace lab::session
