#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>

#include "runtime/cli/commands.h"
#include "runtime/cli/version.h"

namespace lab::labrun {

namespace {

// Options that a command may have.
enum Has : unsigned {
  plan = 1U << 0U,
  only = 1U << 1U,
  parallel = 1U << 2U,
  yes = 1U << 3U,
  binding_in = 1U << 4U,
  binding_out = 1U << 5U,
  simulated = 1U << 6U,
  logged = 1U << 7U,
};

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view more;  // below the options
  unsigned has;
  int (*run)(const Options&, Terminal&);
};

constexpr std::string_view codes =
    "Exit codes: 0 done or nothing to do; 1 a step failed; 2 changes or drift (preview, drift); 3 usage or a "
    "refused\n"
    "plan; 4 another run is at work; 5 stale binding, or an object that is not this lab's; 6 approval "
    "needed;\n"
    "130 interrupted: run the same again to go on.";

constexpr std::array<Command, 8> commands = {{
    {"preview", "Show what apply would do; change nothing",
     "Probes every object of the plan: + create, ~ update, -/+ replace, ? not to be seen before what it "
     "stands on is there.\n"
     "Ends with 2 when there is something to do.",
     plan | only | parallel | binding_out, run_preview},
    {"apply", "Make the plan true",
     "Each object is probed, then made or changed, then probed again; what is as it should be is not written "
     "to. Before an\n"
     "effect its intent is in the journal, so that after any crash the same command finds out what happened "
     "and goes on.\n"
     "Steps that do not stand on a failed one go on. ^C once: requests under way are finished, nothing new "
     "is begun,\n"
     "exit 130. ^C twice: at once; that is safe too. On a terminal, what would be done is shown first and a "
     "yes asked for.",
     plan | only | parallel | yes | binding_in, run_apply},
    {"status", "What the journal says of the last run, and what is unfinished", "", plan, run_status},
    {"log", "The journal of a run, row by row", "", plan | logged, run_log},
    {"drift", "What is no longer as the plan says",
     "Compares the fields that the plan sets and no others. Ends with 2 when something changed or is "
     "missing.",
     plan | only | parallel, run_drift},
    {"destroy", "Remove the plan's objects, dependants first",
     "Only objects that bear this lab's mark, and only those whose step says so: what is to be kept is kept, "
     "what is\n"
     "protected is refused. Shows the list and asks first.",
     plan | only | parallel | yes, run_destroy},
    {"adopt", "Make a journal from the objects that are there, when the journal was lost", "",
     plan | only | parallel, run_adopt},
    {"simulate", "Apply the plan to a simulated world: no hardware needed",
     "The same engine and drivers talk to models of Proxmox VE, Talos, Kubernetes and Cloudflare behind real "
     "HTTPS on\n"
     "127.0.0.1; nothing leaves this machine. Time is simulated: hours pass in seconds (--pace slows it "
     "down). The same\n"
     "plan, faults and seed give the same run. With --state the world is kept, and the next run finds it. "
     "Without an age\n"
     "identity, secret values are made up.",
     plan | only | parallel | simulated, run_simulate},
}};

void add_options(::CLI::App& app, const Command& command, Options& options) {
  if ((command.has & plan) != 0) {
    app.add_option("PLAN", options.plan, "plan.json, or the folder it is in (out)")->type_name("");
    app.add_option("--state", options.state, "where journal and lock are (.labrun beside the plan)")
        ->type_name("DIR");
  }
  if ((command.has & only) != 0) {
    app.add_option("--only", options.only,
                   "only this group: a host, a cluster; may be repeated. What it stands on must be there")
        ->type_name("GROUP")
        ->expected(1)
        ->take_all();
  }
  if ((command.has & parallel) != 0) {
    app.add_option("--parallel", options.parallel, "how many steps at a time (10)")
        ->type_name("N")
        ->check(::CLI::Range(1U, 1000U));
  }
  if ((command.has & yes) != 0) app.add_flag("--yes", options.yes, "agree to everything that would be asked");
  if ((command.has & binding_in) != 0) {
    app.add_option("--binding", options.binding, "do what this preview saw, or nothing")->type_name("FILE");
  }
  if ((command.has & binding_out) != 0) {
    app.add_option("--binding", options.binding, "write what was seen, for apply --binding")
        ->type_name("FILE");
  }
  if ((command.has & simulated) != 0) {
    app.add_option("--faults", options.faults, "what goes wrong, and when (docs/labrun.md)")
        ->type_name("FILE");
    app.add_option("--seed", options.seed, "of delays and chance (1)")->type_name("N");
    app.add_option("--pace", options.pace, "simulated seconds a second (no limit)")
        ->type_name("N")
        ->check(::CLI::NonNegativeNumber);
  }
  if ((command.has & logged) != 0) {
    app.add_option("--run", options.run, "number of the run (the last)")
        ->type_name("N")
        ->check(::CLI::NonNegativeNumber);
    app.add_option("--step", options.step, "only rows of this step")->type_name("ID");
  }
  app.add_flag("--json", options.json, "one JSON object a line");
  app.add_option("--color", options.color, "auto, always or never")
      ->type_name("WHEN")
      ->check(::CLI::IsMember({"auto", "always", "never"}));
}

int run(int argc, char** argv) {
  Options options;
  ::CLI::App app("labrun makes the plan of a lab true: virtual machines, clusters, records.", "labrun");
  app.set_version_flag("--version", std::string("labrun ") + std::string(version));
  app.require_subcommand(1);
  app.footer(std::string(codes));
  app.get_formatter()->column_width(24);
  const Command* chosen = nullptr;
  for (const Command& command : commands) {
    ::CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    add_options(*sub, command, options);
    sub->footer(command.more.empty() ? std::string(codes) : fmt::format("{}\n\n{}", command.more, codes));
    sub->callback([&chosen, &command] { chosen = &command; });
  }
  try {
    app.parse(argc, argv);
  } catch (const ::CLI::CallForVersion& asked) {
    Terminal(Colour::never).out(std::string(asked.what()) + "\n");
    return success;
  } catch (const ::CLI::ParseError& problem) {
    Terminal terminal(Colour::never);
    if (problem.get_exit_code() != 0) {
      terminal.complain(problem.what());
      terminal.err("`labrun --help` shows the commands, `labrun COMMAND --help` what one takes\n");
      return usage;
    }
    const auto asked = app.get_subcommands();
    terminal.out(asked.empty() ? app.help() : asked.front()->help(app.get_name()));
    return success;
  }
  const Colour colour = options.color == "always"  ? Colour::always
                        : options.color == "never" ? Colour::never
                                                   : Colour::automatic;
  Terminal terminal(colour);
  return chosen->run(options, terminal);
}

}  // namespace

}  // namespace lab::labrun

int main(int argc, char** argv) {
  return lab::labrun::run(argc, argv);
}
