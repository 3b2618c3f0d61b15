#include "compiler/cli/commands.h"

namespace lab::cli {

namespace {

const Option lab_folder{"LAB", Takes::folder, "", "folder of the lab", &Arguments::lab};
const Option environment{"--env", Takes::text, "NAME", "the environment to compile", &Arguments::environment};
const Option parameters{"--set", Takes::text, "NAME=VALUE", "sets a parameter of the lab", &Arguments::set};
const Option deny{"--deny", Takes::text, "CODE|warnings", "makes a warning or hint an error",
                  &Arguments::deny};
const Option output{"-o,--output", Takes::folder, "OUT", "where to write instead of LAB/out",
                    &Arguments::output};

std::vector<Command> make() {
  return {
      {"check",
       "everything short of writing",
       {lab_folder,
        environment,
        parameters,
        deny,
        {"--format", Takes::words, "text|json|sarif", "how diagnostics are written", &Arguments::format}},
       run_check},
      {"build",
       "check, then write the tree that machines and clusters read",
       {lab_folder, output, environment, parameters, deny},
       run_build},
      {"eval",
       "the value of an expression in the lab",
       {{"EXPR", Takes::text, "", "the expression", &Arguments::first, true},
        lab_folder,
        environment,
        parameters},
       run_eval},
      {"version", "which labc this is", {}, run_version},
  };
}

}  // namespace

std::span<const Command> commands() {
  static const std::vector<Command> all = make();
  return all;
}

std::span<const Option> common_options() {
  static const std::vector<Option> all = {
      {"--color", Takes::words, "auto|always|never", "colours: on a terminal, always, never",
       &Arguments::color},
      {"-q,--quiet", Takes::nothing, "", "only diagnostics and what was asked for", &Arguments::quiet},
  };
  return all;
}

}  // namespace lab::cli
