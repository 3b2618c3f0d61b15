// Identities at hand: where `sops` looks for them, and refused where others could have read them.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "compiler/vault/vault.h"

namespace lab::vault {

namespace {

/// The bytes of a file that its owner alone can read; nothing, with `problem`, for any other.
std::optional<crypto::SecretBytes> read_private(const std::string& path, std::string& problem) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    problem = fmt::format("{}: {}", path, std::strerror(errno));
    return std::nullopt;
  }
  struct stat about {};
  crypto::SecretBuilder bytes;
  if (::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && (about.st_mode & 077) != 0) {
    problem = fmt::format("{}: others can read this file; `chmod 600 {}`", path, path);
    ::close(fd);
    return std::nullopt;
  }
  char buffer[4096];
  ssize_t n = 0;
  while ((n = ::read(fd, buffer, sizeof buffer)) > 0)
    bytes.append(std::string_view(buffer, static_cast<std::size_t>(n)));
  crypto::wipe(buffer, sizeof buffer);
  ::close(fd);
  return bytes.take();
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

void add(Identities& into, std::string_view text, std::string_view place) {
  std::string problem;
  auto found = crypto::age::parse_identity_file(text, problem);
  if (!problem.empty() && into.problem.empty()) into.problem = fmt::format("{}: {}", place, problem);
  for (auto& identity : found) into.keys.push_back(std::move(identity));
}

void add_file(Identities& into, const std::string& path) {
  std::string problem;
  const auto bytes = read_private(path, problem);
  if (bytes)
    add(into, bytes->expose_text(), path);
  else if (into.problem.empty())
    into.problem = problem;
}

}  // namespace

Identities find_identities() {
  Identities out;
  if (const std::string path = variable("SOPS_AGE_KEY_FILE"); !path.empty()) add_file(out, path);
  if (const char* keys = std::getenv("SOPS_AGE_KEY"); keys != nullptr && *keys != '\0')
    add(out, keys, "$SOPS_AGE_KEY");
  constexpr std::string_view below = "/sops/age/keys.txt";
  const std::string base = variable("XDG_CONFIG_HOME");
  const std::string usual = fmt::format("{}{}", base.empty() ? variable("HOME") + "/.config" : base, below);
  if (::access(usual.c_str(), F_OK) == 0) add_file(out, usual);
  out.looked_at =
      fmt::format("$SOPS_AGE_KEY_FILE, $SOPS_AGE_KEY and {}{}", base.empty() ? "~/.config" : base, below);
  return out;
}

}  // namespace lab::vault
