// The one loop: timers, file descriptors, transfers of libcurl, and time, real or simulated.
//
// Simulated time stands still while anything can proceed and jumps to the next timer when nothing can, so
// hours pass in the time that the work between them takes. Everything runs in the calling thread; a callback
// may call anything here.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "runtime/engine/driver.h"

namespace lab::engine {

class Loop {
 public:
  enum class Time { real, simulated };
  explicit Loop(Time time);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Lets simulated time pass no faster than so many seconds a second, for people who watch; 0, as at first,
  // does not hold it.
  void set_pace(double pace) { pace_ = pace; }
  double pace() const { return pace_; }
  bool simulated() const { return time_ == Time::simulated; }
  TimePoint now() const;
  WallTime wall() const;  // simulated: from 2026-01-01T00:00:00Z

  using Timer = std::uint64_t;  // never 0
  Timer after(Milliseconds delay, std::function<void()> call);
  void cancel(Timer timer);  // of a timer that has gone off: nothing

  // Calls with what poll(2) reports of POLLIN|POLLOUT|POLLERR|POLLHUP. One watch a descriptor: a second
  // replaces it.
  void watch(int fd, short events, std::function<void(short)> call);
  void unwatch(int fd);

  // Calls in the next turn, in order.
  void post(std::function<void()> call);

  // libcurl's multi handle (CURLM*), and what to call with the CURLcode when a transfer (CURL*) of it ends.
  void* multi() const { return multi_; }
  void transfer(void* easy, std::function<void(int)> done);
  void drop(void* easy);  // takes a transfer back; one that has ended: nothing

  // Turns until stop() is called.
  void run();
  void stop() { stopped_ = true; }

 private:
  void turn();
  bool poll(Milliseconds longest);
  void jump();
  bool finish_transfers();
  bool transfers_have_work() const;
  bool call_timers();

  Time time_;
  double pace_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();  // of the pace
  TimePoint simulated_now_{};
  void* multi_;
  bool stopped_ = false;
  std::uint64_t last_timer_ = 0;
  std::map<std::pair<TimePoint, Timer>, std::function<void()>> timers_;
  std::map<Timer, TimePoint> due_;
  struct Watch {
    short events = 0;
    std::function<void(short)> call;
  };
  std::map<int, Watch> watches_;
  std::deque<std::function<void()>> posted_;
  std::map<void*, std::function<void(int)>> transfers_;
};

}  // namespace lab::engine
