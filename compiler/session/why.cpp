#include "compiler/session/why.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::session {

namespace {

using names::NodeRef;
using syntax::NodeKind;

/// The nodes from a file's root down to one place in it.
std::vector<NodeRef> path_to(const names::Program& program, NodeRef origin) {
  const source::Span span = program.span(origin);
  NodeRef at = 0;
  for (const names::Unit& unit : program.units())
    if (unit.file == span.file && program[unit.base].kind == NodeKind::File) at = unit.base;
  std::vector<NodeRef> path;
  while (at != 0) {
    path.push_back(at);
    NodeRef inner = 0;
    for (const NodeRef c : program.children(at)) {
      const syntax::Node& n = program[c];
      if (n.begin <= span.begin && span.end <= n.end) inner = c;
    }
    at = inner;
  }
  return path;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.size() > 120) out = out.substr(0, 117) + "…";
  return out;
}

class Explainer {
 public:
  Explainer(const Snapshot& snapshot) : s_(snapshot), program_(*snapshot.program) {}

  std::string slice(NodeRef n) const { return one_line(s_.sources.slice(program_.span(n))); }
  std::string text(NodeRef n) const { return std::string(s_.symbols.text(program_[n].text)); }

  /// The word and label of an entry: `app sonarr`, `env TZ`.
  std::string header(NodeRef entry) const {
    const names::EntryParts p = names::parts(program_, entry);
    return p.label == 0 ? text(entry) : fmt::format("{} {}", text(entry), slice(p.label));
  }

  /// The outermost entry that declares a resource, below a path; 0 in a template or a kind.
  NodeRef resource(const std::vector<NodeRef>& path) const {
    for (const NodeRef n : path) {
      const NodeKind kind = program_[n].kind;
      if (kind == NodeKind::Let || kind == NodeKind::Schema || kind == NodeKind::TypeDecl ||
          kind == NodeKind::Fn)
        return 0;
      if (kind == NodeKind::Entry) return n;
    }
    return 0;
  }

  void explain(NodeRef origin, const std::vector<document::Origin>& near, std::vector<Link>& into) const {
    const auto path = path_to(program_, origin);
    NodeRef holder = resource(path), declaration = 0, last = 0;
    std::string field;
    for (const NodeRef n : path) {
      const NodeKind kind = program_[n].kind;
      if (declaration == 0 && (kind == NodeKind::Let || kind == NodeKind::Schema ||
                               kind == NodeKind::Component || kind == NodeKind::TypeDecl))
        declaration = n;
      if (kind == NodeKind::Entry && n != holder) field += (field.empty() ? "" : ".") + header(n);
      if (kind == NodeKind::FieldDecl) field += (field.empty() ? "" : ".") + text(n);
      if (kind == NodeKind::ClauseArg) field = slice(n);
      if (kind == NodeKind::Entry || kind == NodeKind::FieldDecl) last = n;
    }
    NodeRef owner = holder;
    for (const document::Origin other : near)
      if (owner == 0) owner = resource(path_to(program_, other));
    if (owner != 0) into.push_back({"resource", header(owner), program_.span(owner)});
    if (!field.empty()) into.push_back({"field", field, last == 0 ? source::Span{} : program_.span(last)});
    if (declaration != 0) describe(declaration, into);
    if (last != 0) expression(last, into);
    into.push_back({"source", {}, program_.span(origin)});
  }

 private:
  void describe(NodeRef declaration, std::vector<Link>& into) const {
    const NodeKind kind = program_[declaration].kind;
    const std::string_view what = kind == NodeKind::Let         ? "template"
                                  : kind == NodeKind::Component ? "component"
                                  : kind == NodeKind::Schema    ? "default of kind"
                                                                : "default of type";
    into.push_back({std::string(what), text(declaration), program_.span(declaration)});
  }

  /// The value of an entry or declaration, and the constants it names.
  void expression(NodeRef n, std::vector<Link>& into) const {
    NodeRef value = program_[n].kind == NodeKind::Entry ? names::parts(program_, n).value
                    : program_[n].has(syntax::has_value) || program_[n].has(syntax::computed)
                        ? program_.last_child(n)
                        : 0;
    if (value == 0) return;
    into.push_back({"expression", slice(value), program_.span(value)});
    for (NodeRef i = value; i < value + program_[value].size; ++i) {
      if (program_[i].kind != NodeKind::Name) continue;
      const NodeRef let = constant(program_[i].text);
      if (let == 0) continue;
      const Link link{"constant", fmt::format("{} = {}", text(let), slice(program_.child(let, 0))),
                      program_.span(let)};
      if (std::ranges::none_of(into, [&](const Link& l) { return l.place == link.place; }))
        into.push_back(link);
    }
  }

  NodeRef constant(source::Symbol name) const {
    for (const names::Unit& unit : program_.units()) {
      if (unit.home != names::Home::lab || unit.base == 0 || program_[unit.base].kind != NodeKind::File)
        continue;
      for (const NodeRef c : program_.children(unit.base))
        if ((program_[c].kind == NodeKind::Let || program_[c].kind == NodeKind::Param) &&
            program_[c].text == name)
          return c;
    }
    return 0;
  }

  const Snapshot& s_;
  const names::Program& program_;
};

std::string_view nth_line(std::string_view text, std::uint32_t number) {
  while (--number > 0) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

Why why(const Snapshot& snapshot, const Built& built, std::string_view path, std::uint32_t line) {
  Why out;
  const emit::File* file = built.rendered.find(path);
  if (file == nullptr) {
    out.problem = fmt::format("the lab does not yield {}", path);
    return out;
  }
  const std::string_view text = built.rendered.text(*file);
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n'));
  if (line == 0 || line > lines) {
    out.problem = fmt::format("{} has {} lines", path, lines);
    return out;
  }
  out.line = nth_line(text, line);
  out.links.push_back({"rule", std::string(file->rule), {}});
  document::Origin origin = document::no_origin;
  std::vector<document::Origin> before, after;  // nearest first
  for (const emit::LineOrigin& entry : built.rendered.origins(*file)) {
    if (entry.line <= line) {
      origin = entry.origin;
      if (origin != document::no_origin) before.insert(before.begin(), origin);
    } else if (entry.origin != document::no_origin) {
      after.push_back(entry.origin);
    }
  }
  if (origin == document::no_origin) {
    out.links.push_back({"source", "the rule itself: no value of the lab decides this line", {}});
    return out;
  }
  before.insert(before.end(), after.begin(), after.end());
  Explainer(snapshot).explain(origin, before, out.links);
  return out;
}

OutputPath output_path(const source::FileSystem& files, std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    const std::string folder(path.substr(0, slash));
    if (!files.exists(fmt::format("{}/{}", folder, emit::manifest_name))) continue;
    const std::size_t up = folder.rfind('/');
    return {std::string(path.substr(slash + 1)), up == std::string::npos ? "." : folder.substr(0, up)};
  }
  if (files.exists(std::string(emit::manifest_name))) return {std::string(path), ".."};
  if (path.starts_with("out/")) path.remove_prefix(4);
  return {std::string(path), {}};
}

}  // namespace lab::session
