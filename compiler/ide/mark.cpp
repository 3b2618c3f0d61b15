#include "compiler/ide/mark.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/ide/describe.h"
#include "compiler/syntax/parse.h"

namespace lab::ide {

using eval::Res;
using syntax::NodeKind;
using syntax::Token;

namespace {

TokenClass class_of(const Analysis& a, const Reference& r) {
  switch (a.program()[r.target].kind) {
    case NodeKind::FieldDecl:
      return TokenClass::property;
    case NodeKind::Schema:
    case NodeKind::Component:
    case NodeKind::TypeDecl:
      return TokenClass::type;
    case NodeKind::TypeTagged:
      return TokenClass::enumMember;
    case NodeKind::Fn:
      return TokenClass::function;
    case NodeKind::Parameter:
      return TokenClass::parameter;
    case NodeKind::Entry:
      return a.resources_of(r.target).empty() ? TokenClass::property : TokenClass::class_;
    default:
      return TokenClass::variable;
  }
}

bool is_number(std::string_view kind) {
  constexpr std::string_view kinds[] = {"INT", "DECIMAL", "QUANTITY", "IP",   "PREFIX",    "IP_RANGE",
                                        "MAC", "PORT",    "VERSION",  "HOST", "HOST_RANGE"};
  return std::ranges::find(kinds, kind) != std::end(kinds);
}

bool is_operator(std::string_view kind) {
  constexpr std::string_view kinds[] = {"EQ",       "NE",       "LE",   "GE",     "LT",   "GT",
                                        "PLUSEQ",   "ASSIGN",   "PLUS", "MINUS",  "STAR", "SLASH",
                                        "COALESCE", "QUESTION", "PIPE", "DOTDOT", "ARROW"};
  return std::ranges::find(kinds, kind) != std::end(kinds);
}

}  // namespace

std::vector<MeaningToken> meaning_tokens(const Analysis& a, FileId file) {
  std::vector<MeaningToken> out;
  const std::string_view text = a.text(file);
  const auto& all = a.references();
  auto next = std::ranges::lower_bound(all, file, {}, [](const Reference& r) { return r.span.file; });
  for (const Token& t : syntax::tokens(text)) {
    while (next != all.end() && next->span.file == file && next->span.end <= t.begin) ++next;
    MeaningToken m{t.begin, t.end, TokenClass::operator_, 0};
    const bool named = next != all.end() && next->span.file == file && next->span.begin >= t.begin &&
                       next->span.end <= t.end;
    const std::string_view word = text.substr(t.begin, t.end - t.begin);
    if (named && (t.kind == "NAME" || t.kind.starts_with("KW_"))) {
      m.cls = class_of(a, *next);
      if (next->declaration) m.modifiers |= declaration;
      if (a.program().standard(next->target)) m.modifiers |= default_library;
      if (m.cls == TokenClass::variable) m.modifiers |= readonly;
    } else if (t.kind.starts_with("KW_")) {
      m.cls = TokenClass::keyword;
    } else if (t.kind == "DOC" || t.kind == "LINE_COMMENT" || t.kind == "BLOCK_COMMENT") {
      m.cls = TokenClass::comment;
    } else if (t.kind == "PLAIN" || t.kind == "OPEN" || t.kind == "ML_OPEN" || t.kind == "CHARS" ||
               t.kind == "CLOSE") {
      m.cls = TokenClass::string;
    } else if (is_number(t.kind)) {
      m.cls = TokenClass::number;
    } else if (t.kind == "NAME") {
      const std::vector<NodeRef> path = a.path_to(file, t.begin);
      const bool is_word = !path.empty() && a.program()[path.back()].kind == NodeKind::Name &&
                           a.evaluation().meaning(path.back()).res == Res::word;
      m.cls = is_word ? TokenClass::enumMember : TokenClass::variable;
      if (!is_word && (path.empty() || a.program()[path.back()].kind != NodeKind::Call) &&
          a.evaluation().meaning(path.back()).res == Res::none)
        continue;
    } else if (!is_operator(t.kind)) {
      continue;
    }
    // Tokens of several lines are several tokens.
    std::uint32_t begin = t.begin;
    for (std::size_t at = 0; at <= word.size(); ++at) {
      if (at < word.size() && word[at] != '\n' && word[at] != '\r') continue;
      const std::uint32_t end = t.begin + static_cast<std::uint32_t>(at);
      if (end > begin) out.push_back({begin, end, m.cls, m.modifiers});
      begin = end + 1;
    }
  }
  return out;
}

std::vector<Fold> folds(std::string_view text) {
  std::vector<Fold> out;
  std::vector<std::uint32_t> open;
  const auto lines = [&](std::uint32_t begin, std::uint32_t end) {
    return text.substr(begin, end - begin).find('\n') != std::string_view::npos;
  };
  Fold comment{0, 0, true};
  const auto end_comment = [&] {
    if (comment.end != 0 && lines(comment.begin, comment.end)) out.push_back(comment);
    comment = {0, 0, true};
  };
  for (const Token& t : syntax::tokens(text)) {
    if (t.kind == "DOC" || t.kind == "LINE_COMMENT" || t.kind == "BLOCK_COMMENT") {
      const std::string_view gap =
          comment.end == 0 ? std::string_view() : text.substr(comment.end, t.begin - comment.end);
      if (std::ranges::count(gap, '\n') > 1) end_comment();
      if (comment.end == 0) comment.begin = t.begin;
      comment.end = t.end;
      continue;
    }
    end_comment();
    if (t.kind == "LBRACE" || t.kind == "LBRACK" || t.kind == "LPAREN") open.push_back(t.end);
    if ((t.kind == "RBRACE" || t.kind == "RBRACK" || t.kind == "RPAREN") && !open.empty()) {
      if (lines(open.back(), t.begin)) out.push_back({open.back(), t.begin, false});
      open.pop_back();
    }
  }
  end_comment();
  std::ranges::sort(out, {}, &Fold::begin);
  return out;
}

std::vector<Hint> hints(const Analysis& a, FileId file, std::uint32_t begin, std::uint32_t end) {
  std::vector<Hint> out;
  const names::Program& p = a.program();
  const NodeRef root = a.root(file);
  if (root == 0) return out;
  for (NodeRef n = root; n < root + p[root].size; ++n) {
    const syntax::Node& node = p[n];
    if (node.begin < begin || node.end > end) continue;
    std::optional<eval::Value> v;
    if (node.kind == NodeKind::Index && p[p.child(n, 1)].kind == NodeKind::HostPart) {
      v = a.constant(n);
    } else if (node.kind == NodeKind::HostPart || node.kind == NodeKind::HostRange) {
      const std::vector<NodeRef> entries = a.entries(a.path_to(file, node.begin));
      if (!entries.empty() && names::parts(p, entries.back()).value == n) v = a.value_of(entries);
    }
    if (v) v = principal(a, *v);
    if (v && (v->is(eval::Tag::ip) || v->is(eval::Tag::ip_range)))
      out.push_back({node.end, " = " + shown(a, *v)});
  }
  return out;
}

std::vector<diagnostics::Edit> difference(std::string_view from, std::string_view to) {
  if (from == to) return {};
  std::size_t front = 0, back = 0;
  const std::size_t least = std::min(from.size(), to.size());
  while (front < least && from[front] == to[front]) ++front;
  while (back < least - front && from[from.size() - 1 - back] == to[to.size() - 1 - back]) ++back;
  // Never in the middle of a character, or between the halves of a line break.
  const auto inside = [](std::string_view s, std::size_t at) {
    return at < s.size() && ((static_cast<unsigned char>(s[at]) & 0xC0) == 0x80 ||
                             (at > 0 && s[at - 1] == '\r' && s[at] == '\n'));
  };
  while (front > 0 && (inside(from, front) || inside(to, front))) --front;
  while (back > 0 && (inside(from, from.size() - back) || inside(to, to.size() - back))) --back;
  return {{{FileId::none, static_cast<std::uint32_t>(front), static_cast<std::uint32_t>(from.size() - back)},
           std::string(to.substr(front, to.size() - back - front))}};
}

std::vector<diagnostics::Edit> layout_edits(std::string_view from, std::string_view to) {
  // The formatter changes white space, trailing commas and `f = {` alone: all other tokens stay in their
  // order.
  const std::vector<Token> a = syntax::tokens(from), b = syntax::tokens(to);
  std::vector<diagnostics::Edit> out;
  std::uint32_t a_end = 0, b_end = 0;  // of the last tokens that are the same
  const auto gap = [&](std::uint32_t a_next, std::uint32_t b_next) {
    const std::string_view before = from.substr(a_end, a_next - a_end),
                           after = to.substr(b_end, b_next - b_end);
    if (before != after) out.push_back({{FileId::none, a_end, a_next}, std::string(after)});
  };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const std::string_view x = from.substr(a[i].begin, a[i].end - a[i].begin),
                           y = to.substr(b[j].begin, b[j].end - b[j].begin);
    if (x == y) {
      gap(a[i].begin, b[j].begin);
      a_end = a[i++].end;
      b_end = b[j++].end;
    } else if (x == "," || x == "=") {
      ++i;
    } else if (y == ",") {
      ++j;
    } else {
      return difference(from, to);
    }
  }
  gap(static_cast<std::uint32_t>(from.size()), static_cast<std::uint32_t>(to.size()));
  return out;
}

}  // namespace lab::ide
