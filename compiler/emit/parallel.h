// Work on many items, cut into neighbouring ranges: the first is done here, each other on a thread of its
// own.
#pragma once
#include <algorithm>
#include <cstddef>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace lab::emit {

/// Ranges smaller than this are not worth a thread.
inline constexpr std::size_t least_range = 1000;

/// How many ranges `count` items are cut into when at most `jobs` threads may run.
[[nodiscard]] inline std::size_t ranges_of(std::size_t count, unsigned jobs) {
  return std::clamp<std::size_t>(count / least_range, 1, std::max(jobs, 1U));
}

/// Calls `work(range, begin, end)` for each of `ranges` ranges of [0, count) and waits for all. A range for
/// which there is no thread is done here. What the first of them threw is thrown again.
template <class Work>
void in_ranges(std::size_t count, std::size_t ranges, const Work& work) {
  std::vector<std::exception_ptr> thrown(ranges);
  const auto one = [&](std::size_t range) {
    try {
      work(range, count * range / ranges, count * (range + 1) / ranges);
    } catch (...) {
      thrown[range] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t range = 1; range < ranges; ++range) {
      try {
        threads.emplace_back(one, range);
      } catch (const std::system_error&) {  // the system gives no more threads
        one(range);
      }
    }
    one(0);
  }
  for (const std::exception_ptr& e : thrown)
    if (e) std::rethrow_exception(e);
}

}  // namespace lab::emit
