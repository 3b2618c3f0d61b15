#include "runtime/engine/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "crypto/secret_bytes.h"
#include "runtime/engine/process.h"

namespace lab::engine {

std::string digest(const plan::Plan& plan, const plan::Step& step) {
  plan::Json whole{{"kind", step.kind->kind}, {"key", step.key}, {"desired", step.desired}};
  for (const plan::Artifact* file : plan::files_of(plan, step)) whole["files"][file->path] = file->sha256;
  return plan::sha256_hex(whole.dump()).substr(0, 32);
}

// What a driver sees while it works on one step.
class Run::StepContext final : public Context {
 public:
  StepContext(Run& run, StepIndex step) : run_(run), step_(step) {}
  ~StepContext() override { run_.setting_.loop.cancel(timer_); }
  StepContext(const StepContext&) = delete;
  StepContext& operator=(const StepContext&) = delete;

  Task<Outcome<Reply>> http(Request request) override {
    if (run_.stopping_) co_await Park{*this};
    Outcome<Reply> reply = co_await run_.setting_.transport.send(std::move(request));
    co_return std::move(reply);
  }
  Task<Outcome<Exited>> run(Program program) override {
    if (run_.stopping_) co_await Park{*this};
    if (run_.setting_.network != nullptr) co_return run_.setting_.network->run(program);
    if (program.folder.empty()) program.folder = run_.setting_.folder;
    Outcome<Exited> exited = co_await run_program(run_.setting_.loop, std::move(program));
    co_return std::move(exited);
  }
  Task<void> sleep(Milliseconds time) override {
    if (run_.stopping_) co_await Park{*this};
    co_await Sleep{*this, time};
  }
  TimePoint now() const override { return run_.setting_.loop.now(); }
  WallTime wall() const override { return run_.setting_.loop.wall(); }

  Outcome<Nothing> observed(nlohmann::json fact) override;
  nlohmann::json earlier() const override;
  std::optional<WallTime> intent() const override;
  Outcome<std::string> artifact(const nlohmann::json& reference) override;
  Outcome<Secret> secret(const nlohmann::json& reference) override;
  Outcome<nlohmann::json> value(const nlohmann::json& reference) override;
  const Outputs* outputs(std::string_view step) const override {
    const auto found = run_.setting_.outputs.find(step);
    return found == run_.setting_.outputs.end() ? nullptr : &found->second;
  }
  void progress(std::string text) override { run_.setting_.observer.progress(step_, text); }

  // Called when the run is to stop: what sleeps is not woken.
  void stop() {
    if (timer_ == 0) return;
    run_.setting_.loop.cancel(std::exchange(timer_, 0));
    run_.push(Parked{step_});
  }
  bool may_write = false;

 private:
  struct Park {  // waits for ever: the scheduler ends the step
    StepContext& context;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<>) const { context.run_.push(Parked{context.step_}); }
    void await_resume() const {}
  };
  struct Sleep {
    StepContext& context;
    Milliseconds time;
    bool await_ready() const { return time.count() <= 0; }
    void await_suspend(std::coroutine_handle<> who) const {
      StepContext& self = context;  // this awaiter is gone when the timer calls
      self.timer_ = self.run_.setting_.loop.after(time, [&self, who] {
        self.timer_ = 0;
        who.resume();
      });
    }
    void await_resume() const {}
  };

  const plan::Step& what() const { return run_.setting_.plan.steps[step_]; }
  const Past* past() const {
    if (run_.setting_.journal == nullptr) return nullptr;
    const Past* past = run_.setting_.journal->past(what().id);
    return past != nullptr && past->digest == run_.digests_[step_] ? past : nullptr;
  }

  Run& run_;
  StepIndex step_;
  Loop::Timer timer_ = 0;
};

struct Run::Active {
  Active(Run& run, StepIndex step) : context(run, step) {}
  ~Active() { task.reset(); }  // before the context that it uses
  StepContext context;
  Task<void> task;
  Loop::Timer budget = 0;
  Loop::Timer wait = 0;
};

Outcome<Nothing> Run::StepContext::observed(nlohmann::json fact) {
  Journal* journal = run_.setting_.journal;
  if (journal == nullptr || !may_write) {
    return Failure{FailureClass::permanent, "a fact can be kept only while an effect is under way"};
  }
  Entry entry;
  entry.step = what().id;
  entry.kind = "observed";
  entry.at = wall();
  entry.body = {{"digest", run_.digests_[step_]}, {"fact", std::move(fact)}};
  if (journal->add({entry})) return Nothing{};
  run_.push(JournalFailed{journal->problem()});
  return Failure{FailureClass::cancelled, "the journal cannot be written: " + journal->problem()};
}

nlohmann::json Run::StepContext::earlier() const {
  const Past* known = past();
  return known == nullptr ? nlohmann::json() : known->fact;
}

std::optional<WallTime> Run::StepContext::intent() const {
  const Past* known = past();
  return known == nullptr ? std::nullopt : known->intent;
}

Outcome<std::string> Run::StepContext::artifact(const nlohmann::json& reference) {
  const auto parsed = plan::as_reference(reference);
  if (!parsed || parsed->kind != plan::RefKind::artifact) {
    return Failure{FailureClass::permanent, fmt::format("{} is no $artifact", reference.dump())};
  }
  const plan::Artifact* artifact = run_.setting_.plan.find_artifact(parsed->target);
  std::optional<std::string> text = run_.setting_.read(parsed->target);
  if (artifact == nullptr || !text || plan::sha256_hex(*text) != artifact->sha256) {
    return Failure{FailureClass::permanent,
                   fmt::format("{} is not the file the plan was made with", parsed->target)};
  }
  return std::move(*text);
}

Outcome<Secret> Run::StepContext::secret(const nlohmann::json& reference) {
  const auto parsed = plan::as_reference(reference);
  if (!parsed) return Failure{FailureClass::permanent, "a secret is expected, and a plain value is there"};
  switch (parsed->kind) {
    case plan::RefKind::secret: {
      const plan::Secret* named = run_.setting_.plan.find_secret(parsed->target);
      if (named != nullptr) return run_.setting_.vault.named(*named);
      break;
    }
    case plan::RefKind::sops:
      return run_.setting_.vault.sealed(parsed->target);
    case plan::RefKind::output: {
      const Outputs* known = outputs(parsed->target);
      if (known == nullptr) break;
      const auto found = known->secret.find(parsed->output);
      if (found != known->secret.end()) return found->second;
      break;
    }
    case plan::RefKind::artifact:
      break;
  }
  return Failure{FailureClass::permanent, fmt::format("{} has no value yet", reference.dump())};
}

Outcome<nlohmann::json> Run::StepContext::value(const nlohmann::json& reference) {
  const auto parsed = plan::as_reference(reference);
  if (!parsed) return reference;
  if (parsed->kind == plan::RefKind::output) {
    const Outputs* known = outputs(parsed->target);
    if (known != nullptr && known->open.contains(parsed->output)) return known->open.at(parsed->output);
  }
  return Failure{FailureClass::permanent, fmt::format("{} has no value yet", reference.dump())};
}

Run::Run(Setting setting, Rules rules)
    : setting_(std::move(setting)),
      rules_([&] {
        if (setting_.journal == nullptr) return rules;
        for (const plan::Step& step : setting_.plan.steps) {
          const Past* past = setting_.journal->past(step.id);
          if (past != nullptr && past->last == "agreed" && past->digest == digest(setting_.plan, step))
            rules.agreed.insert(step.id);
        }
        return rules;
      }()),
      scheduler_(setting_.plan, rules_, Random(setting_.seed)) {
  digests_.reserve(setting_.plan.steps.size());
  for (const plan::Step& step : setting_.plan.steps) digests_.push_back(digest(setting_.plan, step));
}

Run::~Run() = default;

int Run::execute() {
  if (setting_.journal != nullptr) {
    for (const auto& [id, past] : setting_.journal->steps()) {
      if (past.intent && past.last == "intent" && setting_.plan.find_step(id) == nullptr) {
        setting_.observer.note(
            fmt::format("{} was begun by run {} and is not in this plan: look at it yourself", id, past.run));
      }
    }
  }
  std::vector<Command> commands = scheduler_.begin();
  setting_.loop.post([this, commands = std::move(commands)]() mutable {
    const bool durable = record(commands);
    for (Command& command : commands) {
      if (durable || std::holds_alternative<Finish>(command)) carry_out(command);
    }
  });
  if (!over_) setting_.loop.run();
  active_.clear();
  return status_;
}

void Run::interrupt() {
  if (std::exchange(stopping_, true)) return;
  for (const auto& [step, active] : active_) active->context.stop();
  push(Interrupted{});
}

void Run::push(Event event) {
  events_.push_back(std::move(event));
  if (std::exchange(drain_posted_, true)) return;
  setting_.loop.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) drain();
  });
}

void Run::drain() {
  drain_posted_ = false;
  std::vector<Command> commands;
  for (const Event& event : std::exchange(events_, {})) {
    if (std::holds_alternative<JournalFailed>(event)) {
      if (journal_problem_.empty()) journal_problem_ = std::get<JournalFailed>(event).message;
      setting_.journal->release_reserve();
      stopping_ = true;
      for (const auto& [step, active] : active_) active->context.stop();
    }
    for (Command& command : scheduler_.on(event)) commands.push_back(std::move(command));
  }
  const bool durable = record(commands);
  for (Command& command : commands) {
    const bool effect = std::holds_alternative<Act>(command) || std::holds_alternative<Remove>(command);
    if (durable || !effect) {
      carry_out(command);
    } else {
      // Its intent is not on the disk, so it is not begun.
      push(Parked{std::holds_alternative<Act>(command) ? std::get<Act>(command).step
                                                       : std::get<Remove>(command).step});
    }
  }
}

// Commits what the commands announce; false when it did not reach the disk.
bool Run::record(const std::vector<Command>& commands) {
  if (setting_.journal == nullptr) return true;
  std::vector<Entry> entries;
  for (const Command& command : commands) {
    const auto* row = std::get_if<Record>(&command);
    if (row == nullptr) continue;
    const std::string& id = setting_.plan.steps[row->step].id;
    const Past* past = setting_.journal->past(id);
    const bool known = row->kind == "same" && past != nullptr && past->digest == digests_[row->step] &&
                       (past->last == "same" || past->last == "done");
    if (known) continue;  // a finished plan applied again adds nothing
    Entry& entry = entries.emplace_back();
    entry.step = id;
    entry.attempt = row->attempt;
    entry.kind = row->kind;
    entry.at = setting_.loop.wall();
    entry.body = row->body;
    entry.body["digest"] = digests_[row->step];
  }
  if (entries.empty() || setting_.journal->add(entries)) return true;
  push(JournalFailed{setting_.journal->problem()});
  return false;
}

void Run::carry_out(Command& command) {
  const auto active = [this](StepIndex step) -> Active& {
    auto& slot = active_[step];
    if (!slot) slot = std::make_unique<Active>(*this, step);
    return *slot;
  };
  if (const auto* look = std::get_if<Look>(&command)) {
    start(look->step, false, [this, step = look->step] { return probe(step); });
  } else if (auto* act_on = std::get_if<Act>(&command)) {
    start(act_on->step, true, [this, act_on] { return act(act_on->step, std::move(act_on->probe)); });
  } else if (auto* gone = std::get_if<Remove>(&command)) {
    start(gone->step, true, [this, gone] { return remove(gone->step, std::move(gone->probe)); });
  } else if (const auto* wait = std::get_if<Wait>(&command)) {
    active(wait->step).wait =
        setting_.loop.after(wait->time, [this, step = wait->step] { push(Woken{step}); });
  } else if (const auto* budget = std::get_if<Budget>(&command)) {
    active(budget->step).budget =
        setting_.loop.after(budget->time, [this, step = budget->step] { push(Expired{step}); });
  } else if (const auto* cancel = std::get_if<Cancel>(&command)) {
    const auto found = active_.find(cancel->step);
    if (found == active_.end()) return;
    setting_.loop.cancel(found->second->budget);
    setting_.loop.cancel(found->second->wait);
    active_.erase(found);
  } else if (const auto* ask = std::get_if<Ask>(&command)) {
    setting_.ask(ask->step, ask->question, [this, step = ask->step](bool yes) { push(Answered{step, yes}); });
  } else if (const auto* tell = std::get_if<Tell>(&command)) {
    setting_.observer.state(tell->step, tell->state, tell->text);
  } else if (const auto* finish = std::get_if<Finish>(&command)) {
    status_ = finish->status;
    over_ = true;
    setting_.loop.stop();
  }
}

template <class Work>
void Run::start(StepIndex step, bool writes, Work work) {
  auto& slot = active_[step];
  if (!slot) slot = std::make_unique<Active>(*this, step);
  slot->context.may_write = writes;
  slot->task = work();
  slot->task.start();
}

Driver* Run::driver(StepIndex step) {
  const std::string_view kind = setting_.plan.steps[step].kind->kind;
  auto& made = made_[kind];
  if (made) return made.get();
  const auto entry = std::ranges::find(setting_.drivers, kind, &DriverEntry::kind);
  if (entry != setting_.drivers.end()) made = entry->make();
  return made.get();
}

void Run::keep_outputs(StepIndex step, const Outputs& outputs) {
  Outputs& kept = setting_.outputs[setting_.plan.steps[step].id];
  kept.open.update(outputs.open);
  for (const auto& [name, secret] : outputs.secret) kept.secret.insert_or_assign(name, secret);
}

namespace {

Failure without_driver(const plan::Step& step) {
  return {FailureClass::permanent, fmt::format("this labrun has no driver for {}", step.kind->kind)};
}

// An exception of a library below a driver. Its text may hold anything, so it is not shown.
Failure thrown(const plan::Step& step) {
  return {FailureClass::permanent, fmt::format("the driver of {} could not read an answer", step.kind->kind)};
}

}  // namespace

Task<void> Run::probe(StepIndex step) {
  const plan::Step& what = setting_.plan.steps[step];
  Driver* by = driver(step);
  if (by == nullptr) {
    push(Probed{step, without_driver(what)});
    co_return;
  }
  Outcome<Probe> result = Failure{};
  try {
    result = co_await by->probe(active_.at(step)->context, what);
  } catch (const std::exception&) {
    result = thrown(what);
  }
  if (result.ok() && result->found == Found::same) keep_outputs(step, result->outputs);
  push(Probed{step, std::move(result)});
}

Task<void> Run::act(StepIndex step, Probe found) {
  const plan::Step& what = setting_.plan.steps[step];
  Outcome<Outputs> result = Failure{};
  try {
    result = co_await driver(step)->act(active_.at(step)->context, what, found);
  } catch (const std::exception&) {
    result = thrown(what);
  }
  if (result.ok()) keep_outputs(step, *result);
  push(Acted{step, std::move(result)});
}

Task<void> Run::remove(StepIndex step, Probe found) {
  const plan::Step& what = setting_.plan.steps[step];
  Outcome<Nothing> result = Failure{};
  try {
    result = co_await driver(step)->destroy(active_.at(step)->context, what, found);
  } catch (const std::exception&) {
    result = thrown(what);
  }
  push(Removed{step, std::move(result)});
}

}  // namespace lab::engine
