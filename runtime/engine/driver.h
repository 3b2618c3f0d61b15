// What a driver of one kind of object is, and what it may do. Drivers are coroutines of the engine's single
// thread; they keep no state between calls: everything about a step is in the plan, the probe and `earlier`.
//
// A step runs: probe → (same: done) or intent committed → act → probe again, which must find `same`. The
// driver never retries by itself except to poll: it returns a Failure, and the engine backs off, probes and
// acts again by the step's retry class. So act must be safe to call again after any failure, with a fresh
// Probe.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/http.h"
#include "runtime/engine/outcome.h"
#include "runtime/engine/task.h"

namespace lab::plan {
struct Step;
}

namespace lab::engine {

using Milliseconds = std::chrono::milliseconds;
// Monotonic time, real or simulated: for timers and budgets.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Milliseconds>;
// Wall-clock time, real or simulated: for what servers record.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

// What a step gives to later ones. Only `open` is ever written down; secrets are probed again on every run.
struct Outputs {
  nlohmann::json open = nlohmann::json::object();  // name → value
  std::map<std::string, Secret, std::less<>> secret;
};

enum class Found {
  absent,
  same,         // ours and as desired
  different,    // ours, and `differences` says where
  in_progress,  // ours, and the server is at work on it: act waits for it
  partial,      // half made, by an effect that was cut off: act repairs it or fails with a reason
  foreign,      // in our place, without our mark: never touched
};

std::string_view name(Found found);

struct Difference {
  std::string field;  // as in desired, `params.cores`; looked up in the step's on_change
  nlohmann::json from;
  nlohmann::json to;  // a secret value appears in neither: say "(changed)"
};

struct Probe {
  Found found = Found::absent;
  std::string
      fingerprint;  // changes when the object changes: a digest, a revision, a hash; empty when absent
  std::vector<Difference> differences;
  Outputs outputs;   // when same
  std::string note;  // one sentence for people: "running on pve1", "locked by backup"
};

// Everything a driver may ask for while it works on one step.
class Context {
 public:
  virtual ~Context() = default;

  // A failure is not_sent, sent, timeout, tls, cancelled or permanent; any HTTP status is a Reply.
  virtual Task<Outcome<Reply>> http(Request request) = 0;
  // Runs a program to its end. Failure: not_sent (cannot be started), timeout, cancelled.
  virtual Task<Outcome<Exited>> run(Program program) = 0;
  virtual Task<void> sleep(Milliseconds time) = 0;
  virtual TimePoint now() const = 0;
  virtual WallTime wall() const = 0;

  // Commits a fact about this step to the journal before it returns: a UPID, a chosen id. Only in act and
  // destroy. Returns a cancelled failure when the journal cannot be written; then send nothing more.
  virtual Outcome<Nothing> observed(nlohmann::json fact) = 0;
  // The last fact observed for this step as it stands in the plan now, by this run or an earlier one; null if
  // none.
  virtual nlohmann::json earlier() const = 0;
  // When this step's unresolved intent was committed (by this run or by one that was cut off); none without
  // one.
  virtual std::optional<WallTime> intent() const = 0;

  // Values of the plan that are references. Each fails as permanent with a sentence naming the reference.
  virtual Outcome<std::string> artifact(
      const nlohmann::json& reference) = 0;                             // {"$artifact":path}, hash verified
  virtual Outcome<Secret> secret(const nlohmann::json& reference) = 0;  // {"$secret"|"$sops"|"$output":…}
  virtual Outcome<nlohmann::json> value(
      const nlohmann::json& reference) = 0;                         // {"$output":…} or a plain value itself
  virtual const Outputs* outputs(std::string_view step) const = 0;  // of a finished step, or null

  // One short phrase for the progress block: "installing (2 of 3)".
  virtual void progress(std::string text) = 0;
};

class Driver {
 public:
  virtual ~Driver() = default;
  // Reads only. Called before and after every act, for previews and for drift.
  virtual Task<Outcome<Probe>> probe(Context& context, const plan::Step& step) = 0;
  // Makes the object as desired from what the probe found (absent, different, in_progress or partial).
  virtual Task<Outcome<Outputs>> act(Context& context, const plan::Step& step, const Probe& probe) = 0;
  // Removes the object that the probe found to be ours.
  virtual Task<Outcome<Nothing>> destroy(Context& context, const plan::Step& step, const Probe& probe) = 0;
};

struct DriverEntry {
  std::string_view kind;  // "proxmox.vm/1"
  std::unique_ptr<Driver> (*make)();
};
using DriverTable = std::span<const DriverEntry>;

}  // namespace lab::engine
