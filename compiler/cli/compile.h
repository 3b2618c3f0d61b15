// What commands that compile a lab have in common.
#pragma once
#include <cstdint>

#include "compiler/cli/commands.h"
#include "compiler/session/session.h"

namespace lab::cli {

/// The request that LAB, `--env` and `--set` make; nothing, with words said, when they are no request.
[[nodiscard]] bool make_request(const Arguments& arguments, Terminal& terminal, session::Request& into);
/// Whether imported repositories that are not there are fetched, and lab.lock written.
enum class Fetch : std::uint8_t { no, yes };
/// Whether the vault is opened for what functions make public of secrets.
enum class Disclose : std::uint8_t { no, yes };
/// Compiles a request. Null, with words said, when there is no such folder or lab.lock cannot be written.
/// What it gives lives until the process ends, which then need not take it apart.
[[nodiscard]] session::Snapshot* compile(session::Request request, Terminal& terminal,
                                         source::FileSystem& files, Fetch fetch = Fetch::no,
                                         Disclose disclose = Disclose::no);
/// Likewise what `make_request` makes of the arguments.
[[nodiscard]] session::Snapshot* compile(const Arguments& arguments, Terminal& terminal,
                                         source::FileSystem& files, Fetch fetch = Fetch::no,
                                         Disclose disclose = Disclose::no);
/// Sorted diagnostics in a format: `text`, with the count of them, as this terminal shows it; `json`;
/// `sarif`.
[[nodiscard]] std::string render_diagnostics(session::Snapshot& snapshot, const Terminal& terminal,
                                             std::string_view format);
/// Text to standard error, other formats to standard output.
void show_diagnostics(std::string_view rendered, Terminal& terminal, std::string_view format);
/// Both.
void show_diagnostics(session::Snapshot& snapshot, Terminal& terminal, std::string_view format = "text");
/// The time in RFC 3339, UTC, seconds; $SOURCE_DATE_EPOCH where it is set.
[[nodiscard]] std::string utc_now();

}  // namespace lab::cli
