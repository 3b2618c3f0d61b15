// One pass over a plan: carries out the scheduler's commands with drivers, journal, timers and people, and
// feeds what comes of them back as events. What happened in one turn of the loop is committed to the journal
// together, and what was announced is begun after that.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/engine/journal.h"
#include "runtime/engine/network.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/transport.h"

namespace lab::engine {

// Where secret values come from. Each call may read and decrypt anew: values are held no longer than their
// step.
class Vault {
 public:
  virtual ~Vault() = default;
  virtual Outcome<Secret> named(const plan::Secret& secret) = 0;
  virtual Outcome<Secret> sealed(const std::string& path) = 0;  // the whole text of a SOPS file
};

// Sees the run, for people. Nothing secret is ever said.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void state(StepIndex step, State state, std::string_view text) = 0;
  virtual void progress(StepIndex step, std::string_view text) = 0;
  virtual void note(std::string_view sentence) = 0;
};

using OutputStore = std::map<std::string, Outputs, std::less<>>;  // by step id

class Run {
 public:
  struct Setting {
    const plan::Plan& plan;
    Loop& loop;
    Transport& transport;
    Network* network;  // the simulated world, or null
    Journal* journal;  // null: nothing is known or written down; modes that only look never write to it
    DriverTable drivers;
    Vault& vault;
    plan::ReadFile read;
    std::string folder;  // of the plan, where programs run
    Observer& observer;
    std::function<void(StepIndex, const std::string&, std::function<void(bool)>)>
        ask;               // used when rules.can_ask
    OutputStore& outputs;  // kept from one pass to the next
    std::uint64_t seed = 0;
  };

  Run(Setting setting, Rules rules);
  ~Run();

  // Runs the loop until the pass is over; the exit code. A kind without a driver ends its step as failed.
  int execute();
  // Starts nothing any more, lets requests end, and ends with 130.
  void interrupt();

  const Result& result(StepIndex step) const { return scheduler_.result(step); }
  const std::string& journal_problem() const { return journal_problem_; }

 private:
  class StepContext;
  struct Active;
  friend class StepContext;

  void push(Event event);
  void drain();
  bool record(const std::vector<Command>& commands);
  void carry_out(Command& command);
  template <class Work>
  void start(StepIndex step, bool writes, Work work);
  Task<void> probe(StepIndex step);
  Task<void> act(StepIndex step, Probe found);
  Task<void> remove(StepIndex step, Probe found);
  Driver* driver(StepIndex step);
  void keep_outputs(StepIndex step, const Outputs& outputs);

  Setting setting_;
  Rules rules_;
  Scheduler scheduler_;
  std::vector<std::string> digests_;
  std::map<std::string_view, std::unique_ptr<Driver>> made_;
  std::unordered_map<StepIndex, std::unique_ptr<Active>> active_;
  std::vector<Event> events_;
  bool drain_posted_ = false;
  bool stopping_ = false;
  bool over_ = false;
  int status_ = 0;
  std::string journal_problem_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // what is posted to the loop may outlive this
};

// Identifies a step as it stands in the plan: by its kind, key, desired state and the files that it reads.
std::string digest(const plan::Plan& plan, const plan::Step& step);

}  // namespace lab::engine
