#include "compiler/checks/missing_calls.h"

#include <fmt/format.h>

namespace lab::checks {

void missing_calls(std::span<const MissingCall> missing, Context& context) {
  for (const MissingCall& m : missing) {
    Diagnostic& d =
        context.report(make(Code::call_missing, m.at, "knows where it is",
                            "`{}` does not call `{}`, so its packets are refused", m.reader, m.target));
    const std::string title = fmt::format("add `{}` to `calls` of `{}`", m.call, m.reader);
    if (m.list.valid())
      d.replace(m.list, m.call + ", ", title);
    else if (m.body.valid())
      d.replace(m.body, fmt::format("  calls = [{}]\n", m.call), title);
    else
      d.help({title, Applicability::placeholders, {}});
  }
}

}  // namespace lab::checks
