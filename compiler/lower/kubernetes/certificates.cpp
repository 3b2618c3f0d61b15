// Issuers and certificates of cert-manager.
#include <fmt/format.h>

#include "compiler/lower/kubernetes/names.h"
#include "compiler/lower/kubernetes/rules.h"
#include "compiler/lower/secret_names.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view rule_name = "kubernetes.certificate";
constexpr std::int64_t default_duration_ms = std::int64_t{90} * 24 * 3600 * 1000;

std::string_view directory(const model::Issuer& issuer) {
  if (issuer.server) return *issuer.server;
  return *issuer.staging ? "https://acme-staging-v02.api.letsencrypt.org/directory"
                         : "https://acme-v02.api.letsencrypt.org/directory";
}

void put_acme(Context& context, const model::Issuer& issuer, Map spec) {
  const Text name = context.object(issuer.name);
  Map acme = spec.map("acme");
  if (issuer.email) acme.set("email", *issuer.email, issuer.email.at);
  acme.set("server", directory(issuer), issuer.server ? issuer.server.at : issuer.staging.at);
  acme.map("privateKeySecretRef").set("name", fmt::format("{}-account-key", name));
  const auto& cloudflare = issuer.dns01.cloudflare;
  if (!cloudflare || cloudflare->token->secret == nullptr) return;
  const SecretKey key = secret_key(context.lab, *cloudflare->token->secret, name, "api-token");
  Map token = acme.list("solvers").map().map("dns01").map("cloudflare").map("apiTokenSecretRef");
  token.set("name", context.object(key.name), cloudflare->token.at).set("key", key.key, cloudflare->token.at);
}

}  // namespace

void put_certificate(Context& context, Folder& folder, Text name, Text ns, Text secret,
                     const model::Prop<Ref<model::Issuer>>& issuer, const std::vector<Text>& names,
                     const model::Prop<model::Duration>* duration, std::string_view stem) {
  Object out = object(context, "cert-manager.io/v1", "Certificate", name, ns);
  Map spec = out.spec();
  spec.set("secretName", secret);
  if (duration != nullptr && (*duration)->ms != default_duration_ms)
    spec.set("duration", (*duration)->to_go(), duration->at);
  Map ref = spec.map("issuerRef", issuer.at);
  ref.set("name", context.object(context.lab.get(*issuer).name), issuer.at)
      .set("kind", "ClusterIssuer", issuer.at);
  List list = spec.list("dnsNames");
  for (const Text dns : names) list.add(dns);
  folder.add(stem, rule_name, out.root);
}

void lower_issuers(Context& context) {
  for (const model::Issuer& issuer : context.lab.issuers) {
    const Text name = context.object(issuer.name);
    Object out = object(context, "cert-manager.io/v1", "ClusterIssuer", name, {});
    out.metadata.origin(issuer.at);
    if (*issuer.self_signed)
      out.spec().map("selfSigned", issuer.self_signed.at);
    else
      put_acme(context, issuer, out.spec());
    Folder(context, context.certificate_namespace, "issuers", issuer.at)
        .add("cluster-issuer-" + std::string(name), rule_name, out.root);
  }
}

void lower_certificates(Context& context) {
  for (const model::Certificate& certificate : context.lab.certificates) {
    const Text name = context.object(certificate.name);
    const Text ns = context.name_of(*certificate.in);
    const std::string unit = fmt::format("{}-certificates", ns);
    Folder folder(context, ns, context.arena.keep(std::string_view(unit)), certificate.at);
    std::vector<Text> names;
    for (const auto& dns : certificate.names) names.push_back(*dns);
    put_certificate(context, folder, name, ns, certificate.secret_name ? *certificate.secret_name : name,
                    certificate.issuer, names, &certificate.duration, "certificate-" + std::string(name));
  }
}

}  // namespace lab::lower::kubernetes
