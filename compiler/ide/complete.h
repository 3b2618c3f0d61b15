// What can be written at an offset, from the tokens before it: it works while the text is broken.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compiler/ide/analysis.h"

namespace lab::ide {

struct Candidate {
  enum class Kind : std::uint8_t {
    kind,
    field,
    computed,
    word,
    resource,
    entry,
    constant,
    parameter,
    variable,
    function,
    tag,
    type,
    statement,
    clause
  };
  std::string label;
  Kind kind{};
  std::string detail;         // type or kind, on one line
  std::string documentation;  // Markdown
  std::string insert;         // what is written
  bool snippet = false;       // `insert` has places to fill: `$1`, `${1:name}`, `$0`
  unsigned rank = 0;          // what fits best is 0
};

struct Completion {
  Span replaced;  // the word being written
  std::vector<Candidate> candidates;
};

/// `text` is the buffer as it is; `analysis` may be of an older one.
[[nodiscard]] Completion complete(const Analysis& analysis, std::string_view text, std::uint32_t offset);

/// The call around an offset: `claim(5GiB, |`.
struct Call {
  std::string label;                                                // `claim(size: size, name: string?)`
  std::vector<std::pair<std::uint32_t, std::uint32_t>> parameters;  // bytes of `label`
  std::vector<std::string> documentation;                           // of each parameter
  unsigned active = 0;
};
[[nodiscard]] std::optional<Call> call_at(const Analysis& analysis, std::string_view text,
                                          std::uint32_t offset);

}  // namespace lab::ide
