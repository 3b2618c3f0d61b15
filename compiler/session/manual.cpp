#include "compiler/session/manual.h"

#include <fmt/format.h>

#include "compiler/session/session.h"

namespace lab::session {

namespace {

using names::NodeRef;
using syntax::NodeKind;

class Manual {
 public:
  explicit Manual(const Snapshot& s) : s_(s), program_(*s.program) {}

  std::string page(NodeRef file, std::string_view name) {
    std::string out = fmt::format("# {}\n", name);
    const std::size_t empty = out.size();
    for (const NodeRef c : program_.children(file)) {
      const NodeKind kind = program_[c].kind;
      if (kind == NodeKind::Schema || kind == NodeKind::Component)
        declared(c, kind == NodeKind::Schema ? "kind" : "component", out);
      else if (kind == NodeKind::TypeDecl)
        type(c, out);
    }
    return out.size() == empty ? std::string() : out;
  }

 private:
  std::string_view text(NodeRef n) const { return s_.symbols.text(program_[n].text); }
  std::string_view doc(NodeRef n) const { return s_.symbols.text(program_.doc(n)); }

  /// Source on one line, fit for a cell of a table.
  std::string code(NodeRef n) const {
    std::string out;
    bool comment = false;
    const std::string_view source = s_.sources.slice(program_.span(n));
    for (std::size_t i = 0; i < source.size(); ++i) {
      if (source.compare(i, 2, "//") == 0) comment = true;
      if (source[i] == '\n') comment = false;
      if (comment) continue;
      const bool space = source[i] == ' ' || source[i] == '\n';
      if (space && (out.empty() || out.back() == ' ')) continue;
      if (source[i] == '|') out += '\\';
      out += space ? ' ' : source[i];
    }
    return "`" + out + "`";
  }

  static std::string cell(std::string_view words) {
    std::string out;
    for (const char c : words) {
      if (c == '|') out += '\\';
      out += c == '\n' ? ' ' : c;
    }
    return out;
  }

  void rows(NodeRef parent, const std::string& prefix, std::string& out) {
    for (const NodeRef f : program_.children(parent)) {
      if (program_[f].kind != NodeKind::FieldDecl) continue;
      const NodeRef type = program_.child(f, 0), value = program_.child(f, 1);
      const bool computed = program_[f].has(syntax::computed);
      std::string initial = value == 0 ? "" : code(value);
      if (computed) initial = "computed";
      const bool record = program_[type].kind == NodeKind::TypeRecord;
      out += fmt::format("| `{}{}` | {} | {} | {} |\n", prefix, text(f), record ? "record" : code(type),
                         initial, cell(doc(f)));
      if (record) rows(type, fmt::format("{}{}.", prefix, text(f)), out);
    }
  }

  void table(NodeRef parent, std::string& out) {
    std::string body;
    rows(parent, "", body);
    if (!body.empty()) out += "\n| field | type | default | meaning |\n|---|---|---|---|\n" + body;
  }

  void declared(NodeRef n, std::string_view what, std::string& out) {
    out += fmt::format("\n## {}\n\n*{}", text(n), what);
    const NodeRef first = program_.child(n, 0);
    if (first != 0 && program_[first].kind == NodeKind::Path)
      out += fmt::format(", like `{}`", s_.sources.slice(program_.span(first)));
    out += "*\n";
    if (!doc(n).empty()) out += fmt::format("\n{}\n", doc(n));
    table(n, out);
  }

  void type(NodeRef n, std::string& out) {
    out += fmt::format("\n## {}\n\n*type*\n", text(n));
    if (!doc(n).empty()) out += fmt::format("\n{}\n", doc(n));
    alternatives(program_.child(n, 0), out);
  }

  /// What a type may be: a record's fields, or each alternative of a union with its fields.
  void alternatives(NodeRef t, std::string& out) {
    switch (program_[t].kind) {
      case NodeKind::TypeRecord:
        table(t, out);
        return;
      case NodeKind::TypeTagged:
        out += fmt::format("\n`{} {{ … }}`\n", text(t));
        table(program_.child(t, 0), out);
        return;
      case NodeKind::TypeUnion:
        for (const NodeRef c : program_.children(t)) alternatives(c, out);
        return;
      default:
        out += fmt::format("\n{}\n", code(t));
    }
  }

  const Snapshot& s_;
  const names::Program& program_;
};

}  // namespace

std::vector<Page> manual() {
  const source::MemoryFileSystem none;
  const auto snapshot = compile(none, {});
  std::vector<Page> out;
  for (const names::Unit& unit : snapshot->program->units()) {
    if (unit.home != names::Home::standard || unit.base == 0) continue;
    std::string name = snapshot->sources.path(unit.file);  // std/core/apps.lab
    name = name.substr(4, name.size() - 8);
    if (std::string text = Manual(*snapshot).page(unit.base, name); !text.empty())
      out.push_back({name, std::move(text)});
  }
  return out;
}

}  // namespace lab::session
