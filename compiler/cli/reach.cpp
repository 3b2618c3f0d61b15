#include "compiler/session/reach.h"

#include <algorithm>
#include <array>

#include "compiler/cli/compile.h"

namespace lab::cli {

namespace {

/// `tcp/443`, `8080`; a folder is none of these.
bool is_port(std::string_view text) {
  static constexpr std::array<std::string_view, 4> protocols = {"tcp", "udp", "sctp", "icmp"};
  const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  return number || std::any_of(protocols.begin(), protocols.end(), [&](std::string_view p) {
           return text == p || text.starts_with(std::string(p) + "/") ||
                  text.starts_with(std::string(p) + "+");
         });
}

}  // namespace

int run_reach(const Arguments& arguments, Terminal& terminal) {
  Arguments own = arguments;
  if (own.all) {
    own.lab = own.first;
  } else if (own.second.empty()) {
    terminal.complain("name both ends, as in `labc reach sonarr plex.http`, or say --all");
    return usage_or_io;
  }
  if (!own.third.empty() && !is_port(own.third)) {
    own.lab = own.third;
    own.third.clear();
  }
  const auto files = source::real_file_system();
  const auto snapshot = compile(own, terminal, *files);
  if (snapshot == nullptr) return usage_or_io;
  const bool json = own.format == "json";
  if (snapshot->oracle != nullptr) {
    const auto told = own.all ? std::optional(session::reach_matrix(*snapshot, json))
                              : session::reach(*snapshot, own.first, own.second, own.third, json);
    if (told) {
      terminal.out(told->text);
      return told->yes ? success : errors_found;
    }
  }
  show_diagnostics(*snapshot, terminal);
  return errors_found;
}

}  // namespace lab::cli
