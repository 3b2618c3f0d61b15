// status and log: what the journal says. Neither locks, looks at the world, or writes.
#include <fmt/format.h>

#include <map>

#include "runtime/cli/commands.h"
#include "runtime/cli/state.h"

namespace lab::labrun {

namespace {

struct History {
  std::unique_ptr<engine::Journal> journal;
  std::string folder;
  int status = success;
};

History open_history(const Options& options, Terminal& terminal) {
  History history;
  history.folder = options.state.empty() ? find_plan(options.plan).folder + "/.labrun" : options.state;
  engine::Journal::Opened opened = engine::Journal::open(history.folder + "/journal.db", true);
  history.journal = std::move(opened.journal);
  if (history.journal) return history;
  terminal.complain(opened.problem);
  history.status = usage;
  return history;
}

std::string words(const nlohmann::json& body) {
  std::string out;
  for (const auto& [key, value] : body.items()) {
    if (key == "digest" || (value.is_string() && value.get_ref<const std::string&>().empty())) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key,
                       value.is_string() ? value.get<std::string>() : value.dump());
  }
  return printable(out);
}

}  // namespace

int run_status(const Options& options, Terminal& terminal) {
  const History history = open_history(options, terminal);
  if (!history.journal) return history.status;
  const engine::Journal& journal = *history.journal;
  const auto rows = journal.entries();
  std::string command;
  std::string plan;
  std::optional<int> ended;
  engine::WallTime began{};
  for (const engine::Entry& row : rows) {
    if (row.kind == "run") {
      command = row.body.value("command", "");
      plan = row.body.value("plan", "");
      began = row.at;
    }
    if (row.kind == "ended") ended = row.body.value("status", 0);
  }
  std::map<std::string, unsigned> counts;
  std::vector<std::string> open;
  std::vector<std::string> failed;
  for (const auto& [id, past] : journal.steps()) {
    ++counts[past.last];
    if (past.last == "intent") open.push_back(id);
    if (past.last == "failed") failed.push_back(id);
  }
  engine::RunLock lock;
  const bool busy = access((history.folder + "/lock").c_str(), F_OK) == 0 &&
                    lock.look(history.folder + "/lock") == engine::RunLock::Taken::held;
  if (options.json) {
    nlohmann::json whole{{"run", journal.run()},      {"command", command}, {"plan", plan},
                         {"began", timestamp(began)}, {"steps", counts},    {"unresolved", open},
                         {"failed", failed},          {"busy", busy}};
    if (ended) whole["status"] = *ended;
    terminal.out(whole.dump() + "\n");
    return success;
  }
  const std::string end = ended ? fmt::format("ended with {}", *ended) : busy ? "is at work" : "was cut off";
  terminal.out(fmt::format("run {} ({}) began {} and {}\nplan {}\n", journal.run(), command, timestamp(began),
                           end, plan));
  std::string line;
  for (const auto& [kind, number] : counts)
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", number, kind);
  terminal.out(fmt::format("steps: {}\n", line.empty() ? "none yet" : line));
  for (const std::string& id : open)
    terminal.out(fmt::format("  {} was begun, and what came of it is not known\n", id));
  for (const std::string& id : failed) terminal.out(fmt::format("  {} failed last\n", id));
  if (busy) terminal.out(fmt::format("at work: {}\n", lock.who()));
  if (!open.empty() && !busy)
    terminal.out(fmt::format("`labrun apply {}` looks at what was begun and goes on\n", options.plan));
  return success;
}

int run_log(const Options& options, Terminal& terminal) {
  const History history = open_history(options, terminal);
  if (!history.journal) return history.status;
  for (const engine::Entry& row : history.journal->entries(options.run)) {
    if (!options.step.empty() && row.step != options.step) continue;
    if (options.json) {
      nlohmann::json event{{"sequence", row.sequence}, {"run", row.run},         {"kind", row.kind},
                           {"at", timestamp(row.at)},  {"attempt", row.attempt}, {"body", row.body}};
      if (!row.step.empty()) event["step"] = row.step;
      terminal.out(event.dump() + "\n");
    } else {
      terminal.out(fmt::format("{}  {:<9} {}{}{}\n", timestamp(row.at), row.kind, row.step,
                               row.step.empty() ? "" : "  ", words(row.body)));
    }
  }
  return terminal.failed() ? step_failed : success;
}

}  // namespace lab::labrun
