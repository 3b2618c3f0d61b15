// Network documents: host name, links with addresses and routes, virtual address, name and time servers.
#include <fmt/format.h>

#include "compiler/lower/talos/node.h"

namespace lab::lower::talos {

namespace {

using document::List;
using document::Map;
using model::Text;

constexpr std::int64_t usual_mtu = 1500;

/// A text of CEL (cel-spec, string literals).
std::string cel_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// `glob(…)` for a pattern, else `==`.
std::string matches(std::string_view field, std::string_view pattern) {
  return pattern.find('*') == std::string_view::npos
             ? fmt::format("link.{} == {}", field, cel_text(pattern))
             : fmt::format("glob({}, link.{})", cel_text(pattern), field);
}

struct Selector {
  std::string expression;
  document::Origin at = document::no_origin;
  void add(const std::string& condition, document::Origin origin) {
    if (!expression.empty()) expression += " && ";
    expression += condition;
    if (at == document::no_origin) at = origin;
  }
};

/// Which link a card is, over `link` (pkg/machinery cel/celenv, LinkLocator: network.LinkStatusSpec). What is
/// said of the node's link holds for the first card; the hardware address is added where that alone may fit
/// several. The expression must fit one link.
Selector selector_of(const Node& n, const Card& card, bool first) {
  Selector selector;
  if (first) {
    const model::NodeLink& link = n.facts.link;
    if (link.bus_path) selector.add(matches("bus_path", *link.bus_path), link.bus_path.at);
    if (link.driver) selector.add(matches("driver", *link.driver), link.driver.at);
    // A card of its own: type ether (rtnetlink ARPHRD_ETHER), without a kind such as bridge or vlan.
    if (link.physical && *link.physical)
      selector.add("link.type == 1 && link.kind == \"\"", link.physical.at);
  }
  if (card.mac && (selector.expression.empty() || n.several_cards())) {
    selector.add(fmt::format("mac(link.permanent_addr) == \"{}\"", card.mac->format()), card.mac.at);
  }
  if (selector.expression.empty()) selector.add("link.type == 1 && link.kind == \"\"", card.at);
  return selector;
}

/// The name by which documents call a card: its own if it is known, else an alias, made here.
std::string link_name(const Node& n, std::size_t index, Documents& documents) {
  const Card& card = n.cards[index];
  const bool first = index == 0;
  if (first && n.facts.link.interface) return std::string(*n.facts.link.interface);
  if (card.interface) return std::string(*card.interface);
  const std::string name = fmt::format("net{}", index);
  const Selector selector = selector_of(n, card, first);
  Map alias = new_document(n, "LinkAliasConfig", card.at);
  alias.set("name", name, card.at);
  alias.map("selector").set("match", selector.expression, selector.at);
  documents.push_back(alias);
  return name;
}

void add_route(Map link, const model::Opt<std::string>& destination, const model::Ip& gateway,
               document::Origin at, const model::Opt<std::int64_t>& metric) {
  Map route = link.list("routes").map(at);
  if (destination) route.set("destination", *destination, destination.at);
  route.set("gateway", gateway.format(), at);
  if (metric) route.set("metric", *metric, metric.at);
}

/// The card whose network holds an address; the first one when none does.
std::size_t card_towards(const Node& n, const model::Ip& address) {
  for (std::size_t i = 0; i < n.cards.size(); ++i) {
    if (n.cards[i].network != nullptr && n.cards[i].network->cidr->contains(address)) return i;
  }
  return 0;
}

void add_routes(const Node& n, std::size_t index, Map link) {
  const Card& card = n.cards[index];
  if (index == 0 && card.address && card.network != nullptr && card.network->gateway) {
    add_route(link, {}, *card.network->gateway, card.network->gateway.at, {});
  }
  for (const model::StaticRoute* route : n.facts.routes) {
    if (card_towards(n, *route->via) != index) continue;
    add_route(link, {true, route->to->format(), route->to.at}, *route->via, route->via.at, route->metric);
  }
}

void add_link(const Node& n, std::size_t index, Documents& documents) {
  const Card& card = n.cards[index];
  const std::string name = link_name(n, index, documents);
  Map link = new_document(n, "LinkConfig", card.at);
  link.set("name", name, card.at);
  const std::uint32_t nothing = link.size();
  if (index == 0 && n.facts.link.mtu) {
    link.set("mtu", *n.facts.link.mtu, n.facts.link.mtu.at);
  } else if (card.network != nullptr && *card.network->mtu != usual_mtu) {
    link.set("mtu", *card.network->mtu, card.network->mtu.at);
  }
  if (card.address && card.network != nullptr) {
    Map address = link.list("addresses").map(card.address.at);
    address.set("address", fmt::format("{}/{}", card.address->format(), card.network->cidr->length),
                card.address.at);
  }
  add_routes(n, index, link);
  if (link.size() > nothing) documents.push_back(link);
  if (!card.address) {
    Map dhcp = new_document(n, "DHCPv4Config", card.at);
    dhcp.set("name", name, card.at);
    documents.push_back(dhcp);
  }
  if (const auto& vip = n.cluster.vip; vip && n.control_plane() && card_towards(n, *vip) == index) {
    Map document = new_document(n, "Layer2VIPConfig", vip.at);
    document.set("name", vip->format(), vip.at).set("link", name, vip.at);
    documents.push_back(document);
  }
}

/// Address of a name server; a router without one answers at the network's gateway.
model::Opt<model::Ip> address_of(const Node& n, const model::NameServer& server,
                                 const model::Network* network) {
  if (server.ip) return server.ip;
  if (const model::Router* router = n.lab.as<model::Router>(server.ref)) {
    if (router->address) return router->address;
    return network != nullptr ? network->gateway : model::Opt<model::Ip>{};
  }
  return n.lab.ip_of(server.ref);
}

void add_resolver(const Node& n, Documents& documents) {
  const model::Network* network = n.cards.empty() ? nullptr : n.cards.front().network;
  const bool own = !n.cluster.dns.empty();
  if (!own && (network == nullptr || !n.cards.front().address)) return;  // DHCP says
  Map resolver = new_document(n, "ResolverConfig", own ? n.cluster.dns.front().at : network->at);
  for (const model::NameServer& server : own ? n.cluster.dns : network->dns) {
    if (const auto ip = address_of(n, server, network)) {
      resolver.list("nameservers").map(server.at).set("address", ip->format(), server.at);
    }
  }
  if (resolver.has("nameservers")) documents.push_back(resolver);
}

void add_time(const Node& n, Documents& documents) {
  if (n.cluster.ntp.empty()) return;
  Map time = new_document(n, "TimeSyncConfig", n.cluster.ntp.front().at);
  add_all(time.map("ntp").list("servers"), n.cluster.ntp);
  documents.push_back(time);
}

}  // namespace

void add_network(const Node& n, Documents& documents) {
  Map hostname = new_document(n, "HostnameConfig", n.node.at);
  hostname.set("hostname", n.node.name, n.node.at).set("auto", "off");
  documents.push_back(hostname);
  for (std::size_t i = 0; i < n.cards.size(); ++i) add_link(n, i, documents);
  add_resolver(n, documents);
  add_time(n, documents);
}

}  // namespace lab::lower::talos
