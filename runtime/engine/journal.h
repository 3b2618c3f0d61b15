// What was tried, for the run after a crash and for people. One SQLite file: WAL, every commit on disk before
// it returns, rows only ever added, each chained to the one before by a hash. It holds no secret: nothing
// that is one has a type that could be put in.
//
// The journal says what was tried; a probe says what is. Losing it loses history and the facts of programs
// and requests that cannot be probed, no more.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/driver.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lab::engine {

// One row. Kinds: run (begins), intent, observed, done, same, failed, removed, agreed, adopted, ended (of the
// run).
struct Entry {
  std::int64_t sequence = 0;
  std::int64_t run = 0;
  std::string step;  // empty: of the run itself
  unsigned attempt = 0;
  std::string kind;
  WallTime at;
  nlohmann::json body;
};

// What the rows so far say of one step.
struct Past {
  std::string last;    // kind of its last row that is not `observed`
  std::string digest;  // of the step as it stood in the plan then
  WallTime at;
  std::int64_t run = 0;
  nlohmann::json fact;             // last one observed under that digest
  std::optional<WallTime> intent;  // committed and without an end
};

class Journal {
 public:
  struct Opened {
    std::unique_ptr<Journal> journal;  // nothing when it cannot be used
    std::string problem;               // why
    std::string set_aside;             // the new name of a damaged file
  };
  // Opens or makes the file, and reads it whole: every row's hash is verified. A file that fails is renamed,
  // never written to. `read_only`: nothing is made, and nothing renamed.
  static Opened open(const std::string& path, bool read_only = false);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Each of these adds rows in one commit; false, and the reason in `problem`, when it did not reach the
  // disk. begin_run writes the row `run` {plan, command, version} and makes its number the current one.
  bool begin_run(WallTime at, std::string_view plan_id, std::string_view command);
  bool add(const std::vector<Entry>& entries);  // their sequence and run are filled in
  const std::string& problem() const { return problem_; }

  std::int64_t run() const { return run_; }
  const Past* past(std::string_view step) const;
  const std::map<std::string, Past, std::less<>>& steps() const { return steps_; }

  // Rows of one run, or of the last when 0; oldest first.
  std::vector<Entry> entries(std::int64_t run = 0) const;
  std::int64_t last_run() const { return run_; }

  // Gives the room that is kept for it back to a full disk, so that what is under way can still be written
  // down. The next opening keeps it anew.
  void release_reserve();

  // Called before and after every commit: where tests end the process.
  std::function<void()> on_boundary;

  // The lease: who runs now, for people; the lock itself is RunLock's.
  bool take_lease(std::int64_t process, std::string_view host, WallTime at);

 private:
  Journal() = default;
  bool connect(const std::string& path, int flags);
  std::string verify();
  bool exec(const char* sql);
  bool fails();
  void learn(const Entry& entry);

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::string reserve_;  // path of the file that keeps room
  std::string chain_;
  std::string problem_;
  std::int64_t run_ = 0;
  std::int64_t sequence_ = 0;
  std::map<std::string, Past, std::less<>> steps_;
};

}  // namespace lab::engine
