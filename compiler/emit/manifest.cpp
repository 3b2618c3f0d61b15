#include "compiler/emit/manifest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "compiler/emit/directories.h"

namespace lab::emit {

namespace {

constexpr std::string_view manifest_head =
    "# Files that labc wrote. It removes those that the lab no longer yields.\n";
constexpr std::size_t least_room = 1 << 16;

}  // namespace

bool is_safe(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.substr(0, 5) == ".lab-") return false;
  if (std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::string manifest_of(const std::vector<Output>& outputs) {
  std::string text(manifest_head);
  for (const Output& output : outputs) {
    text += output.path;
    text += '\n';
  }
  return text;
}

void parse_manifest(std::string_view text, std::vector<std::string>& into) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.substr(0, 1) != "#" && is_safe(line)) into.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<std::string_view> read_whole(int folder, const char* name, std::string& buffer) {
  const Fd file(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return std::nullopt;
  if (buffer.empty()) buffer.resize(least_room);
  std::size_t done = 0;
  while (true) {
    const ssize_t n = ::read(file.get(), buffer.data() + done, buffer.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
    if (done == buffer.size()) buffer.resize(2 * buffer.size());
  }
  struct stat about {};
  if (done == 0 && (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))) {
    errno = ENXIO;
    return std::nullopt;
  }
  return std::string_view(buffer.data(), done);
}

}  // namespace lab::emit
