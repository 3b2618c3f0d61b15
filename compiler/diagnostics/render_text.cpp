// The shape is rustc's (rustc_errors/src/emitter.rs): places grouped by file, lines with their numbers,
// `^` under the primary place and `-` under the others, labels beside or below.
#include <algorithm>

#include "compiler/diagnostics/columns.h"
#include "compiler/diagnostics/render.h"
#include "compiler/diagnostics/spelling.h"

namespace lab::diagnostics {
namespace {

using source::FileId;
using source::LineIndex;
using source::Span;

constexpr const char* bold = "\x1b[1m";
constexpr const char* red = "\x1b[1;31m";
constexpr const char* yellow = "\x1b[1;33m";
constexpr const char* blue = "\x1b[1;34m";
constexpr const char* green = "\x1b[1;32m";
constexpr const char* cyan = "\x1b[1;36m";

const char* colour_of(Severity severity) {
  return severity == Severity::error ? red : severity == Severity::warning ? yellow : cyan;
}

struct Mark {
  enum Kind { whole, opens, closes };
  Kind kind;
  std::uint32_t line;
  std::size_t begin, end;  // bytes in the line
  std::string_view label;
  bool primary;
  std::size_t lane = 0;  // of a place over several lines: its column left of the text
};

/// A place over several lines is drawn as a bar in its own column (lane) at the left.
struct Bar {
  source::Position first, last;
  std::string_view label;
  bool primary;
  std::size_t lane = 0;
};

struct Group {
  FileId file;
  Span head;  // shown behind `-->`
  std::vector<Mark> marks;
  std::vector<Bar> bars;
  std::size_t lanes = 0;
};

/// One row of cells below a line; each cell is one column wide.
class Row {
 public:
  void put(std::size_t column, std::string_view text, const char* colour) {
    const std::size_t width = columns_of(text);
    if (cells_.size() < column + width) cells_.resize(column + width, {" ", nullptr});
    // Text with wide characters takes one cell for all of it: it is always the last of its row.
    if (width == text.size()) {
      for (std::size_t i = 0; i < width; ++i) cells_[column + i] = {text.substr(i, 1), colour};
    } else {
      cells_.resize(column);
      cells_.push_back({text, colour});
    }
  }
  void write(std::string& out, bool coloured) const {
    const char* now = nullptr;
    for (const Cell& cell : cells_) {
      const char* wanted = coloured ? cell.colour : nullptr;
      if (wanted != now) {
        if (now != nullptr) out += "\x1b[0m";
        if (wanted != nullptr) out += wanted;
        now = wanted;
      }
      out += cell.text;
    }
    if (now != nullptr) out += "\x1b[0m";
  }

 private:
  struct Cell {
    std::string_view text;
    const char* colour;
  };
  std::vector<Cell> cells_;
};

class Renderer {
 public:
  Renderer(const Diagnostic& d, const source::Sources& sources, const TextOptions& options)
      : d_(d), sources_(sources), options_(options) {}

  std::string run() {
    paint(colour_of(d_.severity), fmt::format("{}[{}]", name(d_.severity), spelled(d_.code)));
    paint(bold, ": " + indented(d_.message, 2));
    out_ += '\n';
    collect();
    measure_gutter();
    for (std::size_t i = 0; i < groups_.size(); ++i) write_group(groups_[i], i + 1 == groups_.size());
    for (const std::string& note : d_.notes) write_remark("note", note);
    for (const Fix& fix : d_.fixes) write_fix(fix);
    write_remark("explain", "labc explain " + spelled(d_.code));
    return std::move(out_);
  }

 private:
  const Diagnostic& d_;
  const source::Sources& sources_;
  const TextOptions& options_;
  std::string out_;
  std::vector<Group> groups_;
  std::size_t gutter_ = 1;  // digits of the longest line number

  void paint(const char* colour, std::string_view text) {
    if (options_.colour) out_ += colour;
    out_ += text;
    if (options_.colour) out_ += "\x1b[0m";
  }

  static std::string indented(std::string_view text, std::size_t columns) {
    std::string result;
    for (const char c : text) {
      result += c;
      if (c == '\n') result.append(columns, ' ');
    }
    return result;
  }

  // ---- gathering

  void collect() {
    if (d_.primary.valid()) add_place(d_.primary, d_.label, true);
    for (const Label& label : d_.labels) {
      if (label.span.valid()) add_place(label.span, label.text, false);
    }
    for (Group& group : groups_) {
      place_bars(group);
      std::ranges::stable_sort(group.marks, {}, [](const Mark& m) { return std::pair(m.line, m.begin); });
    }
  }

  Group& group_of(Span span) {
    for (Group& group : groups_) {
      if (group.file == span.file) return group;
    }
    return groups_.emplace_back(Group{span.file, span, {}, {}, 0});
  }

  void add_place(Span span, std::string_view label, bool primary) {
    Group& group = group_of(span);
    const LineIndex& lines = sources_.lines(span.file);
    // Line breaks at the end of a place are not shown as part of it.
    const std::string_view text = sources_.slice(span);
    const std::size_t kept = text.find_last_not_of("\r\n \t");
    if (kept != std::string_view::npos && text.find_first_of("\r\n", kept) != std::string_view::npos) {
      span.end = span.begin + static_cast<std::uint32_t>(kept) + 1;
    }
    const source::Position first = lines.position(span.begin, source::Encoding::utf8);
    const source::Position last = lines.position(span.end, source::Encoding::utf8);
    if (first.line == last.line) {
      group.marks.push_back({Mark::whole, first.line, first.character, last.character, label, primary});
      return;
    }
    group.bars.push_back({first, last, label, primary});
  }

  /// Gives each bar the leftmost lane that is free over its lines, the longest bars first.
  static void place_bars(Group& group) {
    const auto overlap = [](const Bar& a, const Bar& b) {
      return a.first.line <= b.last.line && b.first.line <= a.last.line;
    };
    std::ranges::stable_sort(group.bars, std::ranges::greater{},
                             [](const Bar& bar) { return bar.last.line - bar.first.line; });
    for (std::size_t i = 0; i < group.bars.size(); ++i) {
      Bar& bar = group.bars[i];
      const auto taken = [&](const Bar& other) { return other.lane == bar.lane && overlap(other, bar); };
      while (std::ranges::any_of(std::span(group.bars).first(i), taken)) ++bar.lane;
      group.lanes = std::max(group.lanes, bar.lane + 1);
      const std::size_t begin = bar.first.character;
      const std::size_t end = std::max(bar.last.character, 1U);
      group.marks.push_back({Mark::opens, bar.first.line, begin, begin + 1, "", bar.primary, bar.lane});
      group.marks.push_back({Mark::closes, bar.last.line, end - 1, end, bar.label, bar.primary, bar.lane});
    }
  }

  void measure_gutter() {
    std::uint32_t last = 0;
    for (const Group& group : groups_) {
      if (!group.marks.empty()) last = std::max(last, group.marks.back().line + 1);
    }
    for (const Fix& fix : d_.fixes) {
      for (const Edit& edit : fix.edits) {
        if (edit.span.valid()) last = std::max(last, line_of(edit.span.file, edit.span.end) + 1);
      }
    }
    gutter_ = std::to_string(last).size();
  }

  std::uint32_t line_of(FileId file, std::uint32_t offset) const {
    return sources_.lines(file).position(offset, source::Encoding::utf8).line;
  }

  // ---- places

  void write_gutter(std::string_view number, std::string_view mark) {
    paint(blue, std::string(gutter_ - std::min(gutter_, number.size()), ' ').append(number).append(mark));
  }

  /// A row that has only the gutter's bar.
  void write_empty() {
    write_gutter("", " |");
    out_ += '\n';
  }

  void write_head(Span span) {
    const LineIndex& lines = sources_.lines(span.file);
    const source::Position at = lines.position(span.begin, source::Encoding::utf8);
    const std::size_t column = characters_of(lines.line(at.line).substr(0, at.character)) + 1;
    write_gutter("", "--> ");
    out_ += fmt::format("{}:{}:{}\n", sources_.path(span.file), at.line + 1, column);
  }

  void write_group(const Group& group, bool last_group) {
    write_head(group.head);
    write_empty();
    const LineIndex& lines = sources_.lines(group.file);
    for (std::size_t i = 0; i < group.marks.size();) {
      const std::uint32_t line = group.marks[i].line;
      std::size_t next = i;
      while (next < group.marks.size() && group.marks[next].line == line) ++next;
      write_line(group, line, lines.line(line), std::span(group.marks).subspan(i, next - i));
      if (next < group.marks.size()) write_between(group, line, group.marks[next].line);
      i = next;
    }
    const bool more = !d_.fixes.empty() || !d_.notes.empty();
    if (last_group && more) write_empty();
  }

  /// What stands between two lines with marks: nothing, the one line, or dots.
  void write_between(const Group& group, std::uint32_t line, std::uint32_t next) {
    if (next == line + 2) {
      const std::string_view text = sources_.lines(group.file).line(line + 1);
      write_text(group, line + 1, ShownLine(text, 0, 0, text_width(group)));
    } else if (next > line + 2) {
      paint(blue, "...");
      Row row;
      put_bars(group, row, line + 1);
      out_.append(gutter_, ' ');
      row.write(out_, options_.colour);
      out_ += '\n';
    }
  }

  [[nodiscard]] std::size_t text_width(const Group& group) const {
    const std::size_t left = gutter_ + 3 + margin(group);
    return std::max<std::size_t>(options_.width > left ? options_.width - left : 0, 40);
  }

  static std::size_t margin(const Group& group) { return group.lanes == 0 ? 0 : group.lanes + 1; }

  static const char* colour_of_place(bool primary, Severity severity) {
    return primary ? colour_of(severity) : blue;
  }

  /// The bars that run through a row: those begun above `line` and not ended above it, and those whose
  /// opening row below `line` is written (`begun` lanes).
  void put_bars(const Group& group, Row& row, std::uint32_t line,
                std::span<const std::size_t> begun = {}) const {
    for (const Bar& bar : group.bars) {
      const bool opened = bar.first.line < line ||
                          (bar.first.line == line && std::ranges::find(begun, bar.lane) != begun.end());
      if (opened && line <= bar.last.line) row.put(bar.lane, "|", colour_of_place(bar.primary, d_.severity));
    }
  }

  void write_text(const Group& group, std::uint32_t line, const ShownLine& shown) {
    write_gutter(std::to_string(line + 1), " | ");
    if (group.lanes > 0) {
      Row row;
      put_bars(group, row, line);
      row.put(group.lanes, " ", nullptr);
      row.write(out_, options_.colour);
    }
    out_ += shown.text();
    while (out_.back() == ' ') out_.pop_back();
    out_ += '\n';
  }

  /// Marks that do not fit into one window of a long line get the line shown again.
  void write_line(const Group& group, std::uint32_t line, std::string_view text,
                  std::span<const Mark> marks) {
    const std::size_t width = text_width(group);
    while (!marks.empty()) {
      std::size_t count = marks.size();
      std::size_t end = 0;
      for (const Mark& mark : marks) end = std::max(end, mark.end);
      ShownLine shown(text, marks.front().begin, end, width);
      if (!shown.shows(std::min(end, text.size()))) {
        shown = ShownLine(text, marks.front().begin, marks.front().end, width);
        count = 1;
        while (count < marks.size() && shown.shows(std::min(marks[count].end, text.size()))) ++count;
      }
      write_text(group, line, shown);
      write_marks(group, line, shown, marks.first(count));
      marks = marks.subspan(count);
    }
  }

  void write_row(const Row& row) {
    write_gutter("", " | ");
    row.write(out_, options_.colour);
    while (out_.back() == ' ') out_.pop_back();
    out_ += '\n';
  }

  void write_marks(const Group& group, std::uint32_t line, const ShownLine& shown,
                   std::span<const Mark> marks) {
    std::vector<Mark> whole;
    for (const Mark& mark : marks) {
      if (mark.kind == Mark::whole) whole.push_back(mark);
    }
    if (!whole.empty()) write_underlines(group, line, shown, whole);
    std::vector<std::size_t> begun;  // lanes whose opening row is written
    for (const Mark& mark : marks) {
      if (mark.kind != Mark::whole) write_corner(group, line, shown, mark, begun);
    }
  }

  /// `_____^ label`, from the bar's lane to the place.
  void write_corner(const Group& group, std::uint32_t line, const ShownLine& shown, const Mark& mark,
                    std::vector<std::size_t>& begun) {
    Row row;
    const char* colour = colour_of_place(mark.primary, d_.severity);
    const std::size_t column = margin(group) + shown.column(mark.begin);
    const std::string dashes(column - mark.lane - 1, '_');
    row.put(mark.lane + 1, dashes, colour);
    put_bars(group, row, line, begun);
    row.put(column, mark.primary ? "^" : "-", colour);
    const std::string label = indented(mark.label, gutter_ + 3 + column + 2);
    if (!label.empty()) row.put(column + 2, label, colour);
    write_row(row);
    if (mark.kind == Mark::opens) begun.push_back(mark.lane);
  }

  struct Underline {
    std::size_t begin, end;
    const Mark* mark;
  };

  void write_underlines(const Group& group, std::uint32_t line, const ShownLine& shown,
                        const std::vector<Mark>& marks) {
    std::vector<Underline> all;
    for (const Mark& mark : marks) {
      const std::size_t begin = margin(group) + shown.column(mark.begin);
      all.push_back({begin, std::max(begin + 1, margin(group) + shown.column(mark.end)), &mark});
    }
    Row under;
    put_bars(group, under, line);
    for (const bool primary : {false, true}) {  // the primary place last, to stand over the others
      for (const Underline& u : all) {
        if (u.mark->primary != primary) continue;
        const std::string carets(u.end - u.begin, primary ? '^' : '-');
        for (std::size_t i = 0; i < carets.size(); ++i) {
          under.put(u.begin + i, primary ? "^" : "-", colour_of_place(primary, d_.severity));
        }
      }
    }
    std::vector<Underline> hanging;
    for (const Underline& u : all) {
      if (!u.mark->label.empty()) hanging.push_back(u);
    }
    // The rightmost label stands beside its underline when nothing is in its way.
    std::string beside;
    if (!hanging.empty()) {
      const Underline last = hanging.back();
      const bool free = std::ranges::all_of(all, [&](const Underline& u) {
        return u.mark == last.mark || (u.end <= last.end && u.begin < last.begin);
      });
      const bool shared = std::ranges::any_of(
          all, [&](const Underline& u) { return u.mark != last.mark && u.end > last.begin; });
      if (free && !shared) {
        beside = indented(last.mark->label, gutter_ + 3 + last.end + 1);
        under.put(last.end + 1, beside, colour_of_place(last.mark->primary, d_.severity));
        hanging.pop_back();
      }
    }
    write_row(under);
    if (!hanging.empty()) write_hanging(group, line, hanging);
  }

  /// Labels below, from right to left, each at the end of a line that comes down from its place.
  void write_hanging(const Group& group, std::uint32_t line, std::span<const Underline> hanging) {
    const auto stems = [&](Row& row, std::size_t count) {
      put_bars(group, row, line);
      for (const Underline& u : hanging.first(count)) {
        row.put(u.begin, "|", colour_of_place(u.mark->primary, d_.severity));
      }
    };
    Row row;
    stems(row, hanging.size());
    write_row(row);
    for (std::size_t i = hanging.size(); i-- > 0;) {
      const Underline& u = hanging[i];
      Row below;
      stems(below, i);
      const std::string label = indented(u.mark->label, gutter_ + 3 + u.begin);
      below.put(u.begin, label, colour_of_place(u.mark->primary, d_.severity));
      write_row(below);
    }
  }

  // ---- remarks and fixes

  void write_remark(std::string_view kind, std::string_view text) {
    write_gutter("", " = ");
    paint(bold, fmt::format("{}:", kind));
    out_ += ' ';
    out_ += indented(text, gutter_ + 5 + kind.size());
    out_ += '\n';
  }

  void write_fix(const Fix& fix) {
    const std::string sure =
        fix.applicability == Applicability::machine ? "" : fmt::format("   [{}]", spelled(fix.applicability));
    std::vector<Edit> edits;
    for (const Edit& edit : fix.edits) {
      if (edit.span.valid()) edits.push_back(edit);
    }
    if (edits.empty()) {
      write_remark("help", fix.title + sure);
      return;
    }
    paint(cyan, "help");
    paint(bold, ": " + fix.title + sure);
    out_ += '\n';
    std::ranges::stable_sort(edits, {}, [](const Edit& e) { return e.span; });
    for (std::size_t i = 0; i < edits.size();) {
      // Edits on the same or neighbouring lines are shown as one change.
      std::size_t next = i + 1;
      while (next < edits.size() && edits[next].span.file == edits[i].span.file &&
             line_of(edits[i].span.file, edits[next].span.begin) <=
                 line_of(edits[i].span.file, edits[next - 1].span.end) + 1) {
        ++next;
      }
      write_change(std::span(edits).subspan(i, next - i));
      i = next;
    }
    write_empty();
  }

  static std::vector<std::string_view> lines_in(std::string_view text) {
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      lines.push_back(line);
      at = end + 1;
    }
    return lines;
  }

  /// The lines that some neighbouring edits touch, before and after.
  void write_change(std::span<const Edit> edits) {
    const FileId file = edits.front().span.file;
    const LineIndex& lines = sources_.lines(file);
    const std::uint32_t first = line_of(file, edits.front().span.begin);
    const std::uint32_t last = line_of(file, edits.back().span.end);
    const std::uint32_t begin = lines.line_start(first);
    const std::uint32_t end = lines.line_start(last) + static_cast<std::uint32_t>(lines.line(last).size());
    std::string changed;
    std::uint32_t at = begin;
    for (const Edit& edit : edits) {
      if (edit.span.begin < at) continue;  // overlaps the one before: an editor would refuse it too
      changed += sources_.slice({file, at, edit.span.begin});
      changed += edit.text;
      at = edit.span.end;
    }
    changed += sources_.slice({file, at, std::max(at, end)});
    std::vector<std::string_view> before = lines_in(sources_.slice({file, begin, end}));
    std::vector<std::string_view> after = lines_in(changed);
    std::uint32_t number = first + 1;
    while (!before.empty() && !after.empty() && before.front() == after.front()) {
      before.erase(before.begin());
      after.erase(after.begin());
      ++number;
    }
    while (!before.empty() && !after.empty() && before.back() == after.back()) {
      before.pop_back();
      after.pop_back();
    }
    if (groups_.empty() || file != groups_.front().file) write_head(edits.front().span);
    write_empty();
    std::size_t same = 0;  // bytes that the first lines have in common: long lines are cut around their end
    if (!before.empty() && !after.empty()) {
      const auto differ = std::ranges::mismatch(before.front(), after.front());
      same = static_cast<std::size_t>(differ.in1 - before.front().begin());
    }
    write_side(before, number, same, " - ", red);
    write_side(after, number, same, " + ", green);
  }

  void write_side(std::span<const std::string_view> lines, std::uint32_t number, std::size_t focus,
                  std::string_view mark, const char* colour) {
    constexpr std::size_t most = 12;
    for (std::size_t i = 0; i < lines.size() && i < most; ++i) {
      write_gutter(std::to_string(number + i), "");
      const std::size_t width = std::max<std::size_t>(options_.width, gutter_ + 43) - gutter_ - 3;
      const ShownLine shown(lines[i], i == 0 ? focus : 0, i == 0 ? focus : 0, width);
      const std::size_t kept = shown.text().find_last_not_of(' ') + 1;
      paint(colour, fmt::format("{}{}", mark, std::string_view(shown.text()).substr(0, kept)));
      out_ += '\n';
    }
    if (lines.size() > most) {
      paint(blue, "...");
      out_ += fmt::format(" {} more lines\n", lines.size() - most);
    }
  }
};

void count(std::string& text, std::size_t n, std::string_view noun) {
  if (n == 0) return;
  if (!text.empty()) text += ", ";
  text += fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

}  // namespace

std::string render_text(const Diagnostic& d, const source::Sources& sources, const TextOptions& options) {
  return Renderer(d, sources, options).run();
}

std::string summary(std::span<const Diagnostic> all) {
  std::string text;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::hint}) {
    const auto n = std::ranges::count(all, severity, &Diagnostic::severity);
    count(text, static_cast<std::size_t>(n), name(severity));
  }
  return text;
}

}  // namespace lab::diagnostics
