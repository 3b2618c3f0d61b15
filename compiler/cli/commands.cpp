#include "compiler/cli/commands.h"

namespace lab::cli {

namespace {

const Option lab_folder{"LAB", Takes::folder, "", "folder of the lab (default: this one)", &Arguments::lab};
const Option environment{"--env", Takes::text, "NAME", "the environment to compile", &Arguments::environment};
const Option parameters{"--set", Takes::text, "NAME=VALUE", "sets a parameter of the lab", &Arguments::set};
const Option deny{"--deny", Takes::text, "CODE|warnings", "makes a warning or hint an error",
                  &Arguments::deny};
const Option every{"--all", Takes::nothing, "", "show every diagnostic, however many a file has",
                   &Arguments::all};

Option operand(std::string_view name, Takes takes, std::string_view value, std::string_view summary,
               std::string Arguments::*into, bool required = true) {
  return {name, takes, value, summary, into, required};
}

Option format(std::string_view words, std::string_view summary) {
  return {"--format", Takes::words, words, summary, &Arguments::format};
}

std::vector<Command> make() {
  return {
      {"check",
       "everything short of writing",
       {lab_folder,
        environment,
        parameters,
        deny,
        format("text|json|sarif", "how diagnostics are written"),
        every,
        {"--fix", Takes::nothing, "", "apply the fixes that labc vouches for", &Arguments::fix}},
       run_check},
      {"build",
       "check, then write the tree that machines and clusters read",
       {lab_folder,
        environment,
        parameters,
        deny,
        {"-o,--output", Takes::folder, "OUT", "where to write instead of LAB/out", &Arguments::output},
        format("text|json|sarif", "how diagnostics are written; but for text, nothing else is"),
        every,
        {"--jobs", Takes::text, "N", "threads that render and compare files (default: 1)",
         &Arguments::jobs},
        {"--watch", Takes::nothing, "", "build again whenever a file of the lab changes", &Arguments::watch}},
       run_build},
      {"diff",
       "what a build would change, by meaning, and what that does to what runs",
       {lab_folder,
        environment,
        parameters,
        {"--against", Takes::folder, "OUT", "an emitted tree other than LAB/out", &Arguments::against}},
       run_diff},
      {"fmt",
       "the one layout",
       {{"FILES", Takes::files, "", "files or folders, `-` for standard input (default: this folder)",
         &Arguments::files},
        {"--check", Takes::nothing, "", "write nothing; name the files that would change",
         &Arguments::check}},
       run_fmt},
      {"test",
       "compile the lab with each of its `test` blocks",
       {lab_folder, environment, parameters},
       run_test},
      {"eval",
       "the value of an expression in the lab",
       {operand("EXPR", Takes::text, "", "the expression", &Arguments::first), lab_folder, environment,
        parameters},
       run_eval},
      {"show",
       "a resource with all its fields, computed ones too",
       {operand("KIND.NAME", Takes::text, "", "the resource, as in app.sonarr", &Arguments::first),
        lab_folder, environment, parameters},
       run_show},
      {"why",
       "where a line of the emitted tree comes from",
       {operand("FILE:LINE", Takes::file, "", "the line, as in out/talos/home/cp1.yaml:12",
                &Arguments::first),
        lab_folder, environment, parameters},
       run_why},
      {"reach",
       "whether something reaches something: the path that allows it, or what stops it",
       {operand("FROM", Takes::text, "", "who speaks, as in sonarr, servers, internet", &Arguments::first,
                false),
        operand("TO", Takes::text, "", "to whom, as in plex.http, homelab.api", &Arguments::second, false),
        operand("PORT", Takes::text, "", "at which port, as in tcp/443 (default: any of TO)",
                &Arguments::third, false),
        lab_folder,
        environment,
        parameters,
        {"--all", Takes::nothing, "",
         "what the network policies let pass between all ends they can tell apart", &Arguments::all},
        format("text|json", "how the answer is written")},
       run_reach},
      {"exposed",
       "what can be used from the internet, the way there, and who signs people in",
       {lab_folder,
        environment,
        parameters,
        {"--from", Takes::text, "EXPR", "from elsewhere: a network, a VPN, an app", &Arguments::from},
        format("text|json", "how the answer is written")},
       run_exposed},
      {"explain",
       "the page of a diagnostic",
       {operand("CODE", Takes::text, "", "the code, as in LAB0102", &Arguments::first)},
       run_explain},
      {"graph",
       "a picture of machines, apps, calls and doors",
       {lab_folder, environment, parameters, format("dot|svg|json", "what is written")},
       run_graph},
      {"secret",
       "the vault: values that the lab needs and its text never has",
       {operand("ACTION", Takes::words, "init|list|set|get|rotate|recipients|identity", "what to do",
                &Arguments::first),
        operand("NAME", Takes::text, "",
                "the secret, as in grafana-admin/admin-password; a file for `identity`", &Arguments::second,
                false),
        lab_folder,
        environment,
        parameters,
        {"--update", Takes::nothing, "", "with `recipients`: encrypt the vault to `operators`",
         &Arguments::update}},
       run_secret},
      {"init",
       "a starter lab that compiles",
       {operand("TEMPLATE", Takes::text, "", "which one; with one operand, that is DIR", &Arguments::first),
        operand("DIR", Takes::folder, "", "where to put it", &Arguments::second, false)},
       run_init},
      {"docs",
       "the reference of commands, kinds and types, as Markdown",
       {{"-o,--output", Takes::folder, "DIR", "a folder to write pages to instead of standard output",
         &Arguments::output}},
       run_docs},
      {"lsp",
       "the language server, on standard input and output",
       {{"--stdio", Takes::nothing, "", "for editors that insist on saying so", &Arguments::stdio}},
       run_lsp},
      {"completion",
       "completions for a shell",
       {operand("SHELL", Takes::words, "bash|zsh|fish", "the shell", &Arguments::first)},
       run_completion},
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
