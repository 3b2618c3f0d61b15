#include "runtime/simulator/world.h"

#include <algorithm>

namespace lab::simulator {
namespace {

constexpr std::int64_t world_began = 1'767'225'600;  // 2026-01-01T00:00:00Z

}  // namespace

World::World(std::uint64_t seed, ReadFile read_file) : read_file_(std::move(read_file)) {
  state_["random"] = seed;
  state_["events"] = Json::array();
  state_["writes"] = 0;
}

std::int64_t World::seconds() const {
  return world_began + std::chrono::duration_cast<std::chrono::seconds>(now_).count();
}

void World::schedule(Milliseconds delay, std::string_view what, Json event) {
  const std::int64_t due = (now_ + delay).count();
  Json& events = state_["events"];
  // Sorted by time; of the same time, in the order of scheduling.
  const auto place =
      std::upper_bound(events.begin(), events.end(), due,
                       [](std::int64_t t, const Json& each) { return t < each["at"].get<std::int64_t>(); });
  Json entry = {{"at", due}, {"what", what}, {"event", std::move(event)}};
  events.insert(place, std::move(entry));
  dirty_ = true;
}

void World::on(std::string_view what, Happening happening) {
  happenings_[std::string(what)] = std::move(happening);
}

void World::advance(Milliseconds now) {
  for (;;) {
    Json& events = state_["events"];
    if (events.empty() || events.front()["at"].get<std::int64_t>() > now.count()) break;
    const Json next = std::move(events.front());
    events.erase(events.begin());
    now_ = std::max(now_, Milliseconds(next["at"].get<std::int64_t>()));
    dirty_ = true;
    if (const auto found = happenings_.find(next["what"].get<std::string>()); found != happenings_.end())
      found->second(next["event"]);
  }
  now_ = std::max(now_, now);
  state_["now"] = now_.count();
}

// splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
std::uint64_t World::random() {
  std::uint64_t seed = state_["random"].get<std::uint64_t>() + 0x9e3779b97f4a7c15u;
  state_["random"] = seed;
  seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9u;
  seed = (seed ^ seed >> 27) * 0x94d049bb133111ebu;
  return seed ^ seed >> 31;
}

void World::wrote(std::string text) {
  state_["writes"] = writes() + 1;
  state_["log"].push_back(std::move(text));
  dirty_ = true;
}

std::uint64_t World::writes() const {
  return state_.at("writes").get<std::uint64_t>();
}

bool World::load(std::string_view text) {
  Json read = Json::parse(text, nullptr, false);
  if (!read.is_object() || !read.contains("events") || !read.contains("random") || !read.contains("writes"))
    return false;
  state_ = std::move(read);
  now_ = Milliseconds(state_.value("now", std::int64_t{0}));
  dirty_ = false;
  return true;
}

bool World::take_dirty() {
  return std::exchange(dirty_, false);
}

Json at(const Json& value, const char* pointer) {
  const Json::json_pointer where(pointer);
  return value.contains(where) ? value.at(where) : Json();
}

std::string text_at(const Json& value, const char* pointer) {
  const Json found = at(value, pointer);
  return found.is_string() ? found.get<std::string>() : std::string();
}

}  // namespace lab::simulator
