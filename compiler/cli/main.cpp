#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <string>

#include "compiler/cli/commands.h"
#include "compiler/cli/memory.h"

namespace lab::cli {

namespace {

constexpr unsigned most_jobs = 256;

void add(::CLI::App& app, const Option& option, Arguments& arguments) {
  const bool operand = option.name.front() != '-';
  const std::string summary(option.summary);
  if (const auto* flag = std::get_if<bool Arguments::*>(&option.into)) {
    app.add_flag(std::string(option.name), arguments.**flag, summary);
    return;
  }
  ::CLI::Option* added = nullptr;
  if (const auto* text = std::get_if<std::string Arguments::*>(&option.into)) {
    added = app.add_option(std::string(option.name), arguments.**text, summary);
  } else if (const auto* number = std::get_if<unsigned Arguments::*>(&option.into)) {
    added = app.add_option(std::string(option.name), arguments.**number, summary)
                ->check(::CLI::Range(1U, most_jobs).description(""))
                ->default_str("");
  } else {
    added = app.add_option(std::string(option.name),
                           arguments.*std::get<std::vector<std::string> Arguments::*>(option.into), summary);
    if (!operand) added->expected(1)->take_all();
  }
  added->type_name(operand ? "" : std::string(option.value))->required(option.required);
  if (option.takes == Takes::words) {
    std::vector<std::string> words;
    for (std::string_view rest = option.value; !rest.empty();) {
      const std::size_t bar = std::min(rest.find('|'), rest.size());
      words.emplace_back(rest.substr(0, bar));
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
    added->check([words, value = option.value](const std::string& given) {
      return std::ranges::find(words, given) != words.end() ? std::string()
                                                            : fmt::format("takes {}, not `{}`", value, given);
    });
  }
}

int run(int argc, char** argv) {
  Arguments arguments;
  ::CLI::App app("Lab: a typed language for a whole homelab", "labc");
  app.require_subcommand(1);
  app.fallthrough();
  for (const Option& option : common_options()) add(app, option, arguments);
  const Command* chosen = nullptr;
  for (const Command& command : commands()) {
    ::CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    for (const Option& option : command.options) add(*sub, option, arguments);
    sub->callback([&chosen, &command] { chosen = &command; });
  }
  try {
    app.parse(argc, argv);
  } catch (const ::CLI::ParseError& problem) {
    Terminal terminal(Colour::never, false);
    if (problem.get_exit_code() == 0) {
      for (const ::CLI::App* sub : app.get_subcommands()) {
        terminal.out(sub->help(app.get_name()));
        return terminal.flush() ? success : usage_or_io;
      }
      terminal.out(app.help());
      return terminal.flush() ? success : usage_or_io;
    }
    terminal.complain(problem.what());
    terminal.err("`labc --help` shows the commands, `labc COMMAND --help` what one takes\n");
    return usage_or_io;
  }
  const Colour colour = arguments.color == "always"  ? Colour::always
                        : arguments.color == "never" ? Colour::never
                                                     : Colour::automatic;
  Terminal terminal(colour, arguments.quiet, arguments.all);
  const int status = chosen->run(arguments, terminal);
  return terminal.flush() ? status : usage_or_io;
}

}  // namespace

}  // namespace lab::cli

int main(int argc, char** argv) {
  lab::cli::prepare_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), so that it ends with 2
  return lab::cli::run(argc, argv);
}
