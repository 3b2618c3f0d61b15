// LAB0314: a secret that is read as a whole has keys, and those its reader looks for.
#include <array>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"
#include "compiler/diagnostics/nearest.h"

namespace lab::checks {

namespace {

void has_keys(const model::Lab& lab, model::Ref<model::Secret> ref, model::Origin at, std::string_view who,
              Context& context) {
  const model::Secret* secret = lab.find(ref);
  if (secret == nullptr || !secret->rest.empty()) return;
  Diagnostic& d =
      context.report(make(Code::secret_without_key, context.span(at), "has no keys",
                          "{} reads secret `{}` as a whole, but it is one value", who, secret->name));
  context.label(d, secret->at, fmt::format("secret `{}` has no body", secret->name));
  d.help({fmt::format(
              "give it a key, `secret {} {{ KEY = … }}`, or read it as one variable: `env NAME = secret.{}`",
              secret->name, secret->name),
          Applicability::placeholders,
          {}});
}

template <class T>
void workloads(const model::Lab& lab, const std::vector<T>& all, Context& context) {
  for (const T& w : all) {
    const std::string who = fmt::format("{} `{}`", T::kind, w.name);
    for (const auto& s : w.env_from) has_keys(lab, *s, s.at, who, context);
    for (const auto* containers : {&w.sidecar, &w.init})
      for (const model::Container& c : *containers)
        for (const auto& s : c.env_from) has_keys(lab, *s, s.at, who, context);
  }
}

/// The Secret that the Tailscale operator mounts, its chart's templates/oauth-secret.yaml.
constexpr std::array<std::string_view, 2> tailscale_keys = {"client_id", "client_secret"};

void vpn_client(const model::Lab& lab, const model::Vpn& vpn, Context& context) {
  if (!vpn.provider.tailscale) return;
  const auto& client = vpn.provider.tailscale->client;
  const model::Secret* secret = lab.find(*client);
  if (secret == nullptr) return;
  for (const std::string_view wanted : tailscale_keys) {
    std::vector<std::string_view> names;
    bool found = false;
    for (const auto& key : secret->rest) {
      names.push_back(key.name);
      found = found || key.name == wanted;
    }
    if (found) continue;
    Diagnostic& d = context.report(
        make(Code::secret_without_key, context.span(client.at), fmt::format("has no key `{}`", wanted),
             "the operator of vpn `{}` reads key `{}` of secret `{}`", vpn.name, wanted, secret->name));
    context.label(d, secret->at,
                  names.empty() ? std::string("has no keys") : fmt::format("has {}", list_of(names)));
    if (const auto near = diagnostics::nearest(wanted, names))
      d.help({fmt::format("rename its key `{}` to `{}`", *near, wanted), Applicability::maybe, {}});
    return;
  }
}

}  // namespace

void secret_keys(const model::Lab& lab, Context& context) {
  workloads(lab, lab.apps, context);
  workloads(lab, lab.jobs, context);
  workloads(lab, lab.crons, context);
  for (const model::Vpn& vpn : lab.vpns) vpn_client(lab, vpn, context);
}

}  // namespace lab::checks
