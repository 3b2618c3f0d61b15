// How long to wait before trying again: full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture
// Blog, 2015).
#pragma once

#include <cstdint>

#include "runtime/engine/driver.h"

namespace lab::engine {

// A small generator with a seed (splitmix64, public domain): the same seed gives the same run.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // 0 … most, both possible.
  std::uint64_t up_to(std::uint64_t most) { return most == ~std::uint64_t{0} ? next() : next() % (most + 1); }

 private:
  std::uint64_t state_;
};

// Anything between nothing and 0.5 s doubled `tries` times, at most 30 s; after `asked` (Retry-After) when
// the server said so, and up to a second more.
inline Milliseconds backoff(Random& random, unsigned tries, std::optional<Milliseconds> asked) {
  if (asked) return *asked + Milliseconds(random.up_to(1000));
  constexpr std::uint64_t first = 500;
  constexpr std::uint64_t cap = 30'000;
  const std::uint64_t most = tries < 6 ? first << tries : cap;
  return Milliseconds(random.up_to(most < cap ? most : cap));
}

}  // namespace lab::engine
