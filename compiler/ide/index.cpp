#include "compiler/ide/index.h"

#include <algorithm>
#include <unordered_map>

namespace lab::ide {

using eval::Res;
using syntax::Node;
using syntax::NodeKind;

namespace {

constexpr std::string_view clause_words[] = {"on", "at", "via", "to", "from", "of", "in", "like"};

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// The first whole word `name` at or after `from`.
Span word_after(const names::Program& program, Span whole, std::uint32_t from, std::string_view name) {
  const std::string_view text = program.sources().text(whole.file);
  for (std::size_t at = from;
       !name.empty() && (at = text.find(name, at)) != std::string_view::npos && at < whole.end; ++at) {
    const std::size_t end = at + name.size();
    if ((at > 0 && letter(text[at - 1])) || (end < text.size() && letter(text[end]))) continue;
    return {whole.file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
  }
  return whole;
}

Span inside_quotes(const names::Program& program, Span span) {
  const std::string_view slice = program.sources().slice(span);
  if (slice.size() >= 2 && slice.front() == '"' && slice.back() == '"' && !slice.starts_with("\"\"\"")) {
    ++span.begin;
    --span.end;
  }
  return span;
}

class Indexer {
 public:
  explicit Indexer(const Analysis& analysis)
      : a_(analysis), p_(analysis.program()), e_(analysis.evaluation()) {}

  std::vector<Reference> run() {
    const std::uint32_t size = p_.size();
    for (const names::Unit& unit : p_.units()) {
      if (unit.base == 0 || unit.home == names::Home::standard) continue;
      label_owners(unit.base, unit.base + p_[unit.base].size);
    }
    for (std::size_t u = 1; u < p_.units().size(); ++u) {
      const names::Unit& unit = p_.units()[u];
      if (unit.home != names::Home::lab) continue;
      const NodeRef end = u + 1 < p_.units().size() ? p_.units()[u + 1].base : size;
      for (NodeRef n = unit.base; n < end; ++n) node(n, p_[unit.base].kind == NodeKind::File);
    }
    for (const eval::Use& use : a_.snapshot().uses) {
      if (p_.unit(use.at).home != names::Home::lab) continue;
      add(use_span(use.at), use.at, normal(use.target), Res::field);
    }
    std::ranges::stable_sort(out_, [](const Reference& x, const Reference& y) {
      return std::tuple(x.span.file, x.span.begin, x.declaration) <
             std::tuple(y.span.file, y.span.begin, y.declaration);
    });
    // One a place: a use before the block it declares; what a name was found to be before what it may be.
    const auto same = [](const Reference& x, const Reference& y) { return x.span == y.span; };
    out_.erase(std::unique(out_.begin(), out_.end(), same), out_.end());
    return std::move(out_);
  }

 private:
  std::string_view text(NodeRef n) const { return a_.text(p_[n].text); }

  /// Labels and words stand for the entries they head.
  void label_owners(NodeRef begin, NodeRef end) {
    for (NodeRef n = begin; n < end; ++n)
      if (p_[n].kind == NodeKind::Entry && p_[n].has(syntax::has_label)) owner_of_label_[n + 1] = n;
  }

  /// The declaration that a target stands for: of a block whose label names something, that.
  NodeRef normal(NodeRef target) const {
    if (const auto owner = owner_of_label_.find(target); owner != owner_of_label_.end())
      target = owner->second;
    if (p_[target].kind == NodeKind::Entry && p_[target].has(syntax::has_label))
      if (const eval::Meaning m = e_.meaning(target + 1);
          m.declaration != 0 && p_[target + 1].kind == NodeKind::Name)
        return m.declaration;
    return target;
  }

  Span use_span(NodeRef n) const {
    Span span = p_.span(n);
    const Node& node = p_[n];
    const auto size = static_cast<std::uint32_t>(text(n).size());
    switch (node.kind) {
      case NodeKind::Entry:
        if (node.text == source::Symbol::empty) return {};
        span.end = span.begin + size + (node.has(syntax::string_key) ? 2 : 0);
        return inside_quotes(p_, span);
      case NodeKind::Arg:
        span.end = span.begin + size;
        return span;
      case NodeKind::ClauseArg:
        span.end = span.begin + static_cast<std::uint32_t>(clause_words[node.op].size());
        return span;
      case NodeKind::Member:
        span.begin = span.end - std::min(size, span.end - span.begin);
        return span;
      case NodeKind::String:
        return inside_quotes(p_, span);
      default:
        return span;
    }
  }

  void add(Span span, NodeRef n, NodeRef target, Res res, bool declaration = false) {
    if (!span.valid() || target == 0) return;
    out_.push_back({span, n, target, name_span(p_, a_.snapshot().symbols, target), declaration, res});
  }
  void declare(NodeRef n, Res res) {
    const Span name = name_span(p_, a_.snapshot().symbols, n);
    out_.push_back({name, n, n, name, true, res});
  }

  /// A word that names a kind or a type.
  void type_name(Span span, NodeRef n, source::Symbol name) {
    const names::Declarations& d = e_.declarations();
    if (const NodeRef type = names::lookup(d.types, name)) return add(span, n, type, Res::kind);
    if (const NodeRef kind = names::lookup(d.kinds, name)) add(span, n, kind, Res::kind);
  }

  void entry(NodeRef n) {
    const Node& node = p_[n];
    if (node.has(syntax::string_key)) return;
    const NodeRef kind = names::lookup(e_.declarations().kinds, node.text);
    const bool resource = kind != 0 && resources_.contains(n);
    if (resource) add(use_span(n), n, kind, Res::kind);
    if (const NodeRef param = names::lookup(e_.declarations().params, node.text);
        param != 0 && node.has(syntax::has_value) && in_changes_)
      add(use_span(n), n, param, Res::param);
    if (node.has(syntax::has_label) && p_[n + 1].kind != NodeKind::Interpolation)
      declare(n, resource ? Res::resource : Res::field);
  }

  void node(NodeRef n, bool original) {
    if (resources_.empty())
      for (const eval::Record* r : e_.all()) resources_.emplace(r->origin, r);
    const Node& node = p_[n];
    if (n >= changes_end_) in_changes_ = false;
    switch (node.kind) {
      case NodeKind::Name: {
        const eval::Meaning m = e_.meaning(n);
        if (m.res == Res::variable) {
          NodeRef declaration = 0;
          const Span name = binding(a_, p_.span(n), declaration);
          if (declaration != 0) out_.push_back({p_.span(n), n, declaration, name, false, m.res});
        } else {
          add(p_.span(n), n, m.declaration, m.res);
        }
        return;
      }
      case NodeKind::Member: {
        const eval::Meaning m = e_.meaning(n);
        add(use_span(n), n, m.declaration, m.res);
        return;
      }
      case NodeKind::Call:
      case NodeKind::Tagged: {
        const eval::Meaning m = e_.meaning(n);
        if (m.res == Res::tag || m.res == Res::function || m.res == Res::kind ||
            (m.res == Res::constructor && node.kind == NodeKind::Call))
          add(use_span(n + 1), n + 1, m.declaration, m.res);
        return;
      }
      case NodeKind::TypeName:
      case NodeKind::Schema:
      case NodeKind::Component:
      default:
        break;
    }
    if (!original) return;
    switch (node.kind) {
      case NodeKind::Entry:
        entry(n);
        return;
      case NodeKind::Let:
        declare(n, Res::let);
        return;
      case NodeKind::Param:
        declare(n, Res::param);
        return;
      case NodeKind::Fn:
        declare(n, Res::function);
        return;
      case NodeKind::Parameter:
        declare(n, Res::variable);
        return;
      case NodeKind::FieldDecl:
        declare(n, Res::field);
        return;
      case NodeKind::TypeDecl:
        declare(n, Res::kind);
        return;
      case NodeKind::Schema:
      case NodeKind::Component:
        declare(n, Res::kind);
        if (n + 1 < p_.size() && node.size > 1 && p_[n + 1].kind == NodeKind::Path)
          type_name(p_.span(n + 2), n + 2, p_[n + 2].text);
        return;
      case NodeKind::Environment:
        declare(n, Res::none);
        in_changes_ = true;
        changes_end_ = n + node.size;
        if (p_[n + 1].kind == NodeKind::Path)
          add(p_.span(n + 2), n + 2, names::lookup(e_.declarations().environments, p_[n + 2].text),
              Res::none);
        return;
      case NodeKind::Test:
        in_changes_ = true;
        changes_end_ = n + node.size;
        return;
      case NodeKind::For:
      case NodeKind::Comprehension: {
        const Span whole = p_.span(n);
        const std::uint32_t skip = node.kind == NodeKind::For ? 3 : 1;
        const Span first = word_after(p_, whole, whole.begin + skip, text(n));
        out_.push_back({first, n, n, first, true, Res::variable});
        if (node.op == 2) {
          const Span second = word_after(p_, whole, first.end, a_.text(node.text2));
          out_.push_back({second, n, n, second, true, Res::variable});
        }
        return;
      }
      case NodeKind::TypeName: {
        Span span = p_.span(n);
        span.end = span.begin + static_cast<std::uint32_t>(text(n).size());
        type_name(span, n, node.text);
        return;
      }
      case NodeKind::Override:
      case NodeKind::Remove: {
        const Span whole = p_.span(n);
        const NodeRef kind = names::lookup(e_.declarations().kinds, node.text);
        const std::uint32_t skip = node.kind == NodeKind::Override ? 8 : 6;
        add(word_after(p_, whole, whole.begin + skip, text(n)), n, kind, Res::kind);
        if (!node.has(syntax::has_label)) return;
        for (const auto& [origin, r] : resources_)
          if (r->name == p_[n + 1].text && r->schema->name == node.text) {
            add(use_span(n + 1), n + 1, normal(origin), Res::resource);
            return;
          }
        return;
      }
      default:
        return;
    }
  }

  const Analysis& a_;
  const names::Program& p_;
  const eval::Evaluation& e_;
  std::vector<Reference> out_;
  std::unordered_map<NodeRef, NodeRef> owner_of_label_;
  std::unordered_map<NodeRef, const eval::Record*> resources_;  // by the entry that declares them
  bool in_changes_ = false;                                     // in the body of an environment or a test
  NodeRef changes_end_ = 0;
};

}  // namespace

std::vector<Reference> index(const Analysis& analysis) {
  return Indexer(analysis).run();
}

Span binding(const Analysis& analysis, Span use, NodeRef& declaration) {
  const names::Program& p = analysis.program();
  const std::string_view name = p.sources().slice(use);
  const std::vector<NodeRef> path = analysis.path_to(use.file, use.begin);
  for (auto at = path.rbegin(); at != path.rend(); ++at) {
    const Node& node = p[*at];
    const Span whole = p.span(*at);
    if (node.kind == NodeKind::For || node.kind == NodeKind::Comprehension) {
      const bool first = analysis.text(node.text) == name;
      if (!first && (node.op != 2 || analysis.text(node.text2) != name)) continue;
      declaration = *at;
      Span found =
          word_after(p, whole, whole.begin + (node.kind == NodeKind::For ? 3 : 1), analysis.text(node.text));
      return first ? found : word_after(p, whole, found.end, name);
    }
    if (node.kind != NodeKind::Fn) continue;
    for (const NodeRef c : p.children(*at))
      if (p[c].kind == NodeKind::Parameter && analysis.text(p[c].text) == name) {
        declaration = c;
        return analysis.name_of(c);
      }
  }
  return {};
}

Span name_span(const names::Program& p, const source::Symbols& symbols, NodeRef n) {
  const Node& node = p[n];
  const Span whole = p.span(n);
  const std::string_view name = symbols.text(node.text);
  const auto after = [&](std::size_t keyword) {
    return word_after(p, whole, whole.begin + static_cast<std::uint32_t>(keyword), name);
  };
  switch (node.kind) {
    case NodeKind::Entry: {
      if (node.has(syntax::has_label)) return inside_quotes(p, p.span(n + 1));
      Span word = whole;
      word.end =
          word.begin + static_cast<std::uint32_t>(name.size()) + (node.has(syntax::string_key) ? 2 : 0);
      return inside_quotes(p, word);
    }
    case NodeKind::Let:
      return after(3);
    case NodeKind::Param:
      return after(5);
    case NodeKind::Fn:
      return after(2);
    case NodeKind::Schema:
      return after(6);
    case NodeKind::Component:
      return after(9);
    case NodeKind::TypeDecl:
      return after(4);
    case NodeKind::Environment:
      return after(11);
    case NodeKind::FieldDecl:
    case NodeKind::Parameter:
    case NodeKind::TypeTagged:
      return after(0);
    default:
      return whole;
  }
}

}  // namespace lab::ide
