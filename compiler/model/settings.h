// The lab itself and types that many kinds share: what stdlib/core/lab.lab declares, field by field in its
// order.
#pragma once
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// A user on a file system: uid, and the gid that is the same unless said otherwise.
struct User {
  static constexpr std::string_view schema = "user";
  Origin at = 0;
  Prop<std::int64_t> uid;
  Prop<std::int64_t> gid;
  List<Prop<std::int64_t>> groups;
  template <class V>
  static void fields(V&& v) {
    v("uid", &User::uid);
    v("gid", &User::gid);
    v("groups", &User::groups);
  }
};

/// Where the emitted tree is read from by a GitOps controller, or `none`: a person applies it.
struct Gitops {
  static constexpr std::string_view schema = "gitops";
  Text tag;
  Origin at = 0;
  struct Argocd {
    Origin at = 0;
    Prop<Text> repo;
    Prop<Text> branch;
    Prop<Text> path;
    template <class V>
    static void fields(V&& v) {
      v("repo", &Argocd::repo);
      v("branch", &Argocd::branch);
      v("path", &Argocd::path);
    }
  };
  struct Flux {
    Origin at = 0;
    Prop<Text> repo;
    Prop<Text> branch;
    Prop<Text> path;
    Prop<Duration> interval;
    template <class V>
    static void fields(V&& v) {
      v("repo", &Flux::repo);
      v("branch", &Flux::branch);
      v("path", &Flux::path);
      v("interval", &Flux::interval);
    }
  };
  Opt<Argocd> argocd;
  Opt<Flux> flux;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("argocd", &Gitops::argocd);
    v("flux", &Gitops::flux);
  }
};

/// How secrets reach the clusters. The vault beside the lab is the same for all.
struct SecretDelivery {
  static constexpr std::string_view schema = "secret-delivery";
  Text tag;
  Origin at = 0;
  struct Sops {
    Origin at = 0;
    Prop<Text> key;
    template <class V>
    static void fields(V&& v) {
      v("key", &Sops::key);
    }
  };
  struct SealedSecrets {
    Origin at = 0;
    Prop<Text> certificate;
    template <class V>
    static void fields(V&& v) {
      v("certificate", &SealedSecrets::certificate);
    }
  };
  struct ExternalSecrets {
    Origin at = 0;
    Prop<Text> store;
    Prop<Duration> refresh;
    template <class V>
    static void fields(V&& v) {
      v("store", &ExternalSecrets::store);
      v("refresh", &ExternalSecrets::refresh);
    }
  };
  struct Bitwarden {
    Origin at = 0;
    Prop<Text> organisation;
    Prop<Duration> refresh;
    template <class V>
    static void fields(V&& v) {
      v("organisation", &Bitwarden::organisation);
      v("refresh", &Bitwarden::refresh);
    }
  };
  struct Infisical {
    Origin at = 0;
    Prop<Text> project;
    Prop<Text> stage;
    Prop<Duration> refresh;
    template <class V>
    static void fields(V&& v) {
      v("project", &Infisical::project);
      v("stage", &Infisical::stage);
      v("refresh", &Infisical::refresh);
    }
  };
  struct Openbao {
    Origin at = 0;
    Prop<Text> mount;
    Prop<Duration> refresh;
    template <class V>
    static void fields(V&& v) {
      v("mount", &Openbao::mount);
      v("refresh", &Openbao::refresh);
    }
  };
  struct Vault {
    Origin at = 0;
    Prop<Text> mount;
    Prop<Duration> refresh;
    template <class V>
    static void fields(V&& v) {
      v("mount", &Vault::mount);
      v("refresh", &Vault::refresh);
    }
  };
  Opt<Sops> sops;
  Opt<SealedSecrets> sealed_secrets;
  Opt<ExternalSecrets> external_secrets;
  Opt<Bitwarden> bitwarden;
  Opt<Infisical> infisical;
  Opt<Openbao> openbao;
  Opt<Vault> vault;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("sops", &SecretDelivery::sops);
    v("sealed-secrets", &SecretDelivery::sealed_secrets);
    v("external-secrets", &SecretDelivery::external_secrets);
    v("bitwarden", &SecretDelivery::bitwarden);
    v("infisical", &SecretDelivery::infisical);
    v("openbao", &SecretDelivery::openbao);
    v("vault", &SecretDelivery::vault);
  }
};

/// The whole lab. One in a lab.
struct Settings : Named {
  static constexpr std::string_view kind = "lab";
  Prop<Text> domain;
  Prop<Text> timezone;
  List<Prop<Text>> operators;
  Gitops gitops;
  SecretDelivery secrets;
  Prop<Text> backup;
  Opt<Text> contact;
  template <class V>
  static void fields(V&& v) {
    v("domain", &Settings::domain);
    v("timezone", &Settings::timezone);
    v("operators", &Settings::operators);
    v("gitops", &Settings::gitops);
    v("secrets", &Settings::secrets);
    v("backup", &Settings::backup);
    v("contact", &Settings::contact);
  }
};

}  // namespace lab::model
