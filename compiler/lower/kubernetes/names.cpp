#include "compiler/lower/kubernetes/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lab::lower::kubernetes {

namespace {

constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_port_name = 15;

void cut(std::string& text, std::size_t longest) {
  if (text.size() > longest) text.resize(longest);
  while (!text.empty() && text.back() == '-') text.pop_back();
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string port_name(std::string_view base, std::string_view suffix) {
  std::string name(base.substr(0, longest_port_name - suffix.size()));
  cut(name, longest_port_name);
  return name.append(suffix);
}

}  // namespace

std::string label_of(std::string_view path) {
  std::string out;
  for (char c : path) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  cut(out, longest_label);
  return out.empty() ? "root" : out;
}

std::string claim_name(std::string_view workload, const model::Mount& mount) {
  if (mount.from.claim->name) return std::string(*mount.from.claim->name);
  std::string name = fmt::format("{}-{}", workload, label_of(mount.name));
  cut(name, longest_label);
  return name;
}

std::string file_key(const model::Workload& workload, const model::AppFile& file) {
  const std::string_view base = base_name(file.name);
  const auto namesakes = std::count_if(workload.file.begin(), workload.file.end(),
                                       [&](const auto& f) { return base_name(f.name) == base; });
  if (namesakes <= 1) return std::string(base);
  std::string key(file.name.substr(file.name.find_first_not_of('/')));
  std::replace(key.begin(), key.end(), '/', '_');
  return key;
}

std::string export_claim(std::string_view nas, std::string_view export_name) {
  return label_of(fmt::format("{}-{}", nas, export_name));
}

std::vector<PortEntry> ports_of(const model::Workload& workload) {
  using types::Protocol;
  static constexpr std::array<std::pair<Protocol, std::string_view>, 3> protocols = {
      {{Protocol::tcp, "TCP"}, {Protocol::udp, "UDP"}, {Protocol::sctp, "SCTP"}}};
  static constexpr std::array<std::string_view, 3> suffixes = {"-tcp", "-udp", "-sctp"};
  std::vector<PortEntry> out;
  out.reserve(workload.port.size());
  for (const model::AppPort& port : workload.port) {
    const types::PortSpec& spec = *port.number;
    bool first = true;
    for (std::size_t i = 0; i < protocols.size(); ++i) {
      if (!spec.has(protocols[i].first)) continue;
      for (std::uint32_t number = spec.first; number <= spec.last; ++number) {
        std::string suffix = spec.is_single() ? std::string() : fmt::format("-{}", number);
        if (!first) suffix.append(suffixes[i]);
        PortEntry entry{port_name(port.name, suffix), protocols[i].second, static_cast<std::uint16_t>(number),
                        static_cast<std::uint16_t>(number), &port};
        if (port.service && spec.is_single()) entry.service = static_cast<std::uint16_t>(*port.service);
        out.push_back(std::move(entry));
      }
      first = false;
    }
  }
  return out;
}

}  // namespace lab::lower::kubernetes
