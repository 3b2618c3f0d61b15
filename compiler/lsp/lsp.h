// `labc lsp`: the language server on standard input and output (LSP 3.17).
#pragma once

namespace lab::lsp {

/// Serves until `exit`, the end of the input or the death of the client. Returns the exit code: 0 after
/// `shutdown` and `exit`, else 1.
[[nodiscard]] int serve();

}  // namespace lab::lsp
