// The streams of the process, and what the one at standard output can show.
#pragma once

#include <string>
#include <string_view>

namespace lab::labrun {

enum class Colour { automatic, always, never };

class Terminal {
 public:
  explicit Terminal(Colour colour);

  void out(std::string_view text);  // at once
  void err(std::string_view text);
  void complain(std::string_view words);  // `labrun: WORDS`

  bool interactive() const { return interactive_; }  // standard output is a terminal that can move its cursor
  bool can_ask() const { return can_ask_; }          // and standard input is one too
  bool colour() const { return colour_; }
  bool unicode() const { return unicode_; }
  unsigned width() const;                  // asked each time: windows change
  bool failed() const { return failed_; }  // standard output did not take something

  // The text in a colour ("31"), or as it is.
  std::string paint(std::string_view code, std::string_view text) const;

 private:
  bool interactive_ = false;
  bool can_ask_ = false;
  bool colour_ = false;
  bool unicode_ = false;
  bool failed_ = false;
};

// The first `columns` columns of a text without control characters; wide characters count as two, what
// combines as none.
std::string clip(std::string_view text, std::size_t columns);
std::size_t columns(std::string_view text);
// The text with a space for each control character: what servers say must not move the cursor.
std::string printable(std::string_view text);

}  // namespace lab::labrun
