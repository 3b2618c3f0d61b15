#include "compiler/checks/fixes.h"

#include <fmt/format.h>

namespace lab::checks {

using model::Cidr;
using model::Ip;

namespace {

std::string host_part(const Ip& ip, const Cidr* network) {
  if (network == nullptr || !network->contains(ip)) return {};
  const auto offset = types::distance(network->network(), ip);
  if (!offset || *offset > 0xffff) return {};
  return types::HostPart{static_cast<std::uint16_t>(*offset)}.format();
}

}  // namespace

std::string with_address(std::string_view text, const Ip& ip, const Cidr* network) {
  if (types::HostPart::parse(text)) return host_part(ip, network);
  if (types::Ip::parse(text)) return ip.format();
  const std::size_t open = text.rfind('[');
  if (open == std::string_view::npos || !text.ends_with(']')) return {};
  if (!types::HostPart::parse(text.substr(open + 1, text.size() - open - 2))) return {};
  const std::string part = host_part(ip, network);
  return part.empty() ? part : fmt::format("{}[{}]", text.substr(0, open), part);
}

void offer_address(const Context& context, Diagnostic& d, model::Origin at, const Ip& ip,
                   const Cidr* network) {
  const std::string text = with_address(context.editable_text(at), ip, network);
  if (text.empty())
    d.help({fmt::format("{} is free", ip.format()), Applicability::maybe, {}});
  else
    d.replace(context.span(at), text, fmt::format("take {}, which is free", ip.format()),
              Applicability::maybe);
}

void offer_text(const Context& context, Diagnostic& d, model::Origin at, std::string_view literal,
                std::string text, Applicability applicability) {
  std::string title = fmt::format("write `{}`", text);
  if (!literal.empty() && context.editable_text(at) == literal)
    d.replace(context.span(at), std::move(text), std::move(title), applicability);
  else
    d.help({std::move(title), applicability, {}});
}

std::string list_of(std::span<const std::string_view> names) {
  constexpr std::size_t most = 5;
  std::string out;
  const std::size_t shown = names.size() > most + 1 ? most : names.size();
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += fmt::format("`{}`", names[i]);
  }
  if (shown < names.size()) out += fmt::format(" and {} more", names.size() - shown);
  return out;
}

}  // namespace lab::checks
