// One run at a time for one journal. The kernel holds the lock and drops it when the process ends, however it
// ends: there is no stale lock to clear.
#pragma once

#include <string>

namespace lab::engine {

class RunLock {
 public:
  RunLock() = default;
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  enum class Taken { yes, held, unusable };
  // flock(2) on the file, which is made when missing. `held`: another process has it, and `who` is what that
  // process wrote into it ("pid 4711 on nas since …"). `unusable`: `who` says why, for example a network file
  // system.
  Taken take(const std::string& path, const std::string& self);
  // `held` when a process has it, `yes` when it is free; takes nothing and makes no file.
  Taken look(const std::string& path);
  const std::string& who() const { return who_; }

 private:
  void read_who(int fd);
  int fd_ = -1;
  std::string who_;
};

}  // namespace lab::engine
