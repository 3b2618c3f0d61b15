// LAB0309: the names of a gateway's doors lie in a zone, if the lab has zones. LAB0310: the zone of a tunnel
// is answered by the tunnel's provider. LAB0327: an issuer that proves names by records at a provider finds
// the gateway's domain in a zone there.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

bool holds(std::string_view zone, std::string_view domain) {
  return domain == zone || (domain.size() > zone.size() && domain.ends_with(zone) &&
                            domain[domain.size() - zone.size() - 1] == '.');
}

/// Whether a zone holds a domain; of one provider only, when said.
bool in_zone(const model::Lab& lab, std::string_view domain, std::string_view provider = {}) {
  for (const model::Zone& z : lab.zones)
    if (holds(*z.domain, domain) && (provider.empty() || z.provider.is(provider))) return true;
  return false;
}

void proof(const model::Lab& lab, const model::Gateway& g, Context& context) {
  model::Ref<model::Issuer> ref;
  if (g.tls.tls_settings)
    ref = *g.tls.tls_settings->issuer;
  else if (g.tls.ref.kind == model::Issuer::kind)
    ref = {g.tls.ref.index};
  const model::Issuer* issuer = lab.find(ref);
  if (issuer == nullptr || !issuer->dns01.cloudflare || in_zone(lab, *g.domain, "cloudflare")) return;
  Diagnostic& d =
      context.report(make(Code::issuer_without_zone, context.span(g.domain.at), "in no zone of Cloudflare",
                          "issuer `{}` cannot prove the names of gateway `{}`", issuer->name, g.name));
  context.label(d, issuer->dns01.at, "proves names by records at Cloudflare");
  d.help({fmt::format("declare the zone: `zone … {{ domain = \"{}\", provider = cloudflare {{ … }} }}`",
                      *g.domain),
          Applicability::placeholders,
          {}});
}

}  // namespace

void zones(const model::Lab& lab, Context& context) {
  for (const model::Gateway& g : lab.gateways) {
    if (lab.zones.empty() || g.domain.at == 0) continue;
    if (in_zone(lab, *g.domain)) {
      proof(lab, g, context);
      continue;
    }
    std::vector<std::string_view> domains;
    for (const model::Zone& z : lab.zones) domains.push_back(*z.domain);
    Diagnostic& d =
        context.report(make(Code::name_without_zone, context.span(g.domain.at), "in no zone of the lab",
                            "the doors of gateway `{}` get no records", g.name));
    d.note(fmt::format("zones of the lab: {}", list_of(domains)));
    d.help({fmt::format("declare `zone … {{ domain = \"{}\", provider = … }}`", *g.domain),
            Applicability::placeholders,
            {}});
  }
  for (const model::Tunnel& t : lab.tunnels) {
    const model::Zone* zone = lab.find(*t.zone);
    if (zone == nullptr || zone->provider.at == 0 || zone->provider.is("cloudflare")) continue;
    Diagnostic& d =
        context.report(make(Code::tunnel_zone, context.span(t.zone.at),
                            fmt::format("`{}` is answered by {}", zone->name,
                                        zone->provider.is("none") ? "nobody" : zone->provider.tag),
                            "tunnel `{}` needs a zone of Cloudflare", t.name));
    context.label(d, zone->provider.at, fmt::format("the provider of zone `{}`", zone->name));
    std::vector<std::string_view> right;
    for (const model::Zone& z : lab.zones)
      if (z.provider.is("cloudflare")) right.push_back(z.name);
    if (right.size() == 1) {
      offer_text(context, d, t.zone.at, zone->name, std::string(right.front()), Applicability::maybe);
    } else if (!right.empty()) {
      d.help({fmt::format("zones of Cloudflare are {}", list_of(right)), Applicability::maybe, {}});
    }
  }
}

}  // namespace lab::checks
