// The commands of labc: one table that the parser, the help, the completions and the manual are made of.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/cli/terminal.h"

namespace lab::cli {

/// Everything that can be said on the command line. A command reads what its options fill.
struct Arguments {
  std::string lab;                   // folder of the lab; empty: this one
  std::string first, second, third;  // operands before it: EXPR, KIND.NAME, FILE:LINE, CODE, …
  std::vector<std::string> files;
  std::string environment, output, against, from;
  std::string format = "text";
  std::string color = "auto";
  std::vector<std::string> set, deny;
  unsigned jobs = 1;  // threads
  bool check = false, fix = false, quiet = false, stdio = false, update = false, all = false, watch = false;
};

/// What an operand or option takes, for completion.
enum class Takes : std::uint8_t { nothing, text, folder, file, files, words };

struct Option {
  std::string_view name;  // "--env", "-o,--output"; a bare word for an operand: "LAB"
  Takes takes = Takes::text;
  std::string_view value;  // what stands in its place in help: "E"; with Takes::words, the words: "text|json"
  std::string_view summary;
  std::variant<std::string Arguments::*, std::vector<std::string> Arguments::*, unsigned Arguments::*,
               bool Arguments::*>
      into;
  bool required = false;
};

/// Exit codes.
inline constexpr int success = 0, errors_found = 1, usage_or_io = 2;

struct Command {
  std::string_view name;
  std::string_view summary;
  std::vector<Option> options;  // operands in their order
  int (*run)(const Arguments&, Terminal&);
};

/// All commands, in the order in which help shows them.
[[nodiscard]] std::span<const Command> commands();
/// Options of every command.
[[nodiscard]] std::span<const Option> common_options();

// ---- one function a command, each in a file of its name
int run_build(const Arguments& arguments, Terminal& terminal);
int run_check(const Arguments& arguments, Terminal& terminal);
int run_completion(const Arguments& arguments, Terminal& terminal);
int run_diff(const Arguments& arguments, Terminal& terminal);
int run_docs(const Arguments& arguments, Terminal& terminal);
int run_eval(const Arguments& arguments, Terminal& terminal);
int run_exposed(const Arguments& arguments, Terminal& terminal);
int run_explain(const Arguments& arguments, Terminal& terminal);
int run_fmt(const Arguments& arguments, Terminal& terminal);
int run_graph(const Arguments& arguments, Terminal& terminal);
int run_init(const Arguments& arguments, Terminal& terminal);
int run_lsp(const Arguments& arguments, Terminal& terminal);
int run_reach(const Arguments& arguments, Terminal& terminal);
int run_secret(const Arguments& arguments, Terminal& terminal);
int run_show(const Arguments& arguments, Terminal& terminal);
int run_test(const Arguments& arguments, Terminal& terminal);
int run_version(const Arguments& arguments, Terminal& terminal);
int run_why(const Arguments& arguments, Terminal& terminal);

}  // namespace lab::cli
