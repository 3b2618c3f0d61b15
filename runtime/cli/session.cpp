#include "runtime/cli/session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "runtime/cli/state.h"
#include "runtime/cli/vault.h"
#include "runtime/drivers/table.h"

namespace lab::labrun {

namespace fs = std::filesystem;
using engine::StepIndex;

Session::Session(const Options& options, Terminal& terminal, engine::Loop::Time time)
    : options_(options), terminal_(terminal), loop_(time) {
  if (options.pace > 0) loop_.set_pace(options.pace);
  watch_signals();
}

Session::~Session() {
  display_.reset();
  pass_.reset();
  if (signals_ >= 0) close(signals_);
}

plan::ReadFile Session::reader() const {
  return [folder = folder_](const std::string& path) { return read_file(fs::path(folder) / path); };
}

std::optional<int> Session::load() {
  const Place place = find_plan(options_.plan);
  folder_ = place.folder;
  file_ = place.file;
  const std::optional<std::string> text = read_file(file_);
  if (!text) {
    terminal_.complain(fmt::format("cannot read {}: {}", file_, std::strerror(errno)));
    return usage;
  }
  plan::Parsed parsed = plan::parse(*text);
  if (parsed.ok()) {
    parsed.problems = plan::load_artifacts(parsed.plan, reader());
    if (parsed.ok()) parsed.problems = damaged_files(parsed.plan, reader());
  }
  if (!parsed.ok()) {
    terminal_.err(plan::render(parsed.problems, file_));
    terminal_.complain("the plan is refused, and nothing was done; `labc build` writes it anew");
    return usage;
  }
  plan_ = std::move(parsed.plan);
  return narrow();
}

// Leaves the chosen groups and what they stand on, which is looked at and not written.
std::optional<int> Session::narrow() {
  chosen_.assign(plan_.steps.size(), true);
  if (options_.only.empty()) return std::nullopt;
  for (const std::string& group : options_.only) {
    if (std::ranges::any_of(plan_.steps, [&](const plan::Step& step) { return step.group == group; }))
      continue;
    std::string known;
    for (const plan::Group& each : plan_.groups) known += (known.empty() ? "" : ", ") + each.name;
    terminal_.complain(fmt::format("the plan has no group `{}`; it has {}", group, known));
    return usage;
  }
  std::vector<bool> kept(plan_.steps.size());
  std::vector<StepIndex> open;
  for (StepIndex i = 0; i < plan_.steps.size(); ++i) {
    chosen_[i] = std::ranges::find(options_.only, plan_.steps[i].group) != options_.only.end();
    if (chosen_[i]) open.push_back(i);
  }
  while (!open.empty()) {
    const StepIndex step = open.back();
    open.pop_back();
    if (kept[step]) continue;
    kept[step] = true;
    open.insert(open.end(), plan_.steps[step].after_index.begin(), plan_.steps[step].after_index.end());
  }
  std::vector<StepIndex> place(plan_.steps.size());
  std::vector<plan::Step> steps;
  std::vector<bool> chosen;
  for (StepIndex i = 0; i < plan_.steps.size(); ++i) {
    if (!kept[i]) continue;
    place[i] = static_cast<StepIndex>(steps.size());
    chosen.push_back(chosen_[i]);
    steps.push_back(std::move(plan_.steps[i]));
  }
  for (plan::Step& step : steps) {
    for (std::uint32_t& other : step.after_index) other = place[other];
    std::ranges::sort(step.after_index);
  }
  plan_.steps = std::move(steps);
  chosen_ = std::move(chosen);
  return std::nullopt;
}

std::string Session::state_folder() const {
  return options_.state.empty() ? folder_ + "/.labrun" : options_.state;
}

std::optional<int> Session::open_state(std::string_view command) {
  const std::string folder = state_folder();
  if (const std::string problem = make_state_folder(folder); !problem.empty()) {
    terminal_.complain(problem);
    return usage;
  }
  const engine::WallTime now = loop_.wall();
  const std::string self = fmt::format("process {} ({}, since {})", getpid(), command, timestamp(now));
  switch (lock_.take(folder + "/lock", self)) {
    case engine::RunLock::Taken::yes:
      break;
    case engine::RunLock::Taken::held:
      terminal_.complain(fmt::format("another run is at work here: {}", lock_.who()));
      return locked;
    case engine::RunLock::Taken::unusable:
      terminal_.complain(lock_.who());
      return usage;
  }
  engine::Journal::Opened opened = engine::Journal::open(folder + "/journal.db");
  if (!opened.journal) {
    terminal_.complain(opened.problem);
    if (!opened.set_aside.empty()) {
      terminal_.complain(fmt::format("it is kept as {}; `labrun adopt {}` makes a new one from what is there",
                                     opened.set_aside, options_.plan));
    }
    return step_failed;
  }
  journal_ = std::move(opened.journal);
  crash_where_asked();
  if (!journal_->take_lease(getpid(), host_name(), now) || !journal_->begin_run(now, plan_.id, command)) {
    terminal_.complain(
        fmt::format("the journal cannot be written, so nothing is begun: {}", journal_->problem()));
    return step_failed;
  }
  return std::nullopt;
}

void Session::read_state() {
  journal_ = engine::Journal::open(state_folder() + "/journal.db", true).journal;
}

// LABRUN_CRASH_AT=n ends the process at the n-th boundary of the journal (before and after each commit), as a
// power failure would: for tests. A simulated world outlives it.
void Session::crash_where_asked() {
  const char* at = std::getenv("LABRUN_CRASH_AT");
  if (at == nullptr) return;
  boundaries_left_ = std::strtoull(at, nullptr, 10);
  journal_->on_boundary = [this] {
    if (boundaries_left_ == 0 || --boundaries_left_ != 0) return;
    kill(getpid(), SIGKILL);
  };
}

void Session::watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  loop_.watch(signals_, POLLIN, [this](short) {
    signalfd_siginfo info{};
    while (read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (std::exchange(interrupted_, true) || !pass_) {
        display_.reset();  // takes the block from the screen
        _exit(interrupted);
      }
      if (display_)
        display_->note(
            "stopping: requests under way are finished, nothing new is begun (again to stop at once)");
      questions_.clear();
      pass_->interrupt();
    }
  });
}

engine::Rules Session::rules(engine::Mode mode) const {
  engine::Rules rules;
  rules.mode = mode;
  rules.parallel = std::max(options_.parallel, 1U);
  rules.chosen = chosen_;
  rules.yes = options_.yes;
  rules.can_ask = can_ask();
  return rules;
}

// Reads a line of the person's without stopping the loop.
void Session::read_answer() {
  std::array<char, 256> buffer{};
  const ssize_t count = read(0, buffer.data(), buffer.size());
  if (count > 0) typed_.append(buffer.data(), static_cast<std::size_t>(count));
  if (count > 0 && typed_.find('\n') == std::string::npos) return;
  const bool yes = typed_ == "y\n" || typed_ == "Y\n" || typed_ == "yes\n";
  typed_.clear();
  Question first = std::move(questions_.front());
  questions_.erase(questions_.begin());
  if (questions_.empty()) {
    loop_.unwatch(0);
    display_->answered();
  } else {
    display_->ask(questions_.front().text);
  }
  first.answer(yes);
}

int Session::pass(std::string_view verb, engine::Rules rules, const std::function<std::string(int)>& next) {
  const Style style = options_.json ? Style::json : terminal_.interactive() ? Style::block : Style::lines;
  pass_.reset();
  display_ = std::make_unique<Display>(terminal_, plan_, loop_, style);
  if (!transport_) transport_ = std::make_unique<engine::Transport>(loop_, network_);
  const auto ask = [this](StepIndex, const std::string& question, std::function<void(bool)> answer) {
    questions_.push_back({question, std::move(answer)});
    if (questions_.size() > 1) return;
    display_->ask(question);
    loop_.watch(0, POLLIN, [this](short) { read_answer(); });
  };
  const bool writes = rules.mode != engine::Mode::look;
  pass_ = std::make_unique<engine::Run>(
      engine::Run::Setting{plan_, loop_, *transport_, network_, journal_.get(), drivers::table(), *vault_,
                           reader(), folder_, *display_, ask, outputs_, options_.seed},
      std::move(rules));
  display_->begin(verb, writes && journal_ ? journal_->run() : 0);
  const int status = pass_->execute();
  if (writes && journal_) {
    engine::Entry end;
    end.kind = "ended";
    end.at = loop_.wall();
    end.body = {{"status", status}};
    journal_->add({end});  // the steps' own rows are what counts
  }
  if (!pass_->journal_problem().empty()) {
    display_->note(fmt::format("the journal cannot be written, so nothing more was begun: {}",
                               pass_->journal_problem()));
  }
  display_->end(status, next(status));
  return status;
}

bool Session::confirm(const std::string& question) {
  if (options_.yes) return true;
  if (!can_ask()) return false;
  terminal_.out(question + " [y/N] ");
  bool yes = false;
  loop_.watch(0, POLLIN, [&](short) {
    std::array<char, 256> buffer{};
    const ssize_t count = read(0, buffer.data(), buffer.size());
    yes = count > 0 && (buffer[0] == 'y' || buffer[0] == 'Y');
    loop_.unwatch(0);
    loop_.stop();
  });
  pass_.reset();  // an interrupt ends at once here
  loop_.run();
  return yes;
}

}  // namespace lab::labrun
