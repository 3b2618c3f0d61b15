// Faults of the simulated world, told by a file or by chance.
//
//   {"faults": [{"host": "192.0.2.10", "method": "POST", "path": "/nodes/*/qemu", "nth": 1, "times": 1,
//                "do": "reset-after"}],
//    "random": {"per_mille": 20, "do": ["reset-before", "status"], "most": 50}}
//
// host, method and path (where * stands for any text) choose requests, absent ones match all; nth (from 1)
// and times (default 1) say which of them. do: reset-before, reset-after (the request is, or is not,
// processed), half (of the reply's body), status (with status, reason, retry_after), slow (with delay_ms),
// task-fails (with exitstatus), task-killed (a worker dies and leaves its lock), task-vanishes (its UPID is
// forgotten).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/simulator/http.h"
#include "runtime/simulator/world.h"

namespace lab::simulator {

enum class Do { reset_before, reset_after, half, status, slow, task_fails, task_killed, task_vanishes };

struct Fault {
  std::string host, method, path;
  std::uint64_t nth = 1, times = 1;
  Do what = Do::reset_before;
  int status = 503;
  std::string reason = "Service Unavailable";
  std::string exitstatus = "simulated failure";
  std::optional<unsigned> retry_after;
  Milliseconds delay{0};
};

class Faults {
 public:
  /// Reads a file of faults; why it cannot be read stands in `problem`.
  static std::optional<Faults> read(std::string_view text, std::string& problem);

  /// The fault that meets this request, if any. Counts requests in the world, so that a resumed run goes on
  /// counting.
  std::optional<Fault> meet(World& world, const std::string& host, const std::string& method,
                            const std::string& path) const;

 private:
  std::vector<Fault> faults_;
  std::vector<Do> by_chance_;
  unsigned per_mille_ = 0;
  std::uint64_t most_ = 0;
};

/// Whether `text` matches a pattern in which * stands for any text.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace lab::simulator
