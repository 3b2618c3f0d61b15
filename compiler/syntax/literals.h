// What strings say, without quotes and escapes.
#pragma once
#include <string>
#include <string_view>

#include "compiler/syntax/reporter.h"

namespace lab::syntax {

/// How a multi-line string is stripped: the indentation of its closing quotes, the first line break
/// and the last. All zero for other strings.
struct Strip {
  std::size_t indent = 0;
  std::size_t front = 0;  // bytes to drop after the opening quotes
  std::size_t back = 0;   // bytes to drop before the closing quotes
};

/// For the bytes between triple quotes.
[[nodiscard]] Strip strip_of(std::string_view between);

/// Appends `raw`, a piece of a string at byte `offset` of the file, with its escapes resolved and at
/// most `indent` blanks after each line break dropped. Unknown escapes are reported (LAB0008).
void decode(std::string_view raw, std::uint32_t offset, std::size_t indent, Reporter& report,
            std::string& into);

}  // namespace lab::syntax
