// The three streams of the process: output collected and written once, so that a closed pipe or a full disk
// is seen and ends the program with 2.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace lab::cli {

/// `--color`.
enum class Colour : std::uint8_t { automatic, always, never };

class Terminal {
 public:
  Terminal(Colour colour, bool quiet, bool all = false);
  /// To standard output, at the end or when much has come together.
  void out(std::string_view text);
  /// To standard error, at once.
  void err(std::string_view text);
  /// `labc: WORDS`, to standard error.
  void complain(std::string_view words);
  /// Writes what is left; false when standard output does not take it.
  bool flush();
  /// Whether this stream is to be coloured: a terminal, no NO_COLOR, unless `--color` says otherwise.
  [[nodiscard]] bool colour_out() const { return colour_out_; }
  [[nodiscard]] bool colour_err() const { return colour_err_; }
  [[nodiscard]] bool quiet() const { return quiet_; }
  /// Whether every diagnostic is to be shown, however many a file has.
  [[nodiscard]] bool all() const { return all_; }
  /// Columns of the terminal at standard error; 100 when it is none.
  [[nodiscard]] std::uint32_t width() const { return width_; }

 private:
  std::string pending_;
  bool colour_out_ = false, colour_err_ = false, quiet_ = false, all_ = false, failed_ = false;
  std::uint32_t width_ = 100;
};

}  // namespace lab::cli
