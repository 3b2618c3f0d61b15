#include "runtime/engine/loop.h"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <vector>

namespace lab::engine {

namespace {

// Bytes between two sockets of one machine arrive at once as a rule, and within this at the latest.
constexpr Milliseconds settle{2};
constexpr std::chrono::seconds simulated_start{1'767'225'600};

}  // namespace

Loop::Loop(Time time) : time_(time) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of write()
  curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_ = curl_multi_init();
}

Loop::~Loop() {
  for (const auto& [easy, done] : transfers_) curl_multi_remove_handle(multi_, easy);
  curl_multi_cleanup(multi_);
}

TimePoint Loop::now() const {
  if (simulated()) return simulated_now_;
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::steady_clock::now());
}

WallTime Loop::wall() const {
  if (simulated()) return WallTime(simulated_start) + simulated_now_.time_since_epoch();
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

Loop::Timer Loop::after(Milliseconds delay, std::function<void()> call) {
  const TimePoint due = now() + std::max(delay, Milliseconds(0));
  const Timer timer = ++last_timer_;
  timers_.emplace(std::pair(due, timer), std::move(call));
  due_.emplace(timer, due);
  return timer;
}

void Loop::cancel(Timer timer) {
  const auto found = due_.find(timer);
  if (found == due_.end()) return;
  timers_.erase({found->second, timer});
  due_.erase(found);
}

void Loop::watch(int fd, short events, std::function<void(short)> call) {
  watches_.insert_or_assign(fd, Watch{events, std::move(call)});
}

void Loop::unwatch(int fd) {
  watches_.erase(fd);
}

void Loop::post(std::function<void()> call) {
  posted_.push_back(std::move(call));
}

void Loop::transfer(void* easy, std::function<void(int)> done) {
  transfers_.insert_or_assign(easy, std::move(done));
  curl_multi_add_handle(multi_, easy);
}

void Loop::drop(void* easy) {
  if (transfers_.erase(easy) != 0) curl_multi_remove_handle(multi_, easy);
}

bool Loop::finish_transfers() {
  int left = 0;
  curl_multi_perform(multi_, &left);
  bool any = false;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    const auto found = transfers_.find(easy);
    if (found == transfers_.end()) continue;
    auto done = std::move(found->second);
    drop(easy);
    done(code);
    any = true;
  }
  return any;
}

bool Loop::call_timers() {
  bool any = false;
  const TimePoint until = now();
  while (!timers_.empty() && timers_.begin()->first.first <= until) {
    auto first = timers_.extract(timers_.begin());
    due_.erase(first.key().second);
    first.mapped()();
    any = true;
  }
  return any;
}

bool Loop::poll(Milliseconds longest) {
  std::vector<curl_waitfd> extra;
  std::vector<pollfd> own;
  for (const auto& [fd, watch] : watches_) {
    extra.push_back(
        {fd, watch.events, 0});  // CURL_WAIT_POLLIN and _POLLOUT have the values of POLLIN and POLLOUT
    own.push_back({fd, watch.events, 0});
  }
  int ready = 0;
  curl_multi_poll(multi_, extra.data(), static_cast<unsigned>(extra.size()),
                  static_cast<int>(longest.count()), &ready);
  // libcurl does not pass POLLHUP and POLLERR on.
  if (ready == 0 || own.empty() || ::poll(own.data(), own.size(), 0) <= 0) return ready > 0;
  for (const pollfd& each : own) {
    if (each.revents == 0) continue;
    const auto found = watches_.find(each.fd);  // an earlier call may have taken it back
    if (found == watches_.end()) continue;
    const auto call = found->second.call;
    call(each.revents);
  }
  return true;
}

// To the next timer, or as far as the pace allows by now.
void Loop::jump() {
  const TimePoint next = timers_.begin()->first.first;
  if (pace_ > 0) {
    constexpr Milliseconds frame{40};
    const auto passed = std::chrono::steady_clock::now() - began_;
    const auto allowed = TimePoint(std::chrono::duration_cast<Milliseconds>(passed * pace_));
    if (next > allowed) {
      simulated_now_ = std::max(simulated_now_, allowed);
      const auto wait = std::chrono::duration_cast<Milliseconds>((next - allowed) / pace_) + Milliseconds(1);
      poll(std::min(wait, frame));
      return;
    }
  }
  simulated_now_ = std::max(simulated_now_, next);
}

// What arrived together may be handed out in several calls, without a descriptor becoming ready again: libcurl
// says so by a timeout of 0 (a second stream on an HTTP/2 connection that has ended).
bool Loop::transfers_have_work() const {
  long timeout = -1;
  return curl_multi_timeout(multi_, &timeout) == CURLM_OK && timeout == 0;
}

void Loop::turn() {
  if (!posted_.empty()) {
    auto calls = std::exchange(posted_, {});
    for (const auto& call : calls) call();
    if (stopped_) return;
  }
  bool worked = false;
  if (!transfers_.empty()) worked = finish_transfers();
  if (call_timers() || worked || !posted_.empty()) {
    poll(Milliseconds(0));
    return;
  }
  const bool timed = !timers_.empty();
  if (simulated()) {
    if (poll(Milliseconds(0))) return;
    if (!transfers_.empty() && (poll(settle) || transfers_have_work())) return;
    if (timed) {
      jump();
    } else {
      poll(Milliseconds(1000));
    }
    return;
  }
  constexpr Milliseconds idle{1000};
  poll(timed ? std::clamp(timers_.begin()->first.first - now(), Milliseconds(0), idle) : idle);
}

void Loop::run() {
  stopped_ = false;
  while (!stopped_) turn();
}

}  // namespace lab::engine
