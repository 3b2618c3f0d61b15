// LAB0210: a cluster's prefixes hold what it takes from them.
//
// Pods: the controller manager gives each node a prefix of /24 (IPv6: /64), kube-controller-manager
// --node-cidr-mask-size-ipv4, and has at most 2^16 of them. Services: the name server has the tenth address,
// Talos pkg/machinery/config/types/v1alpha1 ClusterNetworkConfig.DNSServiceIPs, k3s cluster-dns.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

std::string at_length(const model::Cidr& cidr, unsigned length) {
  return model::Cidr{cidr.address, static_cast<std::uint8_t>(length)}.canonical().format();
}

void pods(const model::Lab& lab, const model::Cluster& c, Context& context) {
  if (c.pod_cidr.at == 0) return;
  const model::Cidr& cidr = *c.pod_cidr;
  const unsigned each = cidr.address.family == types::Family::v4 ? 24 : 64;
  const std::size_t nodes = lab.nodes_of(lab.ref_of(c)).size();
  const std::uint64_t room = cidr.subnet_count(each);
  if (room >= nodes) return;
  unsigned length = each;
  while ((std::uint64_t{1} << (each - length)) < nodes) --length;
  Diagnostic& d = context.report(make(Code::prefix_too_small, context.span(c.pod_cidr.at),
                                      fmt::format("room for {} nodes", room),
                                      "the pods of cluster `{}` need room for {} nodes", c.name, nodes));
  d.note(fmt::format("each node takes a /{} of it", each));
  offer_text(context, d, c.pod_cidr.at, cidr.format(), at_length(cidr, length), Applicability::maybe);
}

void services(const model::Cluster& c, Context& context) {
  constexpr std::uint64_t name_server = 10;
  if (c.service_cidr.at == 0) return;
  const model::Cidr& cidr = *c.service_cidr;
  if (cidr.size() > name_server) return;
  Diagnostic& d = context.report(
      make(Code::prefix_too_small, context.span(c.service_cidr.at), fmt::format("{} addresses", cidr.size()),
           "the Services of cluster `{}` have no room for its name server", c.name));
  d.note("the name server has the tenth address of the prefix");
  offer_text(context, d, c.service_cidr.at, cidr.format(), at_length(cidr, cidr.address.bits() - 8),
             Applicability::maybe);
}

}  // namespace

void prefix_sizes(const model::Lab& lab, Context& context) {
  for (const model::Cluster& c : lab.clusters) {
    pods(lab, c, context);
    services(c, context);
  }
}

}  // namespace lab::checks
