#include "runtime/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace lab::labrun {

namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos || value.find("utf8") != std::string_view::npos;
  }
  return false;
}

// One character at the front of a text, and the columns it takes.
struct Glyph {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

Glyph glyph(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (bytes == 1) return {};
  std::uint32_t code = lead & (0x7fU >> bytes);
  const std::size_t there = std::min(bytes, text.size());
  for (std::size_t i = 1; i < there; ++i) code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
  const bool combines =
      (code >= 0x300 && code < 0x370) || code == 0x200d || (code >= 0xfe00 && code < 0xfe10);
  const bool wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xa4d0) ||
                    (code >= 0xac00 && code < 0xd7a4) || (code >= 0xf900 && code < 0xfb00) ||
                    (code >= 0xff00 && code < 0xff61) || (code >= 0x1f300 && code < 0x20000);
  return {there, combines ? 0U : wide ? 2U : 1U};
}

}  // namespace

Terminal::Terminal(Colour colour) {
  const std::string_view term = environment("TERM");
  interactive_ = ::isatty(1) != 0 && !term.empty() && term != "dumb";
  can_ask_ = interactive_ && ::isatty(0) != 0;
  const bool wanted = interactive_ && environment("NO_COLOR").empty();  // https://no-color.org
  colour_ = colour == Colour::automatic ? wanted : colour == Colour::always;
  unicode_ = utf8_locale();
}

void Terminal::out(std::string_view text) {
  failed_ = !write_all(1, text) || failed_;
}

void Terminal::err(std::string_view text) {
  write_all(2, text);
}

void Terminal::complain(std::string_view words) {
  err(fmt::format("labrun: {}\n", words));
}

unsigned Terminal::width() const {
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return 80;
}

std::string Terminal::paint(std::string_view code, std::string_view text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string clip(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t taken = 0;
  while (!text.empty()) {
    const Glyph one = glyph(text);
    const bool control = static_cast<unsigned char>(text.front()) < 0x20 || text.front() == 0x7f;
    if (taken + one.columns > most) break;
    out += control ? std::string_view(" ") : text.substr(0, one.bytes);
    taken += one.columns;
    text.remove_prefix(one.bytes);
  }
  return out;
}

std::string printable(std::string_view text) {
  return clip(text, std::string_view::npos);
}

std::size_t columns(std::string_view text) {
  std::size_t sum = 0;
  while (!text.empty()) {
    const Glyph one = glyph(text);
    sum += one.columns;
    text.remove_prefix(one.bytes);
  }
  return sum;
}

}  // namespace lab::labrun
