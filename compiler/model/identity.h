// Identity providers, groups and sign-in: what stdlib/core/identity.lab declares, field by field in its
// order.
#pragma once
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// Signs people in. Components such as `authentik` extend it.
struct IdentityProvider : Named {
  static constexpr std::string_view kind = "identity-provider";
  Opt<Ref<Namespace>> in;
  Opt<Text> host;
  Opt<Text> url;
  Opt<Endpoint> outpost;
  Prop<Text> engine;
  Opt<MaybeSecret> token;
  template <class V>
  static void fields(V&& v) {
    v("in", &IdentityProvider::in);
    v("host", &IdentityProvider::host);
    v("url", &IdentityProvider::url);
    v("outpost", &IdentityProvider::outpost);
    v("engine", &IdentityProvider::engine);
    v("token", &IdentityProvider::token);
  }
};

/// A group of people: `group media-users in authentik`.
struct Group : Named {
  static constexpr std::string_view kind = "group";
  Prop<Ref<IdentityProvider>> in;
  Opt<Text> title;
  List<Prop<Text>> members;
  template <class V>
  static void fields(V&& v) {
    v("in", &Group::in);
    v("title", &Group::title);
    v("members", &Group::members);
  }
};

/// A role of an application: who has it.
struct OidcRole : Named {
  static constexpr std::string_view schema = "oidc-role";
  Prop<Ref<Group>> group;
  template <class V>
  static void fields(V&& v) {
    v("group", &OidcRole::group);
  }
};

/// An application that signs people in itself: `oidc from authentik { role admin = admins }`.
struct OidcClient {
  static constexpr std::string_view schema = "oidc-client";
  Origin at = 0;
  Prop<Ref<IdentityProvider>> from;
  List<OidcRole> role;
  Prop<Text> redirect;
  Prop<Text> client_id;
  Opt<MaybeSecret> client_secret;
  Opt<Text> secret_name;
  List<Prop<Text>> scopes;
  Opt<Text> issuer;
  template <class V>
  static void fields(V&& v) {
    v("from", &OidcClient::from);
    v("role", &OidcClient::role);
    v("redirect", &OidcClient::redirect);
    v("client-id", &OidcClient::client_id);
    v("client-secret", &OidcClient::client_secret);
    v("secret-name", &OidcClient::secret_name);
    v("scopes", &OidcClient::scopes);
    v("issuer", &OidcClient::issuer);
  }
};

}  // namespace lab::model
