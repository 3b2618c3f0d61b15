// Prints a SARIF log with everything that a diagnostic can hold, for check_sarif.py.
#include <cstdio>

#include "compiler/diagnostics/render.h"

using namespace lab::diagnostics;

int main() {
  lab::source::Sources sources;
  const auto a = sources.add("my lab/ä%.lab", "let x = 1\nlet y = \xF0\x9F\x98\x80 2\n");
  const auto b = sources.add("b.lab", "broken \xff\n");
  std::vector<Diagnostic> all;
  all.push_back(make(Code::syntax_error, {a, 18, 22}, "this", "an {} with all parts", "error"));
  all.back().at({b, 0, 6}, "and that").at({a, 0, 3}, "");
  all.back().note("a note").help({"advice in words", Applicability::maybe, {}});
  all.back().help({"edits in two files",
                   Applicability::machine,
                   {{{a, 0, 3}, "const"}, {{b, 7, 8}, ""}, {{a, 4, 4}, "z"}}});
  all.push_back(make(Code::invalid_utf8, {b, 7, 8}, "", "a byte \xff that is no text"));
  all.push_back(make(Code::file_too_large, {}, "", "no place"));
  all.back().severity = Severity::hint;
  all.push_back(make(Code::syntax_error, {a, 18, 22}, "", "the same place"));
  all.back().severity = Severity::warning;
  const std::string text = render_sarif(all, sources);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
