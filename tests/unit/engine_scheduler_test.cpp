#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/engine_support.h"

using namespace lab;
using namespace lab::engine;
using namespace std::chrono_literals;

namespace {

// The commands in a line each, without what people read.
std::vector<std::string> words(const plan::Plan& plan, const std::vector<Command>& commands) {
  std::vector<std::string> out;
  const auto id = [&](StepIndex step) { return plan.steps[step].id; };
  for (const Command& command : commands) {
    if (const auto* row = std::get_if<Record>(&command))
      out.push_back(fmt::format("record {} {}", row->kind, id(row->step)));
    if (const auto* look = std::get_if<Look>(&command)) out.push_back("look " + id(look->step));
    if (const auto* act = std::get_if<Act>(&command)) out.push_back("act " + id(act->step));
    if (const auto* gone = std::get_if<Remove>(&command)) out.push_back("remove " + id(gone->step));
    if (const auto* wait = std::get_if<Wait>(&command)) out.push_back("wait " + id(wait->step));
    if (const auto* ask = std::get_if<Ask>(&command)) out.push_back("ask " + id(ask->step));
    if (const auto* finish = std::get_if<Finish>(&command))
      out.push_back(fmt::format("finish {}", finish->status));
  }
  return out;
}

using Words = std::vector<std::string>;

Probe found(Found found, std::string fingerprint = {}) {
  Probe probe;
  probe.found = found;
  probe.fingerprint = std::move(fingerprint);
  return probe;
}

Probe differs(std::string field) {
  Probe probe = found(Found::different, "old");
  probe.differences.push_back({std::move(field), 1, 2});
  return probe;
}

struct Machine {
  explicit Machine(plan::Plan of, Rules rules = {})
      : plan(std::move(of)), core(plan, std::move(rules), Random(1)) {}
  Words begin() { return words(plan, core.begin()); }
  Words on(const Event& event) { return words(plan, core.on(event)); }
  plan::Plan plan;
  Scheduler core;
};

}  // namespace

TEST_CASE("A step is probed, its intent recorded before it is made, and probed again") {
  Machine m(test::plan_of("a; b: a"));
  CHECK(m.begin() == Words{"look a"});
  CHECK(m.on(Probed{0, found(Found::absent)}) == Words{"record intent a", "act a"});
  CHECK(m.on(Acted{0, Outputs{}}) == Words{"look a"});
  CHECK(m.on(Probed{0, found(Found::same, "1")}) == Words{"record done a", "look b"});
  CHECK(m.on(Probed{1, found(Found::same, "1")}) == Words{"record same b", "finish 0"});
}

TEST_CASE("The longest path begins first, within the limits of the run and of pools") {
  auto plan = test::plan_of("x; y; a; b: a; c: b");
  SECTION("one at a time") {
    Rules rules;
    rules.parallel = 1;
    Machine m(plan, rules);
    CHECK(m.begin() == Words{"look a"});
    CHECK(m.on(Probed{2, found(Found::same)}) == Words{"record same a", "look b"});
  }
  SECTION("a full pool lets others pass") {
    plan.pools.push_back({"disk", 1});
    plan.steps[0].needs = {"disk"};
    plan.steps[2].needs = {"disk"};
    Machine m(plan);
    CHECK(m.begin() == Words{"look a", "look y"});
    CHECK(m.on(Probed{2, found(Found::same)}) == Words{"record same a", "look b", "look x"});
  }
}

TEST_CASE("After a failed effect the object is probed before anything is tried again") {
  Machine m(test::plan_of("a"));
  m.begin();
  m.on(Probed{0, found(Found::absent)});
  CHECK(m.on(Acted{0, Failure{FailureClass::sent, "reset"}}) == Words{"wait a"});
  CHECK(m.on(Woken{0}) == Words{"look a"});
  SECTION("it was made") {
    CHECK(m.on(Probed{0, found(Found::same, "1")}) == Words{"record done a", "finish 0"});
  }
  SECTION("it was not made") {
    CHECK(m.on(Probed{0, found(Found::absent)}) == Words{"record intent a", "act a"});
  }
  SECTION("something else is there now") {
    CHECK(m.on(Probed{0, found(Found::foreign)}) == Words{"record failed a", "finish 5"});
  }
}

TEST_CASE("What may be tried again follows from the class of failure and the step's own") {
  const auto after = [](plan::Retry retry, FailureClass cls) {
    Machine m(test::plan_of("a", retry));
    m.begin();
    m.on(Probed{0, found(Found::absent)});
    return m.on(Acted{0, Failure{cls, "x"}}).front();
  };
  for (const auto cls : {FailureClass::not_sent, FailureClass::sent, FailureClass::rate_limited,
                         FailureClass::retryable_server, FailureClass::conflict, FailureClass::timeout}) {
    CHECK(after(plan::Retry::request, cls) == "wait a");
    CHECK(after(plan::Retry::none, cls) == "record failed a");
  }
  for (const auto cls :
       {FailureClass::permanent, FailureClass::auth, FailureClass::tls, FailureClass::foreign}) {
    CHECK(after(plan::Retry::poll, cls) == "record failed a");
  }
}

TEST_CASE("Waiting is jittered, grows to 30 s, and follows Retry-After") {
  Random random(7);
  for (unsigned tries = 0; tries < 12; ++tries) {
    std::set<Milliseconds> seen;
    for (int i = 0; i < 200; ++i) seen.insert(backoff(random, tries, std::nullopt));
    CHECK(seen.size() > 100);
    CHECK(*seen.rbegin() <= std::min<Milliseconds>(30s, 500ms * (1 << tries)));
  }
  const Milliseconds asked = backoff(random, 0, Milliseconds(7s));
  CHECK(asked >= 7s);
  CHECK(asked <= 8s);
}

TEST_CASE("A failure skips what stands on it, and nothing else") {
  Machine m(test::plan_of("a; b: a; c: b; d"));
  CHECK(m.begin() == Words{"look a", "look d"});
  CHECK(m.on(Probed{0, Failure{FailureClass::tls, "expired"}}) == Words{"record failed a"});
  CHECK(m.core.result(1).state == State::skipped);
  CHECK(m.core.result(2).state == State::skipped);
  CHECK(m.on(Probed{3, found(Found::same)}) == Words{"record same d", "finish 1"});
}

TEST_CASE("A difference is dealt with as the plan says of its field") {
  auto plan = test::plan_of("a");
  plan.steps[0].on_change = {{"cores", plan::OnChange::update}, {"disk", plan::OnChange::replace}};
  SECTION("update") {
    Machine m(plan);
    m.begin();
    CHECK(m.on(Probed{0, differs("cores")}) == Words{"record intent a", "act a"});
  }
  SECTION("refuse") {
    Machine m(plan);
    m.begin();
    CHECK(m.on(Probed{0, differs("other")}) == Words{"record failed a", "finish 1"});
  }
  SECTION("replace without a person to ask") {
    Machine m(plan);
    m.begin();
    CHECK(m.on(Probed{0, differs("disk")}) == Words{"finish 6"});
  }
  SECTION("replace, agreed to: removed, probed, made") {
    Rules rules;
    rules.can_ask = true;
    Machine m(plan, rules);
    m.begin();
    CHECK(m.on(Probed{0, differs("disk")}) == Words{"ask a"});
    CHECK(m.on(Answered{0, true}) == Words{"record intent a", "remove a"});
    CHECK(m.on(Removed{0, Nothing{}}) == Words{"look a"});
    CHECK(m.on(Probed{0, found(Found::absent)}) == Words{"record intent a", "act a"});
  }
  SECTION("replace of what is protected") {
    plan.steps[0].protect = true;
    Rules rules;
    rules.yes = true;
    Machine m(plan, rules);
    m.begin();
    CHECK(m.on(Probed{0, differs("disk")}) == Words{"record failed a", "finish 1"});
  }
}

TEST_CASE("What a binding saw must still be there") {
  Rules rules;
  rules.bound["a"] = {Found::different, "1", true};
  auto plan = test::plan_of("a");
  plan.steps[0].on_change = {{"cores", plan::OnChange::update}};
  Machine m(plan, rules);
  m.begin();
  CHECK(m.on(Probed{0, differs("cores")}) == Words{"record failed a", "finish 5"});
}

TEST_CASE("Steps outside the chosen groups are probed and never written") {
  Rules rules;
  rules.chosen = {false, true};
  Machine m(test::plan_of("a; b: a"), rules);
  m.begin();
  CHECK(m.on(Probed{0, found(Found::absent)}) == Words{"record failed a", "finish 1"});
  CHECK(m.core.result(1).state == State::skipped);
}

TEST_CASE("Looking reports and writes nothing") {
  Rules rules;
  rules.mode = Mode::look;
  Machine m(test::plan_of("a; b: a; c"), rules);
  CHECK(m.begin() == Words{"look a", "look c"});
  CHECK(m.on(Probed{0, found(Found::absent)}) == Words{"look b"});
  CHECK(m.on(Probed{1, Failure{FailureClass::not_sent, "no host"}}).empty());  // a is not there yet
  CHECK(m.core.result(1).action == Action::unknown);
  CHECK(m.on(Probed{2, found(Found::same)}) == Words{"finish 2"});
  CHECK(m.core.result(0).action == Action::create);
  CHECK(m.core.result(2).action == Action::none);
}

TEST_CASE("Destroying goes backwards, past what is kept, protected or not ours") {
  Rules rules;
  rules.mode = Mode::destroy;
  auto plan = test::plan_of("a; b: a; c: b; d");
  plan.steps[2].destroy = plan::Destroy::retain;
  plan.steps[3].protect = true;
  Machine m(plan, rules);
  CHECK(m.begin() == Words{"look b", "look d"});
  CHECK(m.on(Probed{1, found(Found::different)}) == Words{"record intent b", "remove b"});
  CHECK(m.on(Removed{1, Nothing{}}) == Words{"look b"});
  CHECK(m.on(Probed{1, found(Found::absent)}) == Words{"record removed b", "look a"});
  CHECK(m.on(Probed{0, found(Found::foreign)}).empty());
  CHECK(m.on(Probed{3, found(Found::same)}) == Words{"record failed d", "finish 1"});
}

TEST_CASE("An interrupt starts nothing more and ends when what runs has ended") {
  Machine m(test::plan_of("a; b; c: a"));
  m.begin();
  m.on(Probed{0, found(Found::absent)});
  CHECK(m.on(Interrupted{}).empty());
  CHECK(m.on(Probed{1, found(Found::same)}) == Words{"record same b"});
  CHECK(m.on(Parked{0}) == Words{"finish 130"});
}

TEST_CASE("A journal that cannot be written ends the run") {
  Machine m(test::plan_of("a; b"));
  m.begin();
  m.on(Probed{0, found(Found::absent)});
  CHECK(m.on(JournalFailed{"full"}).empty());
  m.on(Parked{0});
  CHECK(m.on(Probed{1, found(Found::absent)}) == Words{"finish 1"});
}

TEST_CASE("A step's time runs out") {
  Machine m(test::plan_of("a"));
  m.begin();
  m.on(Probed{0, found(Found::absent)});
  CHECK(m.on(Expired{0}) == Words{"record failed a", "finish 1"});
  CHECK(m.on(Acted{0, Outputs{}}).empty());
}
