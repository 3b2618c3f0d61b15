#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "runtime/engine/loop.h"

using namespace lab::engine;
using namespace std::chrono_literals;

TEST_CASE("Simulated time jumps from timer to timer, in order") {
  Loop loop(Loop::Time::simulated);
  const WallTime start = loop.wall();
  std::vector<std::pair<int, Milliseconds>> seen;
  const auto note = [&](int which) { seen.emplace_back(which, loop.now().time_since_epoch()); };
  loop.after(3h, [&] {
    note(3);
    loop.stop();
  });
  loop.after(5ms, [&] { note(1); });
  const auto cancelled = loop.after(6ms, [&] { note(9); });
  loop.after(5ms, [&] {
    note(2);
    loop.cancel(cancelled);
  });
  loop.run();
  CHECK(seen == std::vector<std::pair<int, Milliseconds>>{{1, 5ms}, {2, 5ms}, {3, 3h}});
  CHECK(loop.wall() - start == 3h);
}

TEST_CASE("Bytes on a watched socket come before the next timer of simulated time") {
  Loop loop(Loop::Time::simulated);
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  std::string order;
  loop.watch(ends[0], POLLIN, [&](short events) {
    std::array<char, 8> buffer{};
    const auto count = read(ends[0], buffer.data(), buffer.size());
    if (count > 0) order.append(buffer.data(), static_cast<std::size_t>(count));
    if (count == 0) {
      order += (events & POLLHUP) != 0 ? "hup" : "end";
      loop.unwatch(ends[0]);
      loop.stop();
    }
  });
  loop.post([&] { CHECK(write(ends[1], "a", 1) == 1); });
  loop.after(1ms, [&] {
    order += "t";
    close(ends[1]);
  });
  loop.run();
  CHECK(order == "athup");
  close(ends[0]);
}

namespace {

Task<int> twice(int of) {
  co_return of * 2;
}

Task<void> sum(int* into, std::vector<int> parts) {
  for (const int part : parts) *into += co_await twice(part);
}

struct Never {
  bool* gone;
  ~Never() { *gone = true; }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {}
  void await_resume() const {}
};

Task<void> wait_for_ever(bool* gone) {
  Never never{gone};
  co_await never;
}

Task<void> outer(bool* gone) {
  co_await wait_for_ever(gone);
}

Task<int> fails() {
  throw 7;
  co_return 0;
}

Task<void> catches(int* into) {
  try {
    *into = co_await fails();
  } catch (int thrown) {
    *into = thrown;
  }
}

}  // namespace

TEST_CASE("Tasks run when awaited, and are cancelled with all below them by destroying them") {
  int total = 0;
  auto adds = sum(&total, {1, 2, 3});
  CHECK(total == 0);
  adds.start();
  CHECK(adds.done());
  CHECK(total == 12);

  bool gone = false;
  {
    auto waits = outer(&gone);
    waits.start();
    CHECK_FALSE(waits.done());
    CHECK_FALSE(gone);
  }
  CHECK(gone);

  int thrown = 0;
  auto caught = catches(&thrown);
  caught.start();
  CHECK(thrown == 7);
}
