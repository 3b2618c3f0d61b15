#include "compiler/session/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/emit/yaml.h"
#include "compiler/lower/hash.h"
#include "compiler/session/version.h"

namespace lab::session {

namespace {

std::string named(std::string_view kind, std::string_view name) {
  std::string out;
  out.reserve(kind.size() + 1 + name.size());
  return out.append(kind).append(1, ' ').append(name);
}

std::string auth_of(const model::Lab& lab, const model::Auth& auth) {
  if (auth.ref.valid()) return std::string(lab.named(auth.ref)->name);
  return std::string(auth.tag);
}

Exposure exposure(const model::Lab& lab, const flows::Passage& passage, const Snapshot& snapshot) {
  const model::DoorOf& door = passage.door;
  Exposure e;
  e.internet = passage.open;
  if (passage.open)
    for (const flows::Hop& hop : passage.hops)
      e.path.push_back({hop.text, hop.at == 0 ? source::Span{} : snapshot.span(hop.at)});
  e.name = door.fqdn;
  e.owner = named(door.owner.kind, door.owner_name);
  const bool top = door.expose != nullptr;
  const model::AnyRef via = top ? *door.expose->via : door.door->via ? *door.door->via : model::AnyRef{};
  if (via.valid()) {
    e.via = named(via.kind, lab.named(via)->name);
  } else {
    e.via = "address";
    if (door.door->at_) e.name = door.door->at_->format();
  }
  if (top)
    e.auth = auth_of(lab, door.expose->auth);
  else if (door.door->auth)
    e.auth = auth_of(lab, *door.door->auth);
  e.place = snapshot.span(top ? door.expose->at : door.door->at);
  return e;
}

void add_versions(const model::Lab& lab, std::vector<Pinned>& into) {
  const auto add = [&](std::string what, std::string_view version) {
    if (!version.empty()) into.push_back({std::move(what), std::string(version)});
  };
  for (const model::Cluster& c : lab.clusters) {
    const std::string name = named("cluster", c.name);
    if (c.distribution.talos) add(name + ": talos", *c.distribution.talos->version);
    if (c.distribution.k3s) add(name + ": k3s", *c.distribution.k3s->version);
    if (c.kubernetes) add(name + ": kubernetes", *c.kubernetes);
    if (c.cni.cilium) add(name + ": cilium", *c.cni.cilium->version);
  }
  for (const model::Helm& h : lab.helms) add(named("helm", h.name), *h.version);
}

/// The text of an assertion's expression on one line.
std::string written(const Snapshot& s, names::NodeRef assertion) {
  std::string out;
  for (const char c : s.sources.slice(s.program->span(s.program->child(assertion, 0)))) {
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

/// The Kubernetes Secrets that workloads read, in which namespace and with which keys: what their delivery
/// has to bring. A secret with a body is a Secret of its own name; others go into one named after the
/// workload, under the variable's or the file's name.
void add_secrets(const model::Lab& lab, document::Map root) {
  std::map<std::pair<std::string_view, std::string>, std::vector<std::string_view>> found;
  const auto add_workload = [&](const model::Workload& w) {
    if (!w.in) return;
    const std::string_view ns = lab.get(w.in.value).name;
    for (const auto& ref : w.env_from) {
      const model::Secret& secret = lab.get(*ref);
      auto& keys = found[{ns, model::object_name(secret.name)}];
      keys.clear();
      for (const auto& entry : secret.rest) keys.push_back(entry.name);
    }
    for (const model::EnvVar& v : w.env) {
      const auto& value = v.value.value;
      if (!value || value->secret == nullptr) continue;
      const eval::SecretText& text = *value->secret;
      // A key of a set stays where it is; everything else is the workload's own.
      if (text.whole() && text.begin()->key != source::Symbol::empty) continue;
      found[{ns, model::object_name(w.name)}].push_back(v.name);
    }
  };
  for (const auto& w : lab.apps) add_workload(w);
  for (const auto& w : lab.jobs) add_workload(w);
  for (const auto& w : lab.crons) add_workload(w);
  document::List secrets = root.list("secrets");
  for (const auto& [place, keys] : found) {
    document::Map m = secrets.map();
    m.set("namespace", place.first).set("name", place.second);
    document::List list = m.list("keys");
    for (const std::string_view key : keys) list.add(key);
  }
}

}  // namespace

std::string spelled(const source::Sources& sources, source::Span place) {
  if (!place.valid()) return {};
  const auto at = sources.lines(place.file).position(place.begin, source::Encoding::utf8);
  std::string out(sources.path(place.file));
  return out.append(1, ':').append(fmt::format_int(at.line + 1).str());
}

Report report(const Snapshot& snapshot) {
  Report out;
  const model::Lab& lab = snapshot.lab;
  if (snapshot.oracle != nullptr)
    for (const flows::Passage& passage : flows::passages(snapshot.oracle->world(), {flows::the_internet()}))
      out.exposures.push_back(exposure(lab, passage, snapshot));
  const eval::Evaluation& evaluation = *snapshot.evaluation;
  for (const eval::Relaxation& r : evaluation.relaxations()) {
    out.relaxations.push_back(
        {named(evaluation.describe(*r.resource->schema), evaluation.text(r.resource->name)),
         std::string(r.field), std::string(r.reason), evaluation.span(r.origin)});
  }
  for (const eval::Disclosure& d : evaluation.disclosures())
    out.declassified.push_back({std::string(d.function), secrets_of(evaluation, *d.of), std::string(d.reason),
                                evaluation.span(d.at)});
  for (const eval::Assumption& a : evaluation.assumptions()) {
    const bool again = std::ranges::any_of(
        out.unknowns, [&](const Unknown& u) { return u.place == evaluation.span(a.node); });
    if (again) continue;  // of a loop
    out.unknowns.push_back({written(snapshot, a.node), std::string(a.function), std::string(a.reason), a.said,
                            evaluation.span(a.node)});
  }
  add_versions(lab, out.versions);
  return out;
}

std::string render_report(const Report& report, const Snapshot& snapshot) {
  const source::Sources& sources = snapshot.sources;
  std::string out;
  const auto to = std::back_inserter(out);
  if (!report.exposures.empty()) out += "exposed\n";
  std::size_t width = 0;
  for (const Exposure& e : report.exposures) width = std::max(width, e.name.size());
  for (const Exposure& e : report.exposures) {  // thousands: by hand
    out.append("  ").append(e.name).append(width - e.name.size() + 2, ' ');
    out.append(e.owner).append(" via ").append(e.via).append(e.internet ? " (internet)" : "");
    if (!e.auth.empty()) out.append(", auth ").append(e.auth);
    out.append("  [").append(spelled(sources, e.place)).append("]\n");
  }
  if (!report.relaxations.empty()) out += "relaxed\n";
  for (const Relaxed& r : report.relaxations) {
    fmt::format_to(to, "  {} {}: {}  [{}]\n", r.resource, r.field, r.reason, spelled(sources, r.place));
  }
  if (!report.declassified.empty()) out += "declassified\n";
  for (const Declassified& d : report.declassified) {
    fmt::format_to(to, "  {} of {}{}{}  [{}]\n", d.function, d.secret, d.reason.empty() ? "" : ": ", d.reason,
                   spelled(sources, d.place));
  }
  if (!report.unknowns.empty()) out += "not proved\n";
  for (const Unknown& u : report.unknowns) {
    fmt::format_to(to, "  {}{}{}  [{}]\n", u.text, u.reason.empty() ? "" : ": assumed, ", u.reason,
                   spelled(sources, u.place));
  }
  return out;
}

Inputs inputs(const Snapshot& snapshot) {
  Inputs out;
  for (const auto& unit : snapshot.program->units()) {
    if (unit.home == names::Home::standard || unit.base == 0 ||
        (*snapshot.program)[unit.base].kind != syntax::NodeKind::File)
      continue;
    out.emplace_back(snapshot.sources.path(unit.file), lower::sha256_hex(snapshot.sources.text(unit.file)));
  }
  for (const ReadFile& file : snapshot.read_files) out.emplace_back(file.path, lower::sha256_hex(file.text));
  for (const auto& [url, hash] : snapshot.lock) out.emplace_back(url, hash);
  return out;
}

std::string render_build_json(const Report& report, const Inputs& made_of, const Snapshot& snapshot) {
  document::Arena arena;
  document::Map root = arena.map();
  root.set("format", "lab.build/1").set("lab", snapshot.lab.lab().name).set("labc", version());
  root.set_nonempty("environment", snapshot.request.environment);
  for (const auto& [name, value] : snapshot.request.parameters)
    root.map("parameters").set(std::string_view(name), std::string_view(value));
  document::List files = root.list("inputs");
  for (const auto& [path, sha256] : made_of) files.map().set("path", path).set("sha256", sha256);
  const auto place = [&](source::Span span) { return spelled(snapshot.sources, span); };
  document::List exposures = root.list("exposures");
  for (const Exposure& e : report.exposures) {
    document::Map m = exposures.map();
    m.set("name", std::string_view(e.name))
        .set("owner", std::string_view(e.owner))
        .set("via", std::string_view(e.via));
    m.set("internet", e.internet).set_nonempty("auth", e.auth).set("place", place(e.place));
    if (e.path.empty()) continue;
    document::List path = m.list("path");
    for (const Passed& hop : e.path) {
      document::Map step = path.map().set("text", std::string_view(hop.text));
      if (hop.place.valid()) step.set("place", place(hop.place));
    }
  }
  document::List relaxations = root.list("relaxations");
  for (const Relaxed& r : report.relaxations) {
    relaxations.map()
        .set("resource", std::string_view(r.resource))
        .set("field", std::string_view(r.field))
        .set("reason", std::string_view(r.reason))
        .set("place", place(r.place));
  }
  if (!report.declassified.empty()) {
    document::List declassified = root.list("declassified");
    for (const Declassified& d : report.declassified) {
      declassified.map()
          .set("function", std::string_view(d.function))
          .set("secret", std::string_view(d.secret))
          .set_nonempty("reason", d.reason)
          .set("place", place(d.place));
    }
  }
  document::List unknowns = root.list("unknowns");
  for (const Unknown& u : report.unknowns) {
    unknowns.map()
        .set("assertion", std::string_view(u.text))
        .set("undecided", std::string_view(u.function))
        .set_nonempty("assumed", u.reason)
        .set_nonempty("because", u.said)
        .set("place", place(u.place));
  }
  add_secrets(snapshot.lab, root);
  document::List versions = root.list("versions");
  for (const Pinned& v : report.versions)
    versions.map().set("of", std::string_view(v.what)).set("version", std::string_view(v.version));
  std::string out;
  std::uint32_t line = 1;
  std::vector<emit::LineOrigin> lines;
  emit::write_json(*root.node(), out, line, lines);
  return out;
}

}  // namespace lab::session
