// What the commands share: the plan, the state folder with journal and lock, the loop, and passes over the
// plan.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "runtime/cli/display.h"
#include "runtime/cli/options.h"
#include "runtime/engine/lock.h"

namespace lab::labrun {

class Session {
 public:
  Session(const Options& options, Terminal& terminal, engine::Loop::Time time);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Each returns the exit code to end with, or nothing when all is well; what is wrong has been said then.
  std::optional<int> load();                                // the plan and its artifacts, narrowed to --only
  std::optional<int> open_state(std::string_view command);  // takes the lock, opens the journal, begins a run
  void read_state();  // the journal, if there is one, for what only looks: what was agreed to and run once
  void use(engine::Network* network) { network_ = network; }  // the simulated world
  void use(std::unique_ptr<engine::Vault> vault) { vault_ = std::move(vault); }

  engine::Rules rules(engine::Mode mode) const;
  // One pass, shown. `next` is the sentence after the summary, by exit code.
  int pass(std::string_view verb, engine::Rules rules, const std::function<std::string(int)>& next);
  // A question outside a pass; false without a person to ask.
  bool confirm(const std::string& question);
  bool can_ask() const { return terminal_.can_ask() && !options_.json; }

  const plan::Plan& plan() const { return plan_; }
  const std::string& folder() const { return folder_; }
  const engine::Result& result(engine::StepIndex step) const { return pass_->result(step); }
  engine::Journal* journal() { return journal_.get(); }
  engine::Loop& loop() { return loop_; }
  Terminal& terminal() { return terminal_; }
  const Options& options() const { return options_; }
  std::string state_folder() const;
  plan::ReadFile reader() const;

 private:
  std::optional<int> narrow();
  void watch_signals();
  void crash_where_asked();
  void read_answer();

  const Options& options_;
  Terminal& terminal_;
  std::string folder_;
  std::string file_;
  plan::Plan plan_;
  std::vector<bool> chosen_;
  engine::Loop loop_;
  engine::Network* network_ = nullptr;
  std::unique_ptr<engine::Transport> transport_;
  std::unique_ptr<engine::Vault> vault_;
  std::unique_ptr<engine::Journal> journal_;
  engine::RunLock lock_;
  engine::OutputStore outputs_;
  std::unique_ptr<engine::Run> pass_;
  std::unique_ptr<Display> display_;
  int signals_ = -1;
  bool interrupted_ = false;
  struct Question {
    std::string text;
    std::function<void(bool)> answer;
  };
  std::vector<Question> questions_;  // the first is on the screen
  std::string typed_;
  std::uint64_t boundaries_left_ = 0;  // LABRUN_CRASH_AT
};

}  // namespace lab::labrun
