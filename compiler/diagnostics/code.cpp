#include "compiler/diagnostics/code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lab::diagnostics {
namespace {

constexpr Severity error = Severity::error;
[[maybe_unused]] constexpr Severity warning = Severity::warning;
[[maybe_unused]] constexpr Severity hint = Severity::hint;

constexpr auto table = std::to_array<CodeInfo>({
#define LAB_CODE(name, number, severity, since, title) {Code::name, #name, number, severity, since, title},
#include "compiler/diagnostics/codes.def"
#undef LAB_CODE
});

constexpr bool numbers_are_unique() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (std::size_t j = i + 1; j < table.size(); ++j) {
      if (table[i].number == table[j].number) return false;
    }
  }
  return true;
}
static_assert(numbers_are_unique(), "two lines of codes.def share a number");

}  // namespace

const CodeInfo& info(Code code) {
  return table[static_cast<std::size_t>(code)];
}

std::span<const CodeInfo> all_codes() {
  return table;
}

std::string spelled(Code code) {
  return fmt::format("LAB{:04}", info(code).number);
}

std::optional<Code> parse_code(std::string_view text) {
  constexpr std::string_view prefix = "LAB";
  if (text.size() != 7) return std::nullopt;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if ((text[i] & ~0x20) != prefix[i]) return std::nullopt;
  }
  unsigned number = 0;
  for (const char c : text.substr(prefix.size())) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  const auto* found = std::ranges::find(table, number, &CodeInfo::number);
  return found == table.end() ? std::nullopt : std::optional(found->code);
}

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::hint:
      break;
  }
  return "hint";
}

}  // namespace lab::diagnostics
