#include "compiler/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "compiler/source/write_all.h"

namespace lab::cli {

namespace {

bool coloured(Colour colour, int fd) {
  if (colour != Colour::automatic) return colour == Colour::always;
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org
  const char* term = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return ::isatty(fd) != 0 && !(term != nullptr && std::strcmp(term, "dumb") == 0);
}

}  // namespace

Terminal::Terminal(Colour colour, bool quiet, bool all)
    : colour_out_(coloured(colour, 1)), colour_err_(coloured(colour, 2)), quiet_(quiet), all_(all) {
  winsize size{};
  if (::isatty(2) != 0 && ::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) width_ = size.ws_col;
}

void Terminal::out(std::string_view text) {
  pending_ += text;
  if (pending_.size() > (1U << 16)) flush();
}

void Terminal::err(std::string_view text) {
  source::write_all(2, text);  // nowhere to say that this failed
}

void Terminal::complain(std::string_view words) {
  err(fmt::format("labc: {}\n", words));
}

bool Terminal::flush() {
  if (!failed_ && !source::write_all(1, pending_)) {
    failed_ = true;
    if (errno != EPIPE) complain(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
  }
  pending_.clear();
  return !failed_;
}

}  // namespace lab::cli
