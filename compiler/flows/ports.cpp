#include "compiler/flows/ports.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::flows {

namespace {

constexpr std::array<types::Protocol, 3> kinds = {types::Protocol::tcp, types::Protocol::udp,
                                                  types::Protocol::sctp};
constexpr std::uint32_t lowest = 1, highest = 65535;

}  // namespace

PortSet PortSet::all() {
  PortSet out;
  for (Intervals& intervals : out.of_) intervals = {{lowest, highest}};
  return out;
}

PortSet PortSet::of(const types::PortSpec& spec) {
  PortSet out;
  for (std::size_t i = 0; i < protocols; ++i)
    if (spec.has(kinds[i])) out.of_[i] = {{spec.first, spec.last}};
  return out;
}

PortSet PortSet::of(const std::vector<types::PortSpec>& specs) {
  if (specs.empty()) return all();
  PortSet out;
  for (const types::PortSpec& spec : specs) out.add(of(spec));
  return out;
}

void PortSet::add(const PortSet& other) {
  for (std::size_t i = 0; i < protocols; ++i) {
    Intervals merged = of_[i];
    merged.insert(merged.end(), other.of_[i].begin(), other.of_[i].end());
    std::sort(merged.begin(), merged.end(),
              [](const Interval& a, const Interval& b) { return a.first < b.first; });
    of_[i].clear();
    for (const Interval& x : merged) {
      if (!of_[i].empty() && x.first <= of_[i].back().last + 1)
        of_[i].back().last = std::max(of_[i].back().last, x.last);
      else
        of_[i].push_back(x);
    }
  }
}

void PortSet::remove(const PortSet& other) {
  for (std::size_t i = 0; i < protocols; ++i)
    for (const Interval& gone : other.of_[i]) {
      Intervals left;
      for (const Interval& x : of_[i]) {
        if (gone.last < x.first || x.last < gone.first) {
          left.push_back(x);
          continue;
        }
        if (x.first < gone.first) left.push_back({x.first, gone.first - 1});
        if (gone.last < x.last) left.push_back({gone.last + 1, x.last});
      }
      of_[i] = std::move(left);
    }
}

void PortSet::keep(const PortSet& other) {
  PortSet rest = all();
  rest.remove(other);
  remove(rest);
}

bool PortSet::contains(types::Protocol protocol, std::uint16_t port) const {
  for (std::size_t i = 0; i < protocols; ++i)
    if (kinds[i] == protocol)
      return std::any_of(of_[i].begin(), of_[i].end(),
                         [&](const Interval& x) { return x.first <= port && port <= x.last; });
  return false;
}

bool PortSet::empty() const {
  return std::all_of(of_.begin(), of_.end(), [](const Intervals& i) { return i.empty(); });
}

bool PortSet::overlaps(const PortSet& other) const {
  PortSet both = *this;
  both.keep(other);
  return !both.empty();
}

bool PortSet::contains(const PortSet& other) const {
  PortSet rest = other;
  rest.remove(*this);
  return rest.empty();
}

std::vector<std::string> PortSet::format() const {
  if (*this == all()) return {"all"};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < protocols; ++i)
    for (const Interval& x : of_[i]) {
      const std::string_view name = types::name_of(kinds[i]);
      out.push_back(x.first == x.last ? fmt::format("{}/{}", name, x.first)
                                      : fmt::format("{}/{}-{}", name, x.first, x.last));
    }
  return out;
}

}  // namespace lab::flows
