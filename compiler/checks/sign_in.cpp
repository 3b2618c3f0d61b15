// LAB0320: groups that pass a door are those of who signs people in there. LAB0321: `auth = oidc` is said by
// an app that signs people in itself.
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

std::string_view name_of(const model::Lab& lab, const model::AnyRef& ref) {
  const model::Named* named = lab.named(ref);
  return named == nullptr ? std::string_view{} : named->name;
}

void group(const model::Lab& lab, const model::Prop<model::Ref<model::Group>>& ref,
           const model::AnyRef& provider, Context& context) {
  const model::Group* g = lab.find(*ref);
  if (g == nullptr || !provider.valid() || !g->in->valid()) return;
  const model::AnyRef home = lab.any_of(lab.get(*g->in));
  if (home == provider) return;
  Diagnostic& d = context.report(
      make(Code::group_of_other, context.span(ref.at), fmt::format("a group of `{}`", name_of(lab, home)),
           "`{}` signs people in here, and knows no group `{}`", name_of(lab, provider), g->name));
  context.label(d, g->at, fmt::format("group `{}` is in `{}`", g->name, name_of(lab, home)));
}

template <class T>
void owner(const model::Lab& lab, const T& w, Context& context) {
  const model::AnyRef signs_in =
      w.oidc && w.oidc->from->valid() ? lab.any_of(lab.get(*w.oidc->from)) : model::AnyRef{};
  for (const model::Door& door : w.expose) {
    if (!door.auth) continue;
    const model::Auth& auth = *door.auth;
    if (auth.is("oidc") && !w.oidc) {
      Diagnostic& d =
          context.report(make(Code::oidc_missing, context.span(auth.at), "says that the app signs people in",
                              "{} `{}` has no `oidc` to sign people in with", T::kind, w.name));
      d.help({"add `oidc from … { … }`, or name the identity provider: `auth = …`",
              Applicability::placeholders,
              {}});
    }
    for (const auto& g : door.groups) group(lab, g, auth.ref.valid() ? auth.ref : signs_in, context);
  }
  if (w.oidc)
    for (const model::OidcRole& role : w.oidc->role) group(lab, role.group, signs_in, context);
}

}  // namespace

void sign_in(const model::Lab& lab, Context& context) {
  for (const model::App& app : lab.apps) owner(lab, app, context);
  for (const model::Helm& helm : lab.helms) owner(lab, helm, context);
  for (const model::Expose& e : lab.exposes)
    for (const auto& g : e.groups) group(lab, g, e.auth.ref, context);
}

}  // namespace lab::checks
