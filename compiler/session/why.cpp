#include "compiler/session/why.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/eval/contributions.h"

namespace lab::session {

namespace {

using eval::Tag;
using eval::Value;
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

/// A field of a resource, and the entry or expression that gave it its value.
struct Setter {
  std::string field;
  NodeRef entry = 0;
};

class Explainer {
 public:
  explicit Explainer(const Snapshot& snapshot) : s_(snapshot), program_(*snapshot.program) {}

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

  /// The chain of a value written at `origin` that reached `owner`: through the field that took it there, if
  /// it was taken from elsewhere.
  void explain(NodeRef origin, NodeRef owner, const Setter& setter, std::vector<Link>& into) const {
    const auto path = path_to(program_, origin);
    const bool taken = setter.entry != 0 && !within(origin, setter.entry);
    if (!taken) {
      const NodeRef holder = resource(path);
      if (holder != 0) owner = holder;
    }
    if (owner != 0) into.push_back({"resource", header(owner), program_.span(owner)});
    const auto steps = taken ? path_to(program_, setter.entry) : path;
    NodeRef last = 0;
    std::string field = field_of(steps, owner, last);
    if (setter.entry != 0) field = setter.field;
    if (!field.empty()) into.push_back({"field", field, last == 0 ? source::Span{} : program_.span(last)});
    describe_declaration(steps, into);
    if (taken && program_[setter.entry].kind != NodeKind::Entry)
      into.push_back({"expression", slice(setter.entry), program_.span(setter.entry)});
    else if (last != 0)
      expression(last, into);
    if (taken) {  // what the expression named
      NodeRef entry = 0;
      const NodeRef holder = resource(path);
      const std::string name = field_of(path, holder, entry);
      const std::string of = holder == 0 ? name : fmt::format("{}, {}", header(holder), name);
      into.push_back({"value", fmt::format("{}{}{}", of, of.empty() ? "" : " = ", slice(origin)), {}});
    }
    into.push_back({"source", {}, program_.span(origin)});
  }

 private:
  bool within(NodeRef inner, NodeRef outer) const {
    return inner >= outer && inner < outer + program_[outer].size;
  }

  /// The field that the nodes from a file's root down to a place lead to; `last` is where it is set.
  std::string field_of(const std::vector<NodeRef>& path, NodeRef holder, NodeRef& last) const {
    std::string field;
    for (const NodeRef n : path) {
      const NodeKind kind = program_[n].kind;
      if (kind == NodeKind::Entry && n != holder) field += (field.empty() ? "" : ".") + header(n);
      if (kind == NodeKind::FieldDecl) field += (field.empty() ? "" : ".") + text(n);
      if (kind == NodeKind::ClauseArg) field = slice(n);
      if (kind == NodeKind::Entry || kind == NodeKind::FieldDecl) last = n;
    }
    return field;
  }

  void describe_declaration(const std::vector<NodeRef>& path, std::vector<Link>& into) const {
    for (const NodeRef n : path) {
      const NodeKind kind = program_[n].kind;
      if (kind != NodeKind::Let && kind != NodeKind::Schema && kind != NodeKind::Component &&
          kind != NodeKind::TypeDecl)
        continue;
      describe(n, into);
      return;
    }
  }

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

/// Looks through a resource for the field whose value was written at a place.
class Search {
 public:
  Search(const Snapshot& snapshot, NodeRef origin)
      : program_(*snapshot.program), evaluation_(*snapshot.evaluation), origin_(origin) {}

  Setter in(eval::Record& resource) {
    record(resource, {});
    return found_;
  }

 private:
  void record(eval::Record& r, const std::string& path) {
    for (const types::Field& f : r.schema->fields) {
      if (f.computed || found_.entry != 0) continue;
      const auto set_by = eval::contributions(evaluation_, r, f.index);
      if (set_by.empty()) continue;
      // After a label, a value sets the first field: `env TZ = …`.
      const bool principal =
          r.owner != nullptr && r.named && f.index == 0 && program_[set_by.back()].kind != NodeKind::Entry;
      const std::string name(evaluation_.text(f.name));
      value(r, evaluation_.field(r, f.index),
            principal      ? path
            : path.empty() ? name
                           : path + "." + name,
            set_by);
    }
  }

  void value(const eval::Record& owner, const Value& v, const std::string& path,
             const std::vector<NodeRef>& set_by) {
    if (found_.entry != 0) return;
    if (v.origin == origin_) {
      found_ = {path, set_by.back()};
      return;
    }
    if (v.is(Tag::record) && v.record->owner == &owner) record(*v.record, path);
    if (v.is(Tag::list))
      for (const Value& element : v.list) value(owner, element, path, set_by);
    if (v.is(Tag::map))
      for (const eval::Pair& p : v.map) {
        const std::string key = p.key.is(Tag::string) ? std::string(p.key.text) : evaluation_.display(p.key);
        value(owner, p.value, path + " " + key, entries_of(set_by, key));
      }
  }

  /// Of what was joined to a map, the entry that sets one key; all of it when none says so in a word.
  std::vector<NodeRef> entries_of(const std::vector<NodeRef>& set_by, std::string_view key) const {
    NodeRef found = 0;
    for (const NodeRef n : set_by)
      for (NodeRef i = n; i < n + program_[n].size; ++i) {
        if (program_[i].kind != NodeKind::Entry) continue;
        const names::EntryParts p = names::parts(program_, i);
        const source::Span at = p.label != 0 ? program_.span(p.label) : program_.span(i);
        const std::string_view word = program_.sources().slice(at);
        if (p.label != 0 ? word == key : evaluation_.text(program_[i].text) == key) found = i;
      }
    return found != 0 ? std::vector<NodeRef>{found} : set_by;
  }

  const names::Program& program_;
  eval::Evaluation& evaluation_;
  NodeRef origin_;
  Setter found_;
};

/// The resource declared at a place; of several (a component's, in each instance) the one a path names.
eval::Record* declared_at(const Snapshot& snapshot, document::Origin header, std::string_view path) {
  eval::Record* found = nullptr;
  for (eval::Record* r : snapshot.evaluation->all()) {
    if (r->origin != header) continue;
    if (found == nullptr || path.find(snapshot.symbols.text(r->name)) != std::string_view::npos) found = r;
  }
  return found;
}

/// Where the document begins that a line stands in, counting from 1.
std::uint32_t document_start(std::string_view text, std::uint32_t line) {
  std::uint32_t start = 1, number = 1;
  for (std::size_t at = 0; number <= line && at < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (text.substr(at, end - at) == "---") start = number + 1;
    at = end + 1;
  }
  return start;
}

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
  document::Origin origin = document::no_origin, root = document::no_origin;
  const std::uint32_t start = document_start(text, line);
  for (const emit::LineOrigin& entry : built.rendered.origins(*file)) {
    if (entry.line <= start) root = entry.origin;
    if (entry.line <= line) origin = entry.origin;
  }
  if (origin == document::no_origin) {
    out.links.push_back({"source", "the rule itself: no value of the lab decides this line", {}});
    return out;
  }
  eval::Record* owner = declared_at(snapshot, root, path);
  const Setter setter = owner == nullptr ? Setter{} : Search(snapshot, origin).in(*owner);
  Explainer(snapshot).explain(origin, owner == nullptr ? 0 : owner->origin, setter, out.links);
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
