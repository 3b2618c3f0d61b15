#include "compiler/ide/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/eval/builtins.h"
#include "compiler/types/type_table.h"

namespace lab::ide {

using eval::Record;
using eval::Res;
using eval::Tag;
using eval::Value;
using syntax::Node;
using syntax::NodeKind;

namespace {

/// Source on one line: comments left out, white space one blank, cut at `width` bytes of whole characters.
std::string flat(std::string_view source, std::size_t width) {
  std::string out;
  bool comment = false, quoted = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (c == '"' && !comment) quoted = !quoted;
    if (!quoted && source.compare(i, 2, "//") == 0) comment = true;
    if (c == '\n') comment = false;
    if (comment) continue;
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (space && (out.empty() || out.back() == ' ')) continue;
    if (out.size() >= width && (static_cast<unsigned char>(c) & 0xC0) != 0x80) return out + "…";
    out += space ? ' ' : c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string fenced(std::string_view code) {
  return fmt::format("```lab\n{}\n```", code);
}

/// The kind or type whose declaration holds a field.
NodeRef owner_of_field(const Analysis& a, NodeRef field) {
  const names::Program& p = a.program();
  NodeRef owner = 0;
  for (NodeRef at = p.unit(field).base; at != field && at != 0;) {
    const NodeKind kind = p[at].kind;
    if (kind == NodeKind::Schema || kind == NodeKind::Component || kind == NodeKind::TypeDecl ||
        kind == NodeKind::TypeTagged)
      owner = at;
    NodeRef next = 0;
    for (const NodeRef c : p.children(at))
      if (c <= field && field < c + p[c].size) next = c;
    at = next;
  }
  return owner;
}

std::string field_line(const Analysis& a, NodeRef n) {
  const names::Program& p = a.program();
  const NodeRef type = p.child(n, 0), value = p.child(n, 1);
  std::string out = fmt::format("{}: {}", a.text(p[n].text), flat(p.sources().slice(p.span(type)), 200));
  if (value != 0)
    out += fmt::format(" {} {}", p[n].has(syntax::computed) ? "=>" : "=",
                       flat(p.sources().slice(p.span(value)), 120));
  return out;
}

/// Unit of a value of this type, in words; empty where there is none.
std::string_view unit(types::TypeRef type) {
  const types::TypeRef t = types::bare(type);
  if (t == nullptr) return {};
  switch (t->kind) {
    case types::TypeKind::size:
      return "a size: `B KB MB GB TB`, `KiB MiB GiB TiB`";
    case types::TypeKind::duration:
      return "a duration: `ms s m h d`";
    case types::TypeKind::rate:
      return "a rate: `Mbps Gbps`";
    case types::TypeKind::cores:
      return "cores: a number, or `mcpu`";
    case types::TypeKind::percent:
      return "a share: `%`";
    default:
      return {};
  }
}

void paragraph(std::string& into, std::string_view words) {
  if (words.empty()) return;
  if (!into.empty()) into += "\n\n";
  into += words;
}

/// Computed fields that have a value, one a line.
std::string computed(const Analysis& a, Record& record) {
  std::string out;
  for (const types::Field& f : record.schema->fields) {
    if (!f.computed) continue;
    const Value v = a.evaluation().field(record, f.index);
    if (v.poisoned() || v.is(Tag::none) || (v.is(Tag::list) && v.list.size == 0) ||
        (v.is(Tag::map) && v.map.size == 0))
      continue;
    const std::string text = shown(a, v, 80);
    if (out.size() > 1500) break;
    out += fmt::format("{}- `{}` = `{}`", out.empty() ? "" : "\n", a.text(f.name), text);
  }
  return out;
}

/// What a declaration yields, where it is one thing.
void add_values(const Analysis& a, NodeRef declaration, std::string& out) {
  const Node& node = a.program()[declaration];
  if (node.kind == NodeKind::Entry) {
    const std::vector<Record*> resources = a.resources_of(declaration);
    if (resources.size() == 1) return paragraph(out, computed(a, *resources.front()));
    if (resources.size() > 1) {
      std::string names;
      for (std::size_t i = 0; i < resources.size() && i < 8; ++i)
        names += fmt::format("{}`{}`", i == 0 ? "" : ", ", a.text(resources[i]->name));
      return paragraph(out, fmt::format("yields {}{}", names, resources.size() > 8 ? ", …" : ""));
    }
  }
  if (node.kind == NodeKind::Let || node.kind == NodeKind::Param) {
    // Reading it by its name finds the value that an environment or `--set` gave.
    for (const Reference& r : a.references()) {
      if (r.target != declaration || r.declaration || a.program()[r.node].kind != NodeKind::Name) continue;
      if (const auto v = a.constant(r.node)) return paragraph(out, fmt::format("= `{}`", shown(a, *v)));
    }
    if (node.kind == NodeKind::Let)
      if (const auto v = a.constant(a.program().child(declaration, 0)))
        paragraph(out, fmt::format("= `{}`", shown(a, *v)));
  }
}

/// The type of what a name stands for, and of a field its unit.
std::string about_type(const Analysis& a, const Reference& r) {
  const Node& target = a.program()[r.target];
  if (target.kind != NodeKind::FieldDecl) return {};
  const NodeRef owner = owner_of_field(a, r.target);
  std::string out;
  if (owner != 0) out = fmt::format("of `{}`", a.text(a.program()[owner].text));
  return out;
}

types::TypeRef type_of_field(const Analysis& a, NodeRef field) {
  const NodeRef owner = owner_of_field(a, field);
  if (owner == 0) return nullptr;
  const types::Schema* s = a.evaluation().kind_named(a.text(a.program()[owner].text));
  const types::Field* f = s == nullptr ? nullptr : s->find(a.program()[field].text);
  return f == nullptr || f->decl != field ? nullptr : f->type;
}

std::optional<Hover> of_reference(const Analysis& a, const Reference& r, FileId file, std::uint32_t offset) {
  const names::Program& p = a.program();
  std::string out = fenced(signature(a, r.target));
  const Node& target = p[r.target];
  paragraph(out, about_type(a, r));
  paragraph(out, documentation(a, r.target));
  if (target.kind == NodeKind::FieldDecl) {
    if (const std::string_view words = unit(type_of_field(a, r.target)); !words.empty())
      paragraph(out, words);
    const Node& node = p[r.node];
    std::optional<Value> v;
    if (node.kind == NodeKind::Entry) {
      std::vector<NodeRef> entries = a.entries(a.path_to(file, offset));
      while (!entries.empty() && entries.back() != r.node) entries.pop_back();
      v = a.value_of(entries);
    } else if (node.kind == NodeKind::Member) {
      v = a.constant(r.node);
    }
    if (v) paragraph(out, fmt::format("= `{}`", shown(a, *v)));
  } else if (target.kind == NodeKind::Entry && a.resources_of(r.target).empty()) {
    std::optional<Value> v;
    if (r.node == r.target)
      v = a.value_of(a.entries(a.path_to(file, offset)));
    else
      v = a.constant(r.node);
    if (v) paragraph(out, fmt::format("= `{}`", shown(a, *v)));
  } else {
    add_values(a, r.target, out);
  }
  return Hover{std::move(out), r.span};
}

}  // namespace

Value principal(const Analysis& a, Value v) {
  while (v.is(Tag::record) && v.record->owner != nullptr && !v.record->schema->fields.empty()) {
    const Value first = a.evaluation().field(*v.record, 0);
    if (first.poisoned() || first.is(Tag::none)) break;
    v = first;
  }
  return v;
}

std::string shown(const Analysis& a, const Value& value, std::size_t width) {
  std::string out = flat(a.evaluation().display(value), width);
  std::ranges::replace(out, '`', '\'');  // it stands between such quotes
  return out;
}

std::string signature(const Analysis& a, NodeRef n) {
  const names::Program& p = a.program();
  const Node& node = p[n];
  const auto source = [&](NodeRef part, std::size_t width = 160) {
    return flat(p.sources().slice(p.span(part)), width);
  };
  switch (node.kind) {
    case NodeKind::FieldDecl:
    case NodeKind::Parameter:
      return field_line(a, n);
    case NodeKind::Param:
      return "param " + field_line(a, n);
    case NodeKind::Entry:
      return flat(p.sources().slice(p.header(n)), 200);
    case NodeKind::Fn: {
      const NodeRef body = p.last_child(n);
      Span head = p.span(n);
      head.end = p[body].begin;
      std::string out = flat(p.sources().slice(head), 200);
      while (!out.empty() && (out.back() == '=' || out.back() == ' ')) out.pop_back();
      return out;
    }
    case NodeKind::Schema:
      return fmt::format("schema {}", a.text(node.text));
    case NodeKind::Component:
      return fmt::format("component {}", a.text(node.text));
    case NodeKind::TypeTagged:
      return fmt::format("{} {{ … }}", a.text(node.text));
    case NodeKind::For:
    case NodeKind::Comprehension:
      return fmt::format("for {}{}{} in {}", a.text(node.text), node.op == 2 ? ", " : "",
                         node.op == 2 ? a.text(node.text2) : "", source(p.child(n, 0)));
    default:
      return source(n);
  }
}

std::string documentation(const Analysis& a, NodeRef n) {
  const names::Program& p = a.program();
  if (const std::string_view own = a.doc(n); !own.empty()) return std::string(own);
  if (p[n].kind == NodeKind::Entry && !a.resources_of(n).empty()) {
    const NodeRef kind = names::lookup(a.evaluation().declarations().kinds, p[n].text);
    if (kind != 0) return std::string(a.doc(kind));
  }
  // The documentation of a tag stands in front of its union.
  return {};
}

std::optional<Hover> hover(const Analysis& a, FileId file, std::uint32_t offset) {
  if (!a.ready()) return std::nullopt;
  const names::Program& p = a.program();
  if (const Reference* r = a.reference_at(file, offset)) return of_reference(a, *r, file, offset);
  const std::vector<NodeRef> path = a.path_to(file, offset);
  if (path.empty()) return std::nullopt;
  const NodeRef n = path.back();
  const eval::Meaning m = a.evaluation().meaning(n);
  const Node& node = p[n];
  switch (node.kind) {
    case NodeKind::File:
    case NodeKind::Body:
    case NodeKind::Entry:
    case NodeKind::Error:
    case NodeKind::For:
    case NodeKind::If:
      return std::nullopt;
    default:
      break;
  }
  if (node.kind == NodeKind::Name && !path.empty() && path.size() >= 2 &&
      p[path[path.size() - 2]].kind == NodeKind::Call) {
    if (const eval::Builtin* b = eval::find_builtin(a.text(node.text)))
      return Hover{fenced(fmt::format("{}({}{})", b->name,
                                      b->least == 1 ? "value" : fmt::format("{} values", b->least),
                                      b->most > b->least ? ", …" : "")) +
                       "\n\nbuilt in",
                   p.span(n)};
  }
  if (m.type == nullptr) return std::nullopt;
  if (m.res == Res::word) {  // one of those that the field takes
    const std::vector<NodeRef> around = a.entries(path);
    const Reference* r = around.empty() ? nullptr : a.reference_at(file, p[around.back()].begin);
    if (r != nullptr && p[r->target].kind == NodeKind::FieldDecl) {
      std::string out = fenced(signature(a, r->target));
      paragraph(out, fmt::format("`{}` is one of its words", a.text(node.text)));
      paragraph(out, documentation(a, r->target));
      return Hover{std::move(out), p.span(n)};
    }
  }
  std::string out =
      fenced(fmt::format("{}: {}", flat(p.sources().slice(p.span(n)), 80), a.evaluation().describe(m.type)));
  // A literal as the value it came to: `.51` as the address.
  const std::vector<NodeRef> entries = a.entries(path);
  if (!entries.empty() && (node.kind == NodeKind::HostPart || node.kind == NodeKind::HostRange) &&
      names::parts(p, entries.back()).value == n) {
    if (const auto v = a.value_of(entries)) paragraph(out, fmt::format("= `{}`", shown(a, principal(a, *v))));
  } else if (node.kind != NodeKind::String && node.kind != NodeKind::Int) {
    if (const auto v = a.constant(n)) paragraph(out, fmt::format("= `{}`", shown(a, *v)));
  }
  return Hover{std::move(out), p.span(n)};
}

}  // namespace lab::ide
