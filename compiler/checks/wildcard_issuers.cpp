// LAB0311: a wildcard certificate comes from an issuer that proves ownership by DNS: ACME allows no other
// challenge (RFC 8555 §7.1.3; Let's Encrypt, "Challenge types").
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

void judge(const model::Lab& lab, model::Ref<model::Issuer> ref, model::Origin at, std::string_view wanted,
           std::string who, Context& context) {
  const model::Issuer* issuer = lab.find(ref);
  if (issuer == nullptr || *issuer->self_signed || !issuer->dns01.is("none")) return;
  Diagnostic& d = context.report(
      make(Code::wildcard_without_dns, context.span(at), fmt::format("asked for {}", wanted),
           "{} needs a wildcard certificate, issuer `{}` cannot prove one", who, issuer->name));
  context.label(d, issuer->at, fmt::format("issuer `{}` has no `dns01`", issuer->name));
  d.help({"give the issuer `dns01 = cloudflare { token = … }`", Applicability::placeholders, {}});
}

}  // namespace

void wildcard_issuers(const model::Lab& lab, Context& context) {
  for (const model::Gateway& g : lab.gateways) {
    const std::string wanted = fmt::format("*.{}", *g.domain);
    const std::string who = fmt::format("gateway `{}`", g.name);
    if (g.tls.tls_settings)
      judge(lab, *g.tls.tls_settings->issuer, g.tls.tls_settings->issuer.at, wanted, who, context);
    else if (g.tls.ref.kind == model::Issuer::kind)
      judge(lab, {g.tls.ref.index}, g.tls.at, wanted, who, context);
  }
  for (const model::Certificate& c : lab.certificates)
    for (const auto& name : c.names)
      if (name->starts_with("*.")) {
        judge(lab, *c.issuer, c.issuer.at, *name, fmt::format("certificate `{}`", c.name), context);
        break;
      }
}

}  // namespace lab::checks
