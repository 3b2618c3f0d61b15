// The state of the simulated world: one JSON tree, so that it can be shown, compared, kept and resumed; its
// clock; and what is going to happen in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace lab::simulator {

using Json = nlohmann::json;
using Milliseconds = std::chrono::milliseconds;

/// A file of the emitted tree; nothing when it does not exist.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

class World {
 public:
  using Happening = std::function<void(const Json& event)>;

  World(std::uint64_t seed, ReadFile read_file);

  /// A part of the state: "proxmox", "talos", … It is created empty.
  Json& part(std::string_view name) { return state_[std::string(name)]; }

  /// Time since the world began, as of the last advance().
  Milliseconds now() const { return now_; }
  /// The same as seconds of the Unix epoch: the world began on 2026-01-01.
  std::int64_t seconds() const;

  /// `what` happens after `delay`.
  void schedule(Milliseconds delay, std::string_view what, Json event);
  void on(std::string_view what, Happening happening);
  /// Lets happen what is due until `now`, in order.
  void advance(Milliseconds now);

  /// Numbers that follow from the seed and nothing else.
  std::uint64_t random();

  /// Notes that a client changed something: "POST /nodes/pve1/qemu".
  void wrote(std::string text);
  std::uint64_t writes() const;

  std::optional<std::string> read_file(const std::string& path) const { return read_file_(path); }

  /// All of it, for comparing and for keeping; and back.
  const Json& state() const { return state_; }
  std::string dump() const { return state_.dump(); }
  bool load(std::string_view text);
  /// Whether it changed since the last call.
  bool take_dirty();

 private:
  Json state_;
  Milliseconds now_{0};
  std::map<std::string, Happening, std::less<>> happenings_;
  ReadFile read_file_;
  bool dirty_ = true;
};

/// The value at a JSON pointer; null when there is none.
Json at(const Json& value, const char* pointer);
/// A text at a JSON pointer; empty when there is none.
std::string text_at(const Json& value, const char* pointer);

}  // namespace lab::simulator
