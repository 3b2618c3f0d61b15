// Which step runs when, and what follows from what came of it. A pure state machine: events in, commands out;
// no clock, no input or output, and its only randomness is the generator it was given. The order of commands
// is part of the contract: a Record stands before the command whose effect it announces, and must be durable
// before that is begun.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/engine/backoff.h"
#include "runtime/engine/driver.h"
#include "runtime/plan/plan.h"

namespace lab::engine {

using StepIndex = std::uint32_t;

enum class Mode {
  apply,    // make every chosen step true
  look,     // probe only: preview, drift, adopt
  destroy,  // remove, dependants first
};

enum class State {
  blocked,  // waits for other steps
  ready,    // waits for its turn
  probing,
  acting,
  verifying,  // the probe after an effect
  removing,
  waiting,  // before the next try
  asking,   // a person is asked
  // ---- how it ends
  same,    // nothing to do
  done,    // made, changed or removed
  looked,  // mode look: see Result
  failed,
  skipped,  // a step it needs failed
  refused,  // needs a yes that was not given
  stopped,  // the run ended before it did; the next run goes on
};

std::string_view name(State state);
bool ended(State state);

// What apply would do, or did.
enum class Action { none, create, update, replace, finish, remove, refuse, foreign, missing, unknown };

std::string_view name(Action action);

// What a probe found, as a binding holds it.
struct Bound {
  Found found = Found::absent;
  std::string fingerprint;
  bool known = true;  // false: could not be probed before its dependencies are there
};

struct Rules {
  Mode mode = Mode::apply;
  unsigned parallel = 10;
  std::vector<bool> chosen;            // by step: what may be written; the others are probed
  bool yes = false;                    // every question is answered: yes
  bool can_ask = false;                // there is a person to ask
  std::map<std::string, Bound> bound;  // by step id, from a binding: what must be found
  std::set<std::string> agreed;        // approve/1 steps that a person has agreed to, unchanged since
};

// ---- events
struct Probed {
  StepIndex step;
  Outcome<Probe> result;
};
struct Acted {
  StepIndex step;
  Outcome<Outputs> result;
};
struct Removed {
  StepIndex step;
  Outcome<Nothing> result;
};
struct Woken {
  StepIndex step;
};
struct Expired {
  StepIndex step;
};
struct Answered {
  StepIndex step;
  bool yes;
};
struct Parked {  // asked to stop, the step's work ended between two requests
  StepIndex step;
};
struct Interrupted {};
struct JournalFailed {
  std::string message;
};
using Event =
    std::variant<Probed, Acted, Removed, Woken, Expired, Answered, Parked, Interrupted, JournalFailed>;

// ---- commands
struct Record {  // to the journal, before what follows it
  StepIndex step;
  unsigned attempt;
  std::string_view kind;  // intent, done, same, failed, removed, agreed
  nlohmann::json body;
};
struct Look {
  StepIndex step;
};
struct Act {
  StepIndex step;
  Probe probe;
};
struct Remove {
  StepIndex step;
  Probe probe;
};
struct Wait {
  StepIndex step;
  Milliseconds time;
};
struct Budget {  // from now on, until the step ends: Expired after this time
  StepIndex step;
  Milliseconds time;
};
struct Ask {
  StepIndex step;
  std::string question;
};
struct Cancel {  // the step's work and timers
  StepIndex step;
};
struct Tell {  // a transition, for people
  StepIndex step;
  State state;
  std::string text;
};
struct Finish {
  int status;  // exit code
};
using Command = std::variant<Record, Look, Act, Remove, Wait, Budget, Ask, Cancel, Tell, Finish>;

// What is known of a step.
struct Result {
  State state = State::blocked;
  Action action = Action::unknown;
  Bound bound;
  std::vector<Difference> differences;
  std::string note;
};

class Scheduler {
 public:
  // The plan must outlive the scheduler.
  Scheduler(const plan::Plan& plan, Rules rules, Random random);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  std::vector<Command> begin();
  std::vector<Command> on(const Event& event);

  const Result& result(StepIndex step) const { return work_[step].result; }
  unsigned running() const { return running_; }

 private:
  struct Work {
    Result result;
    unsigned open = 0;             // steps that must end before
    unsigned depth = 0;            // longest path of steps that wait for this one
    std::vector<StepIndex> after;  // by mode: dependencies, or dependants
    std::vector<StepIndex> before;
    unsigned attempt = 0;  // effects begun
    unsigned tries = 0;    // failures in a row, for the backoff
    bool agreed = false;
    bool budgeted = false;
    bool seen = false;  // the first probe of this run has come
    Probe probe;        // what the question is about
  };

  void handle(const Probed& event);
  void handle(const Acted& event);
  void handle(const Removed& event);
  void handle(const Woken& event);
  void handle(const Expired& event);
  void handle(const Answered& event);
  void handle(const Parked& event);
  void handle(const Interrupted& event);
  void handle(const JournalFailed& event);

  void fill();
  void look(StepIndex step, State state, std::string text);
  void found(StepIndex step, Probe probe);
  void looked(StepIndex step, const Outcome<Probe>& result);
  void found_for_removal(StepIndex step, Probe probe);
  void differs(StepIndex step, Probe probe);
  void ask_or(StepIndex step, Probe probe, std::string question);
  void write(StepIndex step, Probe probe);
  void remove(StepIndex step, Probe probe);
  /// Whether an effect is done and its object to be looked at; otherwise the step is ended or tried again.
  template <class T>
  bool carried_out(StepIndex step, const Outcome<T>& result);
  void again(StepIndex step, const Failure& failure, unsigned least = 1);
  void end(StepIndex step, State state, std::string text);
  void fail(StepIndex step, const Failure& failure);
  void skip_dependants(StepIndex step);
  void stop_idle();
  void finish_if_over();
  bool stopping() const { return interrupted_ || broken_; }
  bool holds_slot(State state) const;
  Action action_for(const plan::Step& step, const Probe& probe) const;

  const plan::Plan& plan_;
  Rules rules_;
  Random random_;
  std::vector<Work> work_;
  std::vector<std::vector<std::uint32_t>> pools_of_;  // by step
  std::vector<unsigned> pool_free_;
  struct Earlier {
    const std::vector<Work>* work;
    bool operator()(StepIndex a, StepIndex b) const {
      const unsigned x = (*work)[a].depth;
      const unsigned y = (*work)[b].depth;
      return x != y ? x > y : a < b;
    }
  };
  std::set<StepIndex, Earlier> ready_;
  unsigned running_ = 0;  // steps that hold a slot
  unsigned open_ = 0;     // steps that have not ended
  bool interrupted_ = false;
  bool broken_ = false;
  bool foreign_ = false;
  bool failed_ = false;
  bool refused_ = false;
  bool changes_ = false;
  bool finished_ = false;
  std::vector<Command> out_;
};

}  // namespace lab::engine
