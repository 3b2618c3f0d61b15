// The registry of diagnostics, read from codes.def.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lab::diagnostics {

enum class Severity : std::uint8_t { error, warning, hint };

enum class Code : std::uint16_t {
#define LAB_CODE(name, number, severity, since, title) name,
#include "compiler/diagnostics/codes.def"
#undef LAB_CODE
};

struct CodeInfo {
  Code code;
  std::string_view name;  // unclosed_brace
  std::uint16_t number;   // 5, shown as LAB0005
  Severity severity;      // unless --deny raises it
  std::string_view since;
  std::string_view title;
};

[[nodiscard]] const CodeInfo& info(Code code);
[[nodiscard]] std::span<const CodeInfo> all_codes();
/// `LAB0005`.
[[nodiscard]] std::string spelled(Code code);
/// Reads `LAB0005`, in any case; nothing when no such code exists.
[[nodiscard]] std::optional<Code> parse_code(std::string_view text);
[[nodiscard]] std::string_view name(Severity severity);

}  // namespace lab::diagnostics
