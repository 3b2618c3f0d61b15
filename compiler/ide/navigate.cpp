#include "compiler/ide/navigate.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::ide {

using eval::Res;
using syntax::Node;
using syntax::NodeKind;

std::vector<Span> definitions(const Analysis& a, FileId file, std::uint32_t offset) {
  const Reference* r = a.reference_at(file, offset);
  if (r == nullptr) return {};
  return {r->target_name};
}

bool in_changes(const Analysis& a, FileId file, std::uint32_t offset) {
  return std::ranges::any_of(a.path_to(file, offset), [&](NodeRef n) {
    const NodeKind kind = a.program()[n].kind;
    return kind == NodeKind::Environment || kind == NodeKind::Test;
  });
}

std::vector<Reference> references(const Analysis& a, const Variants& variants, FileId file,
                                  std::uint32_t offset, bool with_declaration) {
  std::vector<Reference> out;
  const Reference* at = a.reference_at(file, offset);
  if (at == nullptr) return out;
  const auto collect = [&](const Analysis& from) {
    for (const Reference& r : from.references())
      if (r.target_name == at->target_name && (with_declaration || r.span != r.target_name)) out.push_back(r);
  };
  collect(a);
  for (const auto& other : variants) collect(*other);
  std::ranges::stable_sort(out, {}, &Reference::span);
  out.erase(
      std::unique(out.begin(), out.end(), [](const auto& x, const auto& y) { return x.span == y.span; }),
      out.end());
  return out;
}

namespace {

std::string words(const Analysis& a, Span span) {
  return std::string(a.snapshot().sources.slice(span));
}

class Outline {
 public:
  explicit Outline(const Analysis& a) : a_(a), p_(a.program()) {}

  void members(NodeRef parent, bool top, std::vector<Symbol>& out) {
    for (const NodeRef m : p_.children(parent)) member(m, top, out);
  }

 private:
  void member(NodeRef m, bool top, std::vector<Symbol>& out) {
    const Node& node = p_[m];
    const std::string name(a_.text(node.text));
    switch (node.kind) {
      case NodeKind::Entry: {
        const names::EntryParts parts = names::parts(p_, m);
        if (parts.label == 0 && parts.body == 0) return;
        Symbol s{name, "", top ? SymbolKind::resource : SymbolKind::block, p_.span(m), a_.name_of(m), {}};
        if (parts.label != 0) {
          Span header = p_.header(m);
          header.begin = p_[parts.label].end;
          if (parts.value != 0) header.end = p_[parts.label].end;
          s.name = words(a_, a_.name_of(m));
          s.detail = name + words(a_, header);
        }
        if (parts.body != 0) members(parts.body, false, s.children);
        if (s.name.empty()) s.name = name.empty() ? "(unnamed)" : name;
        out.push_back(std::move(s));
        return;
      }
      case NodeKind::For:
      case NodeKind::If:
        for (const NodeRef c : p_.children(m)) {
          if (p_[c].kind == NodeKind::Body) members(c, top, out);
          if (p_[c].kind == NodeKind::If) member(c, top, out);
        }
        return;
      case NodeKind::Let:
        return leaf(m, name, "let", SymbolKind::constant, out);
      case NodeKind::Param:
        return leaf(m, name, "param", SymbolKind::parameter, out);
      case NodeKind::Fn:
        return leaf(m, name, "fn", SymbolKind::function, out);
      case NodeKind::TypeDecl:
        return leaf(m, name, "type", SymbolKind::type, out);
      case NodeKind::Schema:
        return leaf(m, name, "schema", SymbolKind::kind, out);
      case NodeKind::Component:
        return leaf(m, name, "component", SymbolKind::kind, out);
      case NodeKind::Environment:
        return leaf(m, name, "environment", SymbolKind::environment, out);
      case NodeKind::Test: {
        Span name_span = p_.span(m);
        name_span.end = p_[p_.child(m, 0)].begin;
        out.push_back({name.empty() ? "test" : name, "test", SymbolKind::test, p_.span(m), name_span, {}});
        return;
      }
      default:
        return;
    }
  }

  void leaf(NodeRef m, const std::string& name, const char* detail, SymbolKind kind,
            std::vector<Symbol>& out) {
    if (!name.empty()) out.push_back({name, detail, kind, p_.span(m), a_.name_of(m), {}});
  }

  const Analysis& a_;
  const names::Program& p_;
};

/// Names as the grammar has them (docs/language.md, "Lexical").
bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || !letter(text.front()) || text.back() == '-' ||
      text.find("--") != std::string_view::npos)
    return false;
  return std::ranges::all_of(text, [&](char c) { return letter(c) || c == '-' || (c >= '0' && c <= '9'); });
}

bool quoted(const Analysis& a, Span span) {
  const std::string_view text = a.text(span.file);
  return span.begin > 0 && text[span.begin - 1] == '"';
}

}  // namespace

std::vector<Symbol> symbols(const Analysis& a, FileId file) {
  std::vector<Symbol> out;
  if (const NodeRef root = a.root(file); root != 0) Outline(a).members(root, true, out);
  return out;
}

std::vector<Link> links(const Analysis& a, FileId file) {
  std::vector<Link> out;
  const names::Program& p = a.program();
  const NodeRef root = a.root(file);
  if (root == 0) return out;
  const std::string& own = a.snapshot().sources.path(file);
  const std::size_t slash = own.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : own.substr(0, slash + 1);
  for (NodeRef n = root; n < root + p[root].size; ++n) {
    if (p[n].kind != NodeKind::Call || p[n + 1].kind != NodeKind::Name) continue;
    const std::string_view callee = a.text(p[n + 1].text);
    const NodeRef first = p.child(n, 1);
    if ((callee != "text" && callee != "template") || first == 0 || p[first + 1].kind != NodeKind::String)
      continue;
    Span span = p.span(first + 1);
    ++span.begin, --span.end;
    out.push_back({span, folder + std::string(a.text(p[first + 1].text))});
  }
  return out;
}

std::variant<Renaming, std::string> prepare_rename(const Analysis& a, FileId file, std::uint32_t offset) {
  const Reference* r = a.reference_at(file, offset);
  if (r == nullptr) return "there is no name here";
  const std::string name = words(a, r->target_name);
  const auto unit = a.program().unit(r->target);
  if (unit.home != names::Home::lab)
    return fmt::format("`{}` is declared in {}, which is not part of this lab", name,
                       a.snapshot().sources.path(unit.file));
  const Node& target = a.program()[r->target];
  if (target.kind == NodeKind::Entry &&
      (!target.has(syntax::has_label) || a.program()[r->target + 1].kind == NodeKind::Interpolation))
    return "this name is made from other values: there is no one text to change";
  if (words(a, r->span) != name) return fmt::format("this stands for `{}` under another name", name);
  return Renaming{r->span, name};
}

std::variant<std::vector<diagnostics::Edit>, std::string> rename(const Analysis& a, const Variants& variants,
                                                                 FileId file, std::uint32_t offset,
                                                                 const std::string& name) {
  const auto prepared = prepare_rename(a, file, offset);
  if (const auto* why = std::get_if<std::string>(&prepared)) return *why;
  const std::string old = std::get<Renaming>(prepared).name;
  const Reference at = *a.reference_at(file, offset);
  const bool plain = is_name(name);
  if (!plain &&
      !(is_name(old) == false && name.find_first_of("\"\\$\n\r") == std::string::npos && !name.empty()))
    return fmt::format(
        "`{}` is no name: names begin with a letter and hold letters, digits, `_` and single dashes", name);
  if (name == "because") return fmt::format("`{}` is a word of the language", name);
  if (name == old) return std::vector<diagnostics::Edit>{};
  const Node& target = a.program()[at.target];
  if (target.kind == NodeKind::Entry)
    for (const eval::Record* own : a.resources_of(at.target))
      for (const eval::Record* r : a.evaluation().all())
        if (r->schema == own->schema && a.text(r->name) == name)
          return fmt::format("there is a {} `{}` already", a.text(r->schema->name), name);
  const names::Declarations& d = a.evaluation().declarations();
  const source::Symbol symbol = a.snapshot().symbols.find(name);
  for (const auto& [table, kind] : {std::pair(&d.lets, NodeKind::Let), std::pair(&d.params, NodeKind::Param),
                                    std::pair(&d.functions, NodeKind::Fn)})
    if (target.kind == kind && symbol != source::Symbol::empty && names::lookup(*table, symbol) != 0)
      return fmt::format("`{}` is declared already", name);
  std::vector<diagnostics::Edit> edits;
  const auto collect = [&](const Analysis& from) {
    for (const Reference& r : from.references()) {
      if (r.target_name != at.target_name || words(from, r.span) != old) continue;
      if (!plain && !quoted(from, r.span)) continue;
      edits.push_back({r.span, name});
    }
  };
  collect(a);
  for (const auto& other : variants) collect(*other);
  std::ranges::sort(edits, {}, &diagnostics::Edit::span);
  edits.erase(
      std::unique(edits.begin(), edits.end(), [](const auto& x, const auto& y) { return x.span == y.span; }),
      edits.end());
  return edits;
}

}  // namespace lab::ide
