#include "runtime/engine/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

namespace lab::engine {

namespace {

bool may_help(FailureClass cls) {
  switch (cls) {
    case FailureClass::not_sent:
    case FailureClass::sent:
    case FailureClass::rate_limited:
    case FailureClass::retryable_server:
    case FailureClass::conflict:
    case FailureClass::timeout:
      return true;
    case FailureClass::permanent:
    case FailureClass::auth:
    case FailureClass::tls:
    case FailureClass::foreign:
    case FailureClass::cancelled:
      return false;
  }
  return false;
}

// Failures in a row that end a step before its time is up.
unsigned most_tries(plan::Retry retry) {
  switch (retry) {
    case plan::Retry::none:
      return 1;
    case plan::Retry::request:
    case plan::Retry::task:
      return 6;
    case plan::Retry::poll:
      return std::numeric_limits<unsigned>::max();
  }
  return 1;
}

// Reading may always be tried again.
constexpr unsigned reads = 4;

// Looking at one object takes no longer.
constexpr std::chrono::seconds glance{30};

std::string list(const std::vector<Difference>& differences) {
  constexpr std::size_t shown = 4;
  std::string out;
  for (std::size_t i = 0; i < differences.size() && i < shown; ++i) {
    out += (i == 0 ? "" : ", ") + differences[i].field;
  }
  if (differences.size() > shown) out += fmt::format(" and {} more", differences.size() - shown);
  return out;
}

}  // namespace

std::string_view name(State state) {
  constexpr std::array<std::string_view, 15> names = {
      "blocked", "ready", "probing", "acting", "verifying", "removing", "waiting", "asking",
      "same",    "done",  "looked",  "failed", "skipped",   "refused",  "stopped"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name(Action action) {
  constexpr std::array<std::string_view, 10> names = {"none",   "create", "update",  "replace", "finish",
                                                      "remove", "refuse", "foreign", "missing", "unknown"};
  return names[static_cast<std::size_t>(action)];
}

bool ended(State state) {
  return state >= State::same;
}

Scheduler::Scheduler(const plan::Plan& plan, Rules rules, Random random)
    : plan_(plan),
      rules_(std::move(rules)),
      random_(random),
      work_(plan.steps.size()),
      ready_(Earlier{&work_}) {
  const auto count = static_cast<StepIndex>(plan.steps.size());
  if (rules_.chosen.empty()) rules_.chosen.assign(count, true);
  std::unordered_map<std::string_view, std::uint32_t> pools;
  for (const plan::Pool& pool : plan.pools) {
    pools.emplace(pool.name, static_cast<std::uint32_t>(pool_free_.size()));
    pool_free_.push_back(pool.limit);
  }
  pools_of_.resize(count);
  for (StepIndex i = 0; i < count; ++i) {
    const plan::Step& step = plan.steps[i];
    for (const std::string& need : step.needs) {
      if (const auto found = pools.find(need); found != pools.end()) pools_of_[i].push_back(found->second);
    }
    for (const StepIndex other : step.after_index) {
      const bool reverse = rules_.mode == Mode::destroy;
      work_[reverse ? other : i].after.push_back(reverse ? i : other);
      work_[reverse ? i : other].before.push_back(reverse ? other : i);
    }
  }
  // Kahn's order, then depths from its end.
  std::vector<StepIndex> order;
  order.reserve(count);
  for (StepIndex i = 0; i < count; ++i) {
    work_[i].open = static_cast<unsigned>(work_[i].after.size());
    if (work_[i].open == 0) order.push_back(i);
  }
  std::vector<unsigned> left(count);
  for (StepIndex i = 0; i < count; ++i) left[i] = work_[i].open;
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (const StepIndex next : work_[order[at]].before) {
      if (--left[next] == 0) order.push_back(next);
    }
  }
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    for (const StepIndex next : work_[*at].before) {
      work_[*at].depth = std::max(work_[*at].depth, work_[next].depth + 1);
    }
  }
  open_ = count;
}

std::vector<Command> Scheduler::begin() {
  for (StepIndex i = 0; i < work_.size(); ++i) {
    if (work_[i].open != 0) continue;
    work_[i].result.state = State::ready;
    ready_.insert(i);
  }
  fill();
  finish_if_over();
  return std::exchange(out_, {});
}

std::vector<Command> Scheduler::on(const Event& event) {
  std::visit([this](const auto& one) { handle(one); }, event);
  fill();
  finish_if_over();
  return std::exchange(out_, {});
}

bool Scheduler::holds_slot(State state) const {
  return state == State::probing || state == State::acting || state == State::verifying ||
         state == State::removing || state == State::waiting;
}

// Starts what may start: the step on the longest path first, past those whose pool is full.
void Scheduler::fill() {
  if (stopping()) return;
  for (auto at = ready_.begin(); at != ready_.end() && running_ < rules_.parallel;) {
    const StepIndex step = *at;
    const auto& pools = pools_of_[step];
    if (std::ranges::any_of(pools, [&](std::uint32_t pool) { return pool_free_[pool] == 0; })) {
      ++at;
      continue;
    }
    at = ready_.erase(at);
    const plan::Step& what = plan_.steps[step];
    ++running_;
    for (const std::uint32_t pool : pools) --pool_free_[pool];
    work_[step].result.state = State::probing;
    const bool by_hand = what.kind->kind == "approve/1";
    if (rules_.mode == Mode::destroy && (what.destroy == plan::Destroy::retain || by_hand)) {
      end(step, State::same, "kept");
      at = ready_.begin();  // its end may have made others ready
      continue;
    }
    if (by_hand) {
      Probe probe;
      probe.found = rules_.agreed.contains(what.id) ? Found::same : Found::absent;
      if (rules_.mode == Mode::look) {
        looked(step, probe);
      } else {
        found(step, std::move(probe));
      }
      at = ready_.begin();
      continue;
    }
    look(step, State::probing, {});
  }
}

void Scheduler::look(StepIndex step, State state, std::string text) {
  Work& work = work_[step];
  work.result.state = state;
  out_.emplace_back(Tell{step, state, std::move(text)});
  if (!work.budgeted) {
    work.budgeted = true;
    std::chrono::seconds time(plan_.steps[step].timeout_s);
    if (rules_.mode == Mode::look) time = glance;
    if (time.count() != 0) out_.emplace_back(Budget{step, time});
  }
  out_.emplace_back(Look{step});
}

void Scheduler::handle(const Probed& event) {
  Work& work = work_[event.step];
  if (ended(work.result.state)) return;
  if (rules_.mode == Mode::look) {
    looked(event.step, event.result);
    return;
  }
  if (!event.result.ok()) {
    if (stopping()) {
      end(event.step, State::stopped, {});
    } else {
      again(event.step, event.result.error(), reads);
    }
    return;
  }
  if (rules_.mode == Mode::destroy) {
    found_for_removal(event.step, event.result.value());
  } else {
    found(event.step, event.result.value());
  }
}

void Scheduler::found(StepIndex step, Probe probe) {
  Work& work = work_[step];
  const plan::Step& what = plan_.steps[step];
  const bool verifying = work.attempt > 0;
  const bool first = !std::exchange(work.seen, true);
  work.result.bound = {probe.found, probe.fingerprint, true};
  work.result.note = probe.note;
  if (probe.found == Found::same) {
    nlohmann::json body{{"fingerprint", probe.fingerprint}};
    if (!probe.outputs.open.empty()) body["outputs"] = probe.outputs.open;
    out_.emplace_back(Record{step, work.attempt, verifying ? "done" : "same", std::move(body)});
    end(step, verifying ? State::done : State::same, probe.note);
    return;
  }
  if (probe.found == Found::foreign) {
    fail(step, {FailureClass::foreign, fmt::format("what is there is not this lab's{}{}",
                                                   probe.note.empty() ? "" : ": ", probe.note)});
    return;
  }
  if (stopping()) {
    end(step, State::stopped, {});
    return;
  }
  if (!rules_.chosen[step]) {
    fail(step, {FailureClass::permanent,
                fmt::format("is {}, and is not among the groups chosen with --only", name(probe.found))});
    return;
  }
  if (first) {
    const auto bound = rules_.bound.find(what.id);
    if (bound != rules_.bound.end() && bound->second.known &&
        (bound->second.found != probe.found || bound->second.fingerprint != probe.fingerprint)) {
      fail(step, {FailureClass::foreign, "is not as the binding saw it: preview again"});
      return;
    }
  }
  if (verifying && probe.found != Found::in_progress && work.tries + 1 >= most_tries(what.retry)) {
    std::string where = probe.differences.empty() ? std::string() : ": " + list(probe.differences);
    fail(step, {FailureClass::permanent,
                fmt::format("was written, and is {} all the same{}", name(probe.found), where)});
    return;
  }
  if (verifying && work.result.state == State::verifying) {  // the effect may need time to be seen
    std::string text = probe.note.empty() ? std::string(name(probe.found)) : probe.note;
    again(step, {FailureClass::conflict, std::move(text)});
    return;
  }
  if (probe.found == Found::absent && what.expect == plan::Expect::present) {
    fail(step, {FailureClass::permanent, "must be there already, and is not"});
    return;
  }
  if (probe.found == Found::different) {
    differs(step, std::move(probe));
  } else if (what.approve && !work.agreed) {
    ask_or(step, std::move(probe), *what.approve);
  } else if (what.kind->kind == "approve/1") {
    std::string message = what.desired.value("message", what.title);
    ask_or(step, std::move(probe), std::move(message));
  } else {
    work.result.action = probe.found == Found::absent ? Action::create : Action::finish;
    write(step, std::move(probe));
  }
}

Action Scheduler::action_for(const plan::Step& step, const Probe& probe) const {
  switch (probe.found) {
    case Found::same:
      return Action::none;
    case Found::absent:
      return step.expect == plan::Expect::present ? Action::missing : Action::create;
    case Found::in_progress:
    case Found::partial:
      return Action::finish;
    case Found::foreign:
      return Action::foreign;
    case Found::different:
      break;
  }
  Action action = Action::update;
  for (const Difference& difference : probe.differences) {
    const plan::OnChange rule = step.change(difference.field);
    if (rule == plan::OnChange::refuse) return Action::refuse;
    if (rule == plan::OnChange::replace) action = step.protect ? Action::refuse : Action::replace;
    if (action == Action::refuse) return action;
  }
  return action;
}

void Scheduler::differs(StepIndex step, Probe probe) {
  Work& work = work_[step];
  const plan::Step& what = plan_.steps[step];
  work.result.action = action_for(what, probe);
  work.result.differences = probe.differences;
  if (work.result.action == Action::refuse) {
    fail(step, {FailureClass::permanent,
                fmt::format("differs in {}, which {}", list(probe.differences),
                            what.protect ? "cannot change without replacing it, and it is protected"
                                         : "the plan does not allow to change")});
    return;
  }
  if (work.result.action == Action::replace && !work.agreed && !rules_.bound.contains(what.id)) {
    std::string question = fmt::format("replace {} (differs in {})?", what.title, list(probe.differences));
    ask_or(step, std::move(probe), std::move(question));
    return;
  }
  if (what.approve && !work.agreed) {
    ask_or(step, std::move(probe), *what.approve);
    return;
  }
  write(step, std::move(probe));
}

// Asks, unless the answer is known.
void Scheduler::ask_or(StepIndex step, Probe probe, std::string question) {
  Work& work = work_[step];
  work.probe = std::move(probe);
  if (rules_.yes) {
    handle(Answered{step, true});
  } else if (rules_.can_ask) {
    --running_;  // people take their time: others go on
    for (const std::uint32_t pool : pools_of_[step]) ++pool_free_[pool];
    work.result.state = State::asking;
    out_.emplace_back(Tell{step, State::asking, question});
    out_.emplace_back(Ask{step, std::move(question)});
  } else {
    refused_ = true;
    end(step, State::refused, "needs approval: " + question);
    skip_dependants(step);
  }
}

void Scheduler::handle(const Answered& event) {
  Work& work = work_[event.step];
  if (ended(work.result.state)) return;
  const plan::Step& what = plan_.steps[event.step];
  if (work.result.state == State::asking) {
    ++running_;
    for (const std::uint32_t pool : pools_of_[event.step]) --pool_free_[pool];
    work.result.state = State::probing;
  }
  if (!event.yes) {
    refused_ = true;
    end(event.step, State::refused, "not approved");
    skip_dependants(event.step);
    return;
  }
  work.agreed = true;
  if (what.kind->kind == "approve/1") {
    out_.emplace_back(Record{event.step, 0, "agreed", nlohmann::json::object()});
    end(event.step, State::done, "approved");
    return;
  }
  Probe probe = std::move(work.probe);
  if (work.result.action == Action::unknown) {
    work.result.action = action_for(what, probe);
  }
  write(event.step, std::move(probe));
}

void Scheduler::write(StepIndex step, Probe probe) {
  Work& work = work_[step];
  const bool replaces = work.result.action == Action::replace && probe.found == Found::different;
  if (replaces) {
    remove(step, std::move(probe));
    return;
  }
  ++work.attempt;
  out_.emplace_back(Record{step,
                           work.attempt,
                           "intent",
                           {{"action", name(work.result.action)},
                            {"found", name(probe.found)},
                            {"fingerprint", probe.fingerprint}}});
  work.result.state = State::acting;
  out_.emplace_back(Tell{step, State::acting, std::string(name(work.result.action))});
  out_.emplace_back(Act{step, std::move(probe)});
}

void Scheduler::remove(StepIndex step, Probe probe) {
  Work& work = work_[step];
  ++work.attempt;
  out_.emplace_back(
      Record{step,
             work.attempt,
             "intent",
             {{"action", "remove"}, {"found", name(probe.found)}, {"fingerprint", probe.fingerprint}}});
  work.result.state = State::removing;
  out_.emplace_back(Tell{step, State::removing, {}});
  out_.emplace_back(Remove{step, std::move(probe)});
}

void Scheduler::handle(const Acted& event) {
  // When stopping, the next run finds the intent and probes.
  if (carried_out(event.step, event.result)) look(event.step, State::verifying, {});
}

void Scheduler::handle(const Removed& event) {
  if (carried_out(event.step, event.result))
    look(event.step, rules_.mode == Mode::destroy ? State::verifying : State::probing, {});
}

template <class T>
bool Scheduler::carried_out(StepIndex step, const Outcome<T>& result) {
  if (ended(work_[step].result.state)) return false;
  if (stopping())
    end(step, State::stopped, {});
  else if (!result.ok())
    again(step, result.error());
  else
    return true;
  return false;
}

void Scheduler::found_for_removal(StepIndex step, Probe probe) {
  Work& work = work_[step];
  const plan::Step& what = plan_.steps[step];
  work.result.bound = {probe.found, probe.fingerprint, true};
  if (probe.found == Found::absent) {
    if (work.attempt > 0) out_.emplace_back(Record{step, work.attempt, "removed", nlohmann::json::object()});
    end(step, work.attempt > 0 ? State::done : State::same, work.attempt > 0 ? "removed" : "not there");
  } else if (probe.found == Found::foreign) {
    end(step, State::same, "not this lab's: left alone");
  } else if (stopping()) {
    end(step, State::stopped, {});
  } else if (!rules_.chosen[step]) {
    fail(step, {FailureClass::permanent, "is still there, and is not among the groups chosen with --only"});
  } else if (what.protect) {
    fail(step, {FailureClass::permanent, "is protected by the plan"});
  } else if (work.result.state == State::verifying) {
    again(step, {FailureClass::conflict, "still there"});
  } else {
    work.result.action = Action::remove;
    remove(step, std::move(probe));
  }
}

void Scheduler::looked(StepIndex step, const Outcome<Probe>& outcome) {
  Work& work = work_[step];
  const plan::Step& what = plan_.steps[step];
  Result& result = work.result;
  // What cannot be seen yet, because what it stands on is not there, is no failure.
  const bool grounded = std::ranges::all_of(
      work.after, [this](StepIndex other) { return work_[other].result.action == Action::none; });
  if (outcome.ok()) {
    const Probe& probe = outcome.value();
    result.bound = {probe.found, probe.fingerprint, true};
    result.action = action_for(what, probe);
    result.differences = probe.differences;
    result.note = probe.note;
    if (probe.found == Found::foreign) foreign_ = true;
  } else if (stopping()) {
    end(step, State::stopped, {});
    return;
  } else if (grounded && may_help(outcome.error().cls) && ++work.tries < reads) {
    result.state = State::waiting;
    out_.emplace_back(Wait{step, backoff(random_, work.tries, outcome.error().retry_after)});
    return;
  } else if (grounded) {
    failed_ = true;
    result.bound.known = false;
    result.note = outcome.error().message;
    end(step, State::failed, outcome.error().message);
    return;
  } else {
    result.bound.known = false;
    result.action = Action::unknown;
    result.note = "seen when what it stands on is there";
  }
  if (result.action != Action::none) changes_ = true;
  end(step, State::looked, std::string(name(result.action)));
}

void Scheduler::again(StepIndex step, const Failure& failure, unsigned least) {
  Work& work = work_[step];
  if (!may_help(failure.cls) || ++work.tries >= std::max(least, most_tries(plan_.steps[step].retry))) {
    fail(step, failure);
    return;
  }
  work.result.state = State::waiting;
  const Milliseconds time = backoff(random_, work.tries - 1, failure.retry_after);
  out_.emplace_back(Tell{step, State::waiting, failure.message});
  out_.emplace_back(Wait{step, time});
}

void Scheduler::handle(const Woken& event) {
  if (work_[event.step].result.state == State::waiting) look(event.step, State::probing, {});
}

void Scheduler::handle(const Expired& event) {
  Work& work = work_[event.step];
  if (ended(work.result.state) || work.result.state == State::asking) return;
  const plan::Step& what = plan_.steps[event.step];
  if (rules_.mode == Mode::look) {
    work.tries = reads;
    looked(event.step, Failure{FailureClass::timeout, "no answer"});
    return;
  }
  std::string message = fmt::format("not done after {} s", what.timeout_s);
  if (!work.result.note.empty()) message += " (" + work.result.note + ")";
  fail(event.step, {FailureClass::timeout, std::move(message)});
}

void Scheduler::handle(const Parked& event) {
  if (!ended(work_[event.step].result.state)) end(event.step, State::stopped, {});
}

void Scheduler::handle(const Interrupted&) {
  interrupted_ = true;
  stop_idle();
}

void Scheduler::handle(const JournalFailed&) {
  if (std::exchange(broken_, true)) return;
  // An effect whose intent could not be written was not begun.
  stop_idle();
}

void Scheduler::stop_idle() {
  for (StepIndex i = 0; i < work_.size(); ++i) {
    const State state = work_[i].result.state;
    if (state == State::waiting || state == State::asking) end(i, State::stopped, {});
  }
}

void Scheduler::fail(StepIndex step, const Failure& failure) {
  if (failure.cls == FailureClass::foreign) {
    foreign_ = true;
  } else {
    failed_ = true;
  }
  out_.emplace_back(Record{
      step, work_[step].attempt, "failed", {{"class", name(failure.cls)}, {"message", failure.message}}});
  end(step, State::failed, failure.message);
  skip_dependants(step);
}

void Scheduler::skip_dependants(StepIndex step) {
  std::vector<StepIndex> next = work_[step].before;
  while (!next.empty()) {
    const StepIndex one = next.back();
    next.pop_back();
    if (work_[one].result.state != State::blocked) continue;
    end(one, State::skipped, fmt::format("needs {}", plan_.steps[step].id));
    next.insert(next.end(), work_[one].before.begin(), work_[one].before.end());
  }
}

void Scheduler::end(StepIndex step, State state, std::string text) {
  Work& work = work_[step];
  if (holds_slot(work.result.state)) {
    --running_;
    for (const std::uint32_t pool : pools_of_[step]) ++pool_free_[pool];
  }
  if (work.budgeted) out_.emplace_back(Cancel{step});
  work.result.state = state;
  if (!text.empty() && (state == State::failed || work.result.note.empty())) work.result.note = text;
  --open_;
  out_.emplace_back(Tell{step, state, std::move(text)});
  const bool passes = state == State::same || state == State::done || rules_.mode == Mode::look;
  if (!passes) return;
  for (const StepIndex next : work.before) {
    if (--work_[next].open != 0 || work_[next].result.state != State::blocked) continue;
    work_[next].result.state = State::ready;
    ready_.insert(next);
  }
}

void Scheduler::finish_if_over() {
  const bool over = open_ == 0 || (stopping() && running_ == 0);
  if (!over || std::exchange(finished_, true)) return;
  int status = 0;
  if (changes_) status = 2;
  if (refused_) status = 6;
  if (failed_ || broken_) status = 1;
  if (foreign_) status = 5;
  if (interrupted_) status = 130;
  out_.emplace_back(Finish{status});
}

}  // namespace lab::engine
