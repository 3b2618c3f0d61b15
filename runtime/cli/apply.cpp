// preview, apply, drift, destroy and adopt: what looks at or changes the real world.
#include <fmt/format.h>

#include "runtime/cli/commands.h"
#include "runtime/cli/findings.h"
#include "runtime/cli/state.h"
#include "runtime/cli/vault.h"

namespace lab::labrun {

namespace {

using engine::Mode;

std::string nothing_more(int) {
  return {};
}

std::string after_apply(int status, const Options& options) {
  switch (status) {
    case step_failed:
      return fmt::format("mend what is said above, then `labrun apply {}` goes on where this ended",
                         options.plan);
    case stale:
      return "what is not this lab's was left alone: look at it, then move it away or change the lab";
    case approval:
      return fmt::format("`labrun apply {} --yes` agrees to all of it", options.plan);
    case interrupted:
      return fmt::format("stopped; `labrun apply {}` goes on", options.plan);
    default:
      return {};
  }
}

// The plan is loaded, and secrets come from where they really are.
std::optional<int> ready(Session& session) {
  if (const auto status = session.load()) return status;
  session.use(real_vault(session.plan(), session.reader()));
  return std::nullopt;
}

int look(Session& session, std::string_view verb) {
  return session.pass(verb, session.rules(Mode::look), nothing_more);
}

std::optional<Binding> read_binding(Session& session) {
  const std::string& path = session.options().binding;
  const auto text = read_file(path);
  std::string problem = "it cannot be read";
  std::optional<Binding> binding;
  if (text) binding = parse_binding(*text, problem);
  if (!binding) session.terminal().complain(fmt::format("{}: {}", path, problem));
  return binding;
}

// Whether what the binding saw is still so; the exit code when it is not.
std::optional<int> check_binding(Session& session, const Binding& binding) {
  Terminal& terminal = session.terminal();
  if (binding.plan != session.plan().id || binding.sealed != plan::identify_sealed(session.plan())) {
    terminal.complain(fmt::format("{} is of another plan, or of other encrypted files: preview again",
                                  session.options().binding));
    return stale;
  }
  if (const int status = look(session, "preview"); status != success && status != changes) return status;
  const auto differ = stale_steps(session, binding);
  if (differ.empty()) return std::nullopt;
  for (const std::string& id : differ) terminal.err(fmt::format("  {} is not as the binding saw it\n", id));
  terminal.complain(
      fmt::format("{} is stale, and nothing was done: preview again", session.options().binding));
  return stale;
}

}  // namespace

int run_preview(const Options& options, Terminal& terminal) {
  Session session(options, terminal, engine::Loop::Time::real);
  if (const auto status = ready(session)) return *status;
  session.read_state();
  const int status = look(session, "preview");
  print_findings(session);
  if (!options.binding.empty() && (status == success || status == changes)) {
    if (!write_file(options.binding, render(binding_of(session)))) {
      terminal.complain(fmt::format("cannot write {}", options.binding));
      return usage;
    }
    if (!options.json) {
      terminal.out(
          fmt::format("`labrun apply {} --binding {}` does this, or nothing when the world has changed\n",
                      options.plan, options.binding));
    }
  }
  return status;
}

int run_apply(const Options& options, Terminal& terminal) {
  Session session(options, terminal, engine::Loop::Time::real);
  if (const auto status = ready(session)) return *status;
  if (const auto status = session.open_state("apply")) return *status;
  engine::Rules rules = session.rules(Mode::apply);
  if (!options.binding.empty()) {
    const auto binding = read_binding(session);
    if (!binding) return usage;
    if (const auto status = check_binding(session, *binding)) return *status;
    rules.bound = binding->steps;
  } else if (session.can_ask() && !options.yes) {
    if (const int status = look(session, "preview"); status != success && status != changes) return status;
    print_findings(session);
    if (pending(session) == 0) return success;
    if (!session.confirm("make it so?")) return approval;
  }
  return session.pass("apply", std::move(rules), [&](int status) { return after_apply(status, options); });
}

int run_drift(const Options& options, Terminal& terminal) {
  Session session(options, terminal, engine::Loop::Time::real);
  if (const auto status = ready(session)) return *status;
  session.read_state();
  const int status = look(session, "drift");
  print_drift(session);
  return status;
}

int run_destroy(const Options& options, Terminal& terminal) {
  Session session(options, terminal, engine::Loop::Time::real);
  if (const auto status = ready(session)) return *status;
  if (const auto status = session.open_state("destroy")) return *status;
  // Looked at from the ground up first: removing some objects takes what others give.
  if (const int status = look(session, "preview"); status == interrupted) return status;
  std::string doomed;
  unsigned number = 0;
  for (engine::StepIndex i = 0; i < session.plan().steps.size(); ++i) {
    const plan::Step& step = session.plan().steps[i];
    const engine::Bound& bound = session.result(i).bound;
    const bool there =
        bound.known && bound.found != engine::Found::absent && bound.found != engine::Found::foreign;
    if (step.destroy == plan::Destroy::retain || step.protect || !there) continue;
    ++number;
    doomed += fmt::format("  {} {}\n", terminal.paint("31", "-"), printable(step.title));
  }
  if (!options.json) terminal.out(doomed);
  if (number == 0) {
    if (!options.json) terminal.out("nothing that may be destroyed is there\n");
    return success;
  }
  if (!session.confirm(fmt::format("destroy {}?", number == 1 ? "this" : fmt::format("these {}", number)))) {
    terminal.complain("nothing was destroyed; `--yes` agrees");
    return approval;
  }
  return session.pass("destroy", session.rules(Mode::destroy), nothing_more);
}

int run_adopt(const Options& options, Terminal& terminal) {
  Session session(options, terminal, engine::Loop::Time::real);
  if (const auto status = ready(session)) return *status;
  if (const auto status = session.open_state("adopt")) return *status;
  const int status = look(session, "adopt");
  if (status != success && status != changes) return status;
  std::vector<engine::Entry> rows;
  for (engine::StepIndex i = 0; i < session.plan().steps.size(); ++i) {
    const engine::Bound& bound = session.result(i).bound;
    if (!bound.known || (bound.found != engine::Found::same && bound.found != engine::Found::different))
      continue;
    engine::Entry& row = rows.emplace_back();
    row.step = session.plan().steps[i].id;
    row.kind = bound.found == engine::Found::same ? "same" : "adopted";
    row.at = session.loop().wall();
    row.body = {{"fingerprint", bound.fingerprint},
                {"digest", engine::digest(session.plan(), session.plan().steps[i])}};
  }
  if (!session.journal()->add(rows)) {
    terminal.complain(fmt::format("the journal cannot be written: {}", session.journal()->problem()));
    return step_failed;
  }
  if (!options.json) {
    terminal.out(fmt::format("{} of {} objects are this lab's; `labrun apply {}` makes the rest\n",
                             rows.size(), session.plan().steps.size(), options.plan));
  }
  return success;
}

}  // namespace lab::labrun
