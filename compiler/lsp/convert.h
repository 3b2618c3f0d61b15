// Between byte offsets and the protocol's JSON.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/source/line_index.h"

namespace lab::lsp {

using Json = nlohmann::json;

/// What a client said it can do, as far as answers depend on it.
struct Client {
  source::Encoding encoding = source::Encoding::utf16;
  bool related_information = false, code_description = false, tags = false;
  bool document_changes = false, hierarchical_symbols = false, snippets = false, prepare_rename = false;
  bool pull_diagnostics = false, refresh_diagnostics = false, refresh_tokens = false, refresh_hints = false;
  bool watched_files = false, progress = false, literal_actions = false, version_in_diagnostics = false;
  bool markdown = true;
};
[[nodiscard]] Client client_of(const Json& capabilities);

/// A response that is an error (JSON-RPC 2.0 §5.1, LSP 3.17 "ErrorCodes").
struct Failure {
  int code;
  std::string message;
};
inline constexpr int parse_error = -32700, invalid_request = -32600, method_not_found = -32601,
                     invalid_params = -32602, not_initialized = -32002, request_cancelled = -32800,
                     request_failed = -32803;

[[nodiscard]] Json position_json(source::Position position);
[[nodiscard]] Json range_json(const source::LineIndex& lines, std::uint32_t begin, std::uint32_t end,
                              source::Encoding encoding);
/// Throws what nlohmann throws when it is no position.
[[nodiscard]] source::Position position_of(const Json& json);

/// Applies the changes of `didChange` in their order, each to what the one before left.
void apply_changes(std::string& text, const Json& changes, source::Encoding encoding);

}  // namespace lab::lsp
