// The one layout, from tokens: line breaks are the writer's, everything between tokens is ours.
//
// As gofmt does (go/printer, text/tabwriter): indentation by brackets, columns in runs of lines that
// belong together. The tree is asked only what a token cannot say: which `<` opens a type's
// arguments, which `=` may go, and what the members of a line are made of.
#include "compiler/syntax/format.h"

#include <algorithm>
#include <array>

#include "compiler/syntax/parse.h"
#include "compiler/syntax/tokens.h"

namespace lab::syntax {
namespace {

constexpr unsigned indent_width = 2;
/// Trailing comments stand in this column or one that is a multiple of the step further right.
constexpr std::size_t comment_column = 47;
constexpr std::size_t comment_step = 8;
/// Columns by which a row must exceed all others of its table to stand apart.
constexpr std::size_t much_wider = 8;
constexpr auto none = static_cast<std::size_t>(-1);

/// A token, a whole string, or a comment.
struct Item {
  TokenType type{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  int breaks = 0;  // line breaks before it: 0, 1, or 2 for a blank line
  bool dropped = false;
  bool comma_after = false;  // a trailing comma is added
  bool angle = false;        // `<` `>` of a type
  bool unary = false;
  std::size_t pad = 0;  // blanks for the column it stands in
};

bool is_comment(TokenType t) {
  return t == TokenType::DOC || t == TokenType::LINE_COMMENT || t == TokenType::BLOCK_COMMENT;
}

/// Columns of bytes [0, n) of UTF-8 text: its code points.
std::size_t columns(std::string_view s) {
  return static_cast<std::size_t>(std::count_if(
      s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// One line of output: items [first, last).
struct Line {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t indent = 0;
  bool blank_before = false;
};

/// A member that has a line to itself, as columns: the item before which each begins.
struct Row {
  std::size_t line = 0;
  std::string key;  // rows of one key form a table
  bool labelled = false;
  std::vector<std::size_t> cells;  // items
  bool closed = false;  // the last cell is `=`, `{`, `else`, …: it aligns though inner ones do not
};

class Formatter {
 public:
  Formatter(std::string_view text, const Tree& tree, const source::Symbols& symbols)
      : text_(text), tree_(tree), symbols_(symbols) {}

  std::string run() {
    collect();
    classify();
    commas();
    lines();
    align_members();
    align_comments();
    return print();
  }

 private:
  // ---- items

  void collect() {
    const Lexed lexed = lex(text_);
    auto comment = lexed.comments.begin();
    const auto comments_before = [&](std::uint32_t offset) {
      for (; comment != lexed.comments.end() && comment->begin < offset; ++comment)
        push(comment->type, comment->begin, comment->end);
    };
    for (std::size_t i = 0; i + 1 < lexed.tokens.size(); ++i) {
      const LexToken& t = lexed.tokens[i];
      comments_before(t.begin);
      if (t.type != TokenType::OPEN && t.type != TokenType::ML_OPEN) {
        push(t.type, t.begin, t.end);
        continue;
      }
      while (lexed.tokens[i].type != TokenType::CLOSE) ++i;
      push(TokenType::PLAIN, t.begin, lexed.tokens[i].end);
    }
    comments_before(static_cast<std::uint32_t>(text_.size()) + 1);
  }

  void push(TokenType type, std::uint32_t begin, std::uint32_t end) {
    while (end > begin && is_comment(type) &&
           (text_[end - 1] == '\r' || text_[end - 1] == ' ' || text_[end - 1] == '\t'))
      --end;
    Item item;
    item.type = type;
    item.begin = begin;
    item.end = end;
    const std::uint32_t from = items_.empty() ? 0 : items_.back().end;
    item.breaks = static_cast<int>(
        std::min<std::ptrdiff_t>(2, std::count(text_.begin() + from, text_.begin() + begin, '\n')));
    items_.push_back(item);
  }

  [[nodiscard]] std::string_view text(const Item& i) const { return text_.substr(i.begin, i.end - i.begin); }
  /// The item that begins at or behind an offset.
  [[nodiscard]] std::size_t at(std::uint32_t offset) const {
    const auto i = std::lower_bound(items_.begin(), items_.end(), offset,
                                    [](const Item& x, std::uint32_t o) { return x.begin < o; });
    return static_cast<std::size_t>(i - items_.begin());
  }
  /// The item of code before or behind `i`; items_.size() when there is none.
  [[nodiscard]] std::size_t before(std::size_t i) const {
    while (i-- > 0) {
      if (!is_comment(items_[i].type) && !items_[i].dropped) return i;
    }
    return items_.size();
  }
  [[nodiscard]] std::size_t behind(std::size_t i) const {
    for (++i; i < items_.size(); ++i) {
      if (!is_comment(items_[i].type) && !items_[i].dropped) return i;
    }
    return items_.size();
  }

  // ---- what tokens cannot say

  void classify() {
    for (std::uint32_t n = 0; n < tree_.nodes.size(); ++n) {
      const Node& node = tree_.nodes[n];
      if (node.kind == NodeKind::TypeName) angles(n);
      if (node.kind == NodeKind::Unary && static_cast<Op>(node.op) == Op::neg)
        items_[at(node.begin)].unary = true;
      if (node.kind == NodeKind::Entry) brace_field(n);
    }
  }

  void angles(std::uint32_t n) {
    std::uint32_t first = 0;
    std::uint32_t end = tree_.nodes[n].end;
    for (const std::uint32_t c : Children(tree_.nodes.data(), n)) {
      if (tree_.nodes[c].kind == NodeKind::Path) {
        end = tree_.nodes[c].begin;
      } else if (first == 0) {
        first = c;
      }
    }
    if (first == 0) return;
    std::size_t i = at(tree_.nodes[first].begin);
    while (items_[i].type != TokenType::LT) --i;
    items_[i].angle = true;
    i = at(end);
    while (i == items_.size() || items_[i].type != TokenType::GT || items_[i].begin >= end) --i;
    items_[i].angle = true;
  }

  /// `f = { … }` without a label is the block `f { … }`.
  void brace_field(std::uint32_t n) {
    const Node& node = tree_.nodes[n];
    const bool plain = node.has(has_value) && !node.has(has_label) && !node.has(has_reason) &&
                       !node.has(append) && !node.has(string_key);
    if (!plain || node.clauses > 0 || tree_.nodes[n + 1].kind != NodeKind::Body) return;
    if (items_[at(node.begin)].type != TokenType::NAME) return;  // `in = { }` cannot be a block
    const std::size_t assign = before(at(tree_.nodes[n + 1].begin));
    const std::size_t next = assign + 1;
    if (is_comment(items_[next].type) || items_[next].breaks > 0) return;
    items_[assign].dropped = true;
  }

  /// Commas at the end of a line: none between members, one behind every element of a list.
  void commas() {
    struct Open {
      std::size_t at;
      bool commas = false;
    };
    std::vector<Open> open;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const TokenType t = items_[i].type;
      if (is_opener(t)) open.push_back({i});
      if (t == TokenType::COMMA && !open.empty()) {
        open.back().commas = true;
        const std::size_t next = behind(i);
        const bool ends_line = next == items_.size() || break_between(i, next);
        if (items_[open.back().at].type == TokenType::LBRACE && (ends_line || is_closer(items_[next].type)))
          items_[i].dropped = true;
      }
      if (!is_closer(t) || open.empty()) continue;
      const Open o = open.back();
      open.pop_back();
      if (t == TokenType::RBRACE) continue;
      const std::size_t last = before(i);
      const bool own_line = items_[i].breaks > 0;
      if (items_[last].type == TokenType::COMMA) {
        items_[last].dropped = !own_line;
      } else if (own_line && o.commas && items_[behind(o.at)].type != TokenType::KW_FOR) {
        items_[last].comma_after = true;
      }
    }
  }
  [[nodiscard]] bool break_between(std::size_t a, std::size_t b) const {
    for (std::size_t i = a + 1; i <= b; ++i) {
      if (items_[i].breaks > 0) return true;
    }
    return false;
  }

  // ---- lines and their indentation

  void lines() {
    std::vector<std::size_t> open;  // indentation of the lines that the open brackets stand on
    line_of_.resize(items_.size());
    for (std::size_t i = 0; i < items_.size();) {
      Line line;
      line.first = i;
      const Item& first = items_[i];
      line.indent = open.empty() ? 0 : open.back() + (is_closer(first.type) ? 0 : indent_width);
      if (continues(i)) line.indent += indent_width;
      const bool opened = i > 0 && is_opener(items_[i - 1].type);
      line.blank_before = first.breaks > 1 && i > 0 && !opened && !is_closer(first.type);
      for (; i < items_.size() && (i == line.first || items_[i].breaks == 0); ++i) {
        line_of_[i] = lines_.size();
        if (is_opener(items_[i].type)) open.push_back(line.indent);
        if (is_closer(items_[i].type) && !open.empty()) open.pop_back();
      }
      line.last = i;
      lines_.push_back(line);
    }
  }

  /// Whether the line that begins with item `i` goes on with what the line before it began.
  [[nodiscard]] bool continues(std::size_t i) const {
    if (is_comment(items_[i].type)) return false;
    const std::size_t p = before(i);
    if (p == items_.size()) return false;
    const TokenType prev = items_[p].type;
    const TokenType cur = items_[i].type;
    const std::size_t n = behind(i);
    const TokenType next = n < items_.size() ? items_[n].type : TokenType::end_of_file;
    const bool field = next == TokenType::ASSIGN || next == TokenType::PLUSEQ || next == TokenType::COLON;
    if (prev == TokenType::ASSIGN || prev == TokenType::PLUSEQ || prev == TokenType::ARROW ||
        prev == TokenType::PIPE || prev == TokenType::COLON)
      return true;
    if (is_binary(prev) && !items_[p].angle) return true;
    if (is_binary(cur) || cur == TokenType::PIPE || cur == TokenType::DOT || cur == TokenType::ASSIGN ||
        cur == TokenType::ARROW)
      return true;
    if (cur == TokenType::KW_ELSE) return prev != TokenType::RBRACE && !field;
    if (cur == TokenType::KW_THEN || cur == TokenType::KW_BECAUSE || cur == TokenType::KW_WHERE)
      return !field;
    return clause_word(cur) && !field;
  }
  [[nodiscard]] static bool clause_word(TokenType t) {
    return t == TokenType::KW_IN || (t >= TokenType::KW_ON && t <= TokenType::KW_LIKE);
  }

  // ---- blanks

  /// Whether a blank stands between two neighbours on a line.
  [[nodiscard]] bool blank(std::size_t a, std::size_t b) const {
    const Item& x = items_[a];
    const Item& y = items_[b];
    if (is_comment(x.type) || is_comment(y.type)) return true;
    if (x.type == TokenType::LBRACE && y.type == TokenType::RBRACE) return false;
    switch (y.type) {
      case TokenType::COMMA:
      case TokenType::COLON:
      case TokenType::RBRACK:
      case TokenType::RPAREN:
      case TokenType::DOT:
      case TokenType::DOTDOT:
      case TokenType::QUESTION:
        return false;
      case TokenType::LT:
      case TokenType::GT:
        if (y.angle) return false;
        break;
      default:
        break;
    }
    switch (x.type) {
      case TokenType::LBRACK:
      case TokenType::LPAREN:
      case TokenType::DOT:
      case TokenType::DOTDOT:
        return false;
      case TokenType::MINUS:
        if (x.unary) return false;
        break;
      case TokenType::LT:
        if (x.angle) return false;
        break;
      default:
        break;
    }
    if (y.type == TokenType::LBRACK || y.type == TokenType::LPAREN) return !ends_operand(a);
    return true;
  }

  /// Whether `(` or `[` behind this item calls or indexes it.
  [[nodiscard]] bool ends_operand(std::size_t a) const {
    const TokenType t = items_[a].type;
    if (t == TokenType::NAME || t == TokenType::RBRACK || t == TokenType::RPAREN || t == TokenType::RBRACE ||
        t == TokenType::PLAIN)
      return true;
    if (!is_keyword(t)) return false;
    const std::size_t p = before(a);
    return t == TokenType::KW_SELF || (p != items_.size() && items_[p].type == TokenType::DOT);
  }

  [[nodiscard]] std::size_t width(const Item& i) const {
    const std::string_view s = text(i);
    const std::size_t line = s.rfind('\n');
    return columns(line == std::string_view::npos ? s : s.substr(line + 1)) + (i.comma_after ? 1 : 0);
  }

  /// Column at which item `to` of a line begins, with the columns aligned so far.
  [[nodiscard]] std::size_t column(const Line& line, std::size_t to) const {
    std::size_t c = line.indent;
    std::size_t prev = items_.size();
    for (std::size_t i = line.first; i < line.last; ++i) {
      if (items_[i].dropped) continue;
      if (prev != items_.size()) c += (blank(prev, i) ? 1 : 0) + items_[i].pad;
      if (i >= to) return c;
      c = text(items_[i]).find('\n') == std::string_view::npos ? c + width(items_[i]) : width(items_[i]);
      prev = i;
    }
    return c;
  }

  // ---- columns

  void align_members() {
    std::vector<Row> rows;
    members(0, rows);
  }

  void members(std::uint32_t parent, std::vector<Row>& rows) {
    std::vector<Row> table;
    for (const std::uint32_t c : Children(tree_.nodes.data(), parent)) {
      const Node& n = tree_.nodes[c];
      Row row = row_of(c);
      const bool joins = !row.key.empty() && !table.empty() && table.back().key == row.key &&
                         adjacent(table.back().line, row.line);
      if (!joins) {
        align(table);
        table.clear();
      }
      if (!row.key.empty()) table.push_back(std::move(row));
      if (n.size > 1) members(c, rows);
    }
    align(table);
  }

  /// Whether only comments stand between two lines.
  [[nodiscard]] bool adjacent(std::size_t a, std::size_t b) const {
    if (b <= a || lines_[b].blank_before) return false;
    for (std::size_t l = a + 1; l < b; ++l) {
      if (!is_comment(items_[lines_[l].first].type) || lines_[l].blank_before) return false;
    }
    return true;
  }

  /// The columns of a member that has a line to itself; no key for any other node.
  [[nodiscard]] Row row_of(std::uint32_t c) const {
    const Node& n = tree_.nodes[c];
    Row row;
    const std::size_t first = at(n.begin);
    if (first == items_.size()) return row;
    row.line = line_of_[first];
    const Line& line = lines_[row.line];
    std::size_t last = at(n.end);
    while (last > first && last < items_.size() && (items_[last].dropped || is_comment(items_[last].type)) &&
           line_of_[last] == row.line)
      ++last;
    const bool alone = line.first == first && last >= line.last &&
                       text_.substr(n.begin, n.end - n.begin).find('\n') == std::string_view::npos;
    if (!alone) return row;
    switch (n.kind) {
      case NodeKind::Entry:
        entry_row(c, row);
        break;
      case NodeKind::Let:
        row.key = "let";
        cell_before(c + 1, row);
        break;
      case NodeKind::TypeDecl:
        row.key = "type";
        cell_before(c + 1, row);
        break;
      case NodeKind::Param:
        row.key = "param";
        row.cells.push_back(at(tree_.nodes[c + 1].begin));
        if (n.has(has_value)) cell_before(c + 1 + tree_.nodes[c + 1].size, row);
        break;
      case NodeKind::FieldDecl:
        row.key = "field declaration";
        row.cells.push_back(at(tree_.nodes[c + 1].begin));
        break;
      case NodeKind::Assert:
      case NodeKind::Assume:
        row.key = "assert";
        cell_before(c + 1 + tree_.nodes[c + 1].size, row);
        break;
      default:
        break;
    }
    return row;
  }

  /// A column before the token in front of a node: its `=`, `else` or `because`.
  void cell_before(std::uint32_t node, Row& row) const {
    row.cells.push_back(before(at(tree_.nodes[node].begin)));
    row.closed = true;
  }

  void entry_row(std::uint32_t c, Row& row) const {
    const Node& n = tree_.nodes[c];
    row.labelled = n.has(has_label) && !n.has(string_key);
    row.key = row.labelled || n.clauses > 0 ? "entry " + std::string(symbols_.text(n.text)) : "field";
    std::uint32_t child = c + 1;
    const auto next = [&] { child += tree_.nodes[child].size; };
    if (n.has(has_label)) next();
    for (unsigned k = 0; k < n.clauses; ++k, next()) {
      row.key += " " + std::to_string(tree_.nodes[child].op);
      row.cells.push_back(at(tree_.nodes[child].begin));
    }
    if (n.has(has_value)) {
      const std::size_t assign = at(tree_.nodes[child].begin);
      std::size_t a = assign;
      while (a-- > 0 && items_[a].type != TokenType::ASSIGN && items_[a].type != TokenType::PLUSEQ) {
      }
      row.cells.push_back(items_[a].dropped ? assign : a);
      row.closed = true;
    } else if (n.has(has_body)) {
      if (n.has(has_reason)) next();
      row.cells.push_back(at(tree_.nodes[child].begin));
      row.closed = true;
    }
  }

  void align(std::vector<Row>& table) {
    std::size_t cells = 0;
    bool same = true;
    for (const Row& r : table) {
      cells = std::max(cells, r.cells.size());
      same = same && r.labelled == table[0].labelled;
    }
    if (!same) cells = 1;
    if (!same) {  // only what all have: `=`, `{`
      std::erase_if(table, [](const Row& r) { return !r.closed; });
      for (Row& r : table) r.cells = {r.cells.back()};
    }
    if (cells == 1) leave_out_widest(table);
    for (std::size_t k = 0; k < cells && table.size() > 1; ++k) {
      align_cell(table, [k](const Row& r) { return k < r.cells.size() ? r.cells[k] : none; });
    }
  }

  /// A row much wider than every other would tear them apart.
  void leave_out_widest(std::vector<Row>& table) const {
    std::erase_if(table, [](const Row& r) { return r.cells.empty(); });
    const auto width_of = [this](const Row& r) { return column(lines_[r.line], r.cells[0]); };
    while (table.size() > 1) {
      const auto widest = std::max_element(
          table.begin(), table.end(), [&](const Row& a, const Row& b) { return width_of(a) < width_of(b); });
      const std::size_t limit = width_of(*widest);
      const bool lonely = std::all_of(table.begin(), table.end(), [&](const Row& r) {
        return &r == &*widest || width_of(r) + much_wider <= limit;
      });
      if (!lonely) return;
      table.erase(widest);
    }
  }

  template <class Cell>
  void align_cell(const std::vector<Row>& table, Cell cell) {
    std::size_t widest = 0;
    for (const Row& r : table) {
      if (const std::size_t i = cell(r); i != none) widest = std::max(widest, column(lines_[r.line], i));
    }
    for (const Row& r : table) {
      if (const std::size_t i = cell(r); i != none) items_[i].pad += widest - column(lines_[r.line], i);
    }
  }

  /// The comment at the end of a line with code, or items_.size().
  [[nodiscard]] std::size_t trailing(const Line& line) const {
    const std::size_t last = line.last - 1;
    return last > line.first && is_comment(items_[last].type) ? last : items_.size();
  }

  void align_comments() {
    for (std::size_t l = 0; l < lines_.size();) {
      std::size_t end = l;
      std::size_t widest = 0;
      while (end < lines_.size() && trailing(lines_[end]) != items_.size() &&
             (end == l || !lines_[end].blank_before)) {
        widest = std::max(widest, column(lines_[end], trailing(lines_[end])) + 1);
        ++end;
      }
      std::size_t target = comment_column;
      while (target < widest) target += comment_step;
      for (; l < end; ++l) {
        const std::size_t c = trailing(lines_[l]);
        items_[c].pad += target - column(lines_[l], c);
      }
      if (l == end) ++l;
    }
  }

  // ---- output

  [[nodiscard]] std::string print() const {
    std::string out;
    out.reserve(text_.size() + text_.size() / 8);
    for (const Line& line : lines_) {
      if (line.blank_before) out.push_back('\n');
      std::size_t prev = items_.size();
      for (std::size_t i = line.first; i < line.last; ++i) {
        const Item& item = items_[i];
        if (item.dropped) continue;
        if (prev == items_.size()) {
          out.append(line.indent, ' ');
        } else {
          out.append((blank(prev, i) ? 1 : 0) + item.pad, ' ');
        }
        out += text(item);
        if (item.comma_after) out.push_back(',');
        prev = i;
      }
      out.push_back('\n');
    }
    return out;
  }

  std::string_view text_;
  const Tree& tree_;
  const source::Symbols& symbols_;
  std::vector<Item> items_;
  std::vector<Line> lines_;
  std::vector<std::size_t> line_of_;  // of each item
};

}  // namespace

std::optional<std::string> format(std::string_view text) {
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  const source::FileId file = sources.add_view("", text);
  const Tree tree = parse(sources, file, symbols, sink);
  if (sink.has_errors()) return std::nullopt;
  return Formatter(text, tree, symbols).run();
}

}  // namespace lab::syntax
