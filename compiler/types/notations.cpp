// File modes, times of day and the form of regular expressions.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "compiler/types/digits.h"
#include "compiler/types/text.h"

namespace lab::types {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// Walks over a regular expression; the syntax is https://github.com/google/re2/wiki/Syntax, the limits are
/// RE2's.
class RegexReader {
 public:
  explicit RegexReader(std::string_view text) : text_(text) {}

  /// Why the text is not an expression; empty when it is one.
  std::string fault() {
    while (fault_.empty() && at_ < text_.size()) step();
    if (fault_.empty() && depth_ > 0) fault_ = "a `(` is not closed";
    return fault_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool repeatable_ = false;  // whether what stands in front may be repeated
  bool repeated_ = false;    // whether a repetition stands in front
  std::string fault_;

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void step() {
    const char c = text_[at_];
    switch (c) {
      case '(':
        open();
        return;
      case ')':
        if (depth_-- == 0) fault_ = "a `)` has no `(`";
        single();
        return;
      case '|':
        ++at_;
        repeatable_ = repeated_ = false;
        return;
      case '[':
        char_class();
        return;
      case '\\':
        escape(false);
        return;
      case '*':
      case '+':
      case '?':
        repeat(1);
        return;
      case '{':
        if (const std::size_t length = braces(); length > 0) return repeat(length);
        return single();  // a brace that is no repetition stands for itself
      default:
        single();
    }
  }

  void single() {
    ++at_;
    repeatable_ = true;
    repeated_ = false;
  }

  void open() {
    ++at_;
    if (++depth_ > 1000) fault_ = "its groups are nested too deeply";
    repeatable_ = repeated_ = false;
    if (peek() != '?') return;
    ++at_;
    const bool named = peek() == 'P' ? peek(1) == '<' : peek() == '<' && peek(1) != '=' && peek(1) != '!';
    if (named) {
      at_ += peek() == 'P' ? 2 : 1;
      const std::size_t start = at_;
      while (is_alnum(peek()) || peek() == '_') ++at_;
      if (at_ == start || peek() != '>')
        fault_ = "the name of a group is letters, digits and `_` between `<` and `>`";
      ++at_;
      return;
    }
    while (std::string_view("imsU-").find(peek()) != std::string_view::npos && peek() != '\0') ++at_;
    if (peek() == '=' || peek() == '!' || peek() == '<')
      fault_ = "looking ahead or behind is not supported";
    else if (peek() == ')')
      --depth_;
    else if (peek() != ':')
      fault_ = "behind `(?` stands `:`, a flag of `imsU` or `P<name>`";
    ++at_;
  }

  /// Length of `{n}`, `{n,}` or `{n,m}` here, 0 when it is none of them.
  std::size_t braces() {
    const std::string_view near = text_.substr(at_, 24);  // longer numbers are none
    const std::size_t end = near.find('}');
    if (end == std::string_view::npos) return 0;
    const std::string_view inside = near.substr(1, end - 1);
    const std::size_t comma = inside.find(',');
    const std::string_view high = comma == std::string_view::npos ? inside : inside.substr(comma + 1);
    const auto least = decimal(inside.substr(0, comma), 999999999);
    const auto most = high.empty() ? least : decimal(high, 999999999);
    if (!least || !most || (high.empty() && comma == std::string_view::npos)) return 0;
    if (*least > 1000 || *most > 1000) fault_ = "it repeats more than 1000 times";
    if (*most < *least) fault_ = fmt::format("`{{{}}}` ends below its start", inside);
    return end + 1;
  }

  void repeat(std::size_t length) {
    if (fault_.empty() && repeated_) fault_ = fmt::format("`{}` repeats a repetition", peek());
    if (fault_.empty() && !repeatable_) fault_ = fmt::format("`{}` has nothing in front to repeat", peek());
    at_ += length;
    if (peek() == '?') ++at_;  // as few as possible
    repeatable_ = false;
    repeated_ = true;
  }

  void escape(bool in_class) {
    const char c = peek(1);
    if (c == '\0' && at_ + 1 >= text_.size())
      fault_ = "it ends in a `\\`";
    else if (c >= '1' && c <= '9')
      fault_ = "back-references are not supported";
    else if (is_alnum(c) &&
             std::string_view(in_class ? "dDsSwWpPafnrtvx0" : "dDsSwWpPafnrtvx0bBAz").find(c) ==
                 std::string_view::npos)
      fault_ = fmt::format("`\\{}` is not known", c);
    at_ += 2;
    if (fault_.empty() && (c == 'p' || c == 'P')) property();
    if (fault_.empty() && c == 'x') hexadecimal();
    repeatable_ = true;
    repeated_ = false;
  }

  void property() {
    const std::size_t end = peek() == '{' ? text_.find('}', at_) : at_;
    if (end >= text_.size() || (peek() != '{' && !is_upper(peek())))
      fault_ = "`\\p` is followed by a class such as `{Greek}`";
    else
      at_ = end + 1;
  }

  void hexadecimal() {
    const bool braced = peek() == '{';
    const std::size_t end = braced ? text_.find('}', at_) : at_ + 2;
    const std::size_t start = at_ + (braced ? 1 : 0);
    bool right = end != std::string_view::npos && end <= text_.size() && end > start && end - start <= 6;
    for (std::size_t i = start; right && i < end; ++i) right = hex_digit(text_[i]) >= 0;
    if (right)
      at_ = end + (braced ? 1 : 0);
    else
      fault_ = "`\\x` is followed by two hexadecimal digits or some in braces";
  }

  void char_class() {
    at_ += peek(1) == '^' ? 2 : 1;
    bool first = true;
    for (; fault_.empty() && (first || peek() != ']'); first = false) {
      if (at_ >= text_.size()) {
        fault_ = "a `[` is not closed";
      } else if (peek() == '[' && peek(1) == ':') {
        const std::size_t end = text_.find(":]", at_ + 2);
        if (end == std::string_view::npos) fault_ = "a `[:` is not closed";
        at_ = end + 2;
      } else {
        class_range();
      }
    }
    single();
  }

  /// `a`, `a-z` or an escape inside of a class.
  void class_range() {
    const std::size_t low = at_;
    if (peek() == '\\')
      escape(true);
    else
      ++at_;
    if (!fault_.empty() || peek() != '-' || peek(1) == ']' || at_ + 1 >= text_.size()) return;
    const std::size_t high = ++at_;
    const bool plain = text_[low] != '\\' && text_[high] != '\\';
    if (peek() == '\\')
      escape(true);
    else
      ++at_;
    // Bytes of one UTF-8 character are ordered like characters; only ASCII ends are compared.
    if (plain && static_cast<unsigned char>(text_[low]) > static_cast<unsigned char>(text_[high]) &&
        static_cast<unsigned char>(text_[low]) < 128)
      fault_ = fmt::format("`{}-{}` ends before its start", text_[low], text_[high]);
  }
};

}  // namespace

Result<std::uint16_t> parse_mode(std::string_view text) {
  const bool octal = !text.empty() && std::all_of(text.begin(), text.end(), is_octal);
  std::uint16_t mode = 0;
  if (octal && text.size() == 4) {
    for (const char c : text) mode = static_cast<std::uint16_t>(mode * 8 + (c - '0'));
    return mode;
  }
  return Problem{fmt::format("`{}` is not a file mode: four octal digits such as `0644`", text),
                 octal && text.size() == 3 ? fmt::format("0{}", text) : std::string()};
}

Result<std::uint16_t> parse_time(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto hours = decimal(text.substr(0, colon), 23);
  const auto minutes =
      decimal(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1), 59);
  if (hours && minutes && text.size() == 5 && colon == 2)
    return static_cast<std::uint16_t>(*hours * 60 + *minutes);
  const bool evident = hours && minutes && text.size() - colon == 3 && colon < 2;
  return Problem{fmt::format("`{}` is not a time of day from `00:00` to `23:59`", text),
                 evident ? fmt::format("{:02}:{:02}", *hours, *minutes) : std::string()};
}

Check check_regex(std::string_view text) {
  const std::string fault = RegexReader(text).fault();
  if (fault.empty()) return std::nullopt;
  return Problem{fmt::format("`{}` is not a regular expression: {}", text, fault), {}};
}

}  // namespace lab::types
