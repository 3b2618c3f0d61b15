// The secrets bundle of a Talos cluster and the certificates of its operators.
#include <algorithm>
#include <catch2/catch.hpp>

#include "crypto/talos/bundle.h"
#include "crypto/talos/client.h"
#include "crypto/x509/certificate.h"
#include "crypto/x509/pem.h"

using namespace lab::crypto;
using talos::Bundle;
using talos::Field;

namespace {

constexpr std::int64_t now = 1767225600;  // 2026-01-01

/// Made once: its RSA key takes a second.
const Bundle& bundle() {
  static const Bundle made = talos::generate(13, now);
  return made;
}

Bundle copy(const Bundle& from) {
  Bundle to;
  for (std::size_t i = 0; i < talos::field_count; ++i) to.values[i] = from.values[i].clone();
  return to;
}

std::optional<talos::Client> talos_admin(const Bundle& b) {
  return talos::make_admin(talos::Api::talos, b[Field::os_crt], b[Field::os_key],
                           b[Field::issued].expose_text());
}
std::optional<talos::Client> kubernetes_admin(const Bundle& b) {
  return talos::make_admin(talos::Api::kubernetes, b[Field::k8s_crt], b[Field::k8s_key],
                           b[Field::issued].expose_text());
}

}  // namespace

TEST_CASE("A generated bundle is whole") {
  CHECK(talos::problems(bundle()).empty());
  CHECK(bundle()[Field::aescbc_secret].empty());
  CHECK(bundle()[Field::cluster_id].size() == 44);
  CHECK(bundle()[Field::cluster_id].expose_text().find_first_of("+/") == std::string_view::npos);
  CHECK(bundle()[Field::issued].expose_text() == "2026-01-01T00:00:00Z");
  for (const auto& a : bundle().values) {
    const auto same = [&](const auto& b) { return !a.empty() && a.same_as(b); };
    CHECK(std::count_if(bundle().values.begin(), bundle().values.end(), same) <= 1);
  }
}

TEST_CASE("What is wrong with a bundle is said without its values") {
  struct Case {
    Field field;
    std::string_view value;
    std::string_view problem;
  };
  for (const Case& c : std::initializer_list<Case>{
           {Field::cluster_id, "", "cluster.id is missing"},
           {Field::secretbox_secret, "", "secrets.secretboxencryptionsecret is missing"},
           {Field::aescbc_secret, "x",
            "secrets.aescbcencryptionsecret is of Talos 1.2 or older: move the cluster to secretbox first"},
           {Field::trustd_token, "abcdef:0123456789abcdef",
            "trustdinfo.token is not of the form abcdef.0123456789abcdef"},
           {Field::bootstrap_token, "Abcdef.0123456789abcdef",
            "secrets.bootstraptoken is not of the form abcdef.0123456789abcdef"},
           {Field::etcd_crt, "bm90IGEgY2VydA==", "certs.etcd.crt is no certificate"},
           {Field::k8s_key, "not base64", "certs.k8s.key is no private key"},
           {Field::service_account_key, "bm90IGEga2V5", "certs.k8sserviceaccount.key is no private key"},
           {Field::issued, "yesterday", "issued is no time like 2026-01-31T12:00:00Z"}}) {
    Bundle broken = copy(bundle());
    broken[c.field] = SecretBytes::copy_text(c.value);
    CHECK(talos::problems(broken) == std::vector<std::string>{std::string(c.problem)});
  }
  Bundle swapped = copy(bundle());
  std::swap(swapped[Field::etcd_key], swapped[Field::k8s_key]);
  CHECK(talos::problems(swapped) ==
        std::vector<std::string>{"certs.etcd.key is not the key of certs.etcd.crt",
                                 "certs.k8s.key is not the key of certs.k8s.crt"});
}

TEST_CASE("A bundle goes into the file of talosctl and comes back") {
  Bundle small;
  for (std::size_t i = 0; i < talos::field_count; ++i) {
    small.values[i] = SecretBytes::copy_text("v" + std::to_string(i));
  }
  small[Field::aescbc_secret] = SecretBytes();
  small[Field::trustd_token] = SecretBytes::copy_text("123456.0123456e12345678");  // else a number
  constexpr std::string_view file = R"(cluster:
    id: v0
    secret: v1
secrets:
    bootstraptoken: v2
    secretboxencryptionsecret: v4
trustdinfo:
    token: "123456.0123456e12345678"
certs:
    etcd:
        crt: v6
        key: v7
    k8s:
        crt: v8
        key: v9
    k8saggregator:
        crt: v10
        key: v11
    k8sserviceaccount:
        key: v12
    os:
        crt: v13
        key: v14
issued: v15
)";
  SecretBuilder out;
  std::uint32_t line = 1;
  std::vector<sops::Line> lines;
  sops::write_yaml(talos::to_tree(small), out, line, lines);
  CHECK(out.take().expose_text() == file);
  std::vector<sops::Node> documents;
  std::string problem;
  REQUIRE(sops::read_yaml(std::string("# of a cluster\nmore: 1\n") + std::string(file), documents, problem));
  const Bundle again = talos::from_tree(documents.front());
  for (std::size_t i = 0; i < talos::field_count; ++i) {
    CAPTURE(i);
    CHECK(again.values[i].same_as(small.values[i]));
  }
}

TEST_CASE("Client certificates are the same each time, and others when issued anew") {
  for (const auto make : {talos_admin, kubernetes_admin}) {
    const auto a = make(bundle()), b = make(bundle());
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->crt == b->crt);
    CHECK(a->key.same_as(b->key));
    Bundle later = copy(bundle());
    later[Field::issued] = SecretBytes::copy_text("2026-06-01T00:00:00Z");
    const auto c = make(later);
    REQUIRE(c);
    CHECK(c->crt != a->crt);
    CHECK_FALSE(c->key.same_as(a->key));
    CHECK(x509::read_certificate(c->crt)->serial != x509::read_certificate(a->crt)->serial);
    later[Field::issued] = SecretBytes::copy_text("");
    CHECK_FALSE(make(later));
    Bundle mixed = copy(bundle());
    std::swap(mixed[Field::os_key], mixed[Field::k8s_key]);
    CHECK_FALSE(make(mixed));
  }
  CHECK(x509::read_certificate(talos_admin(bundle())->crt)->validity.not_before == now);
  CHECK(x509::read_certificate(kubernetes_admin(bundle())->crt)->validity.not_before == now - 10);
  CHECK(talos_admin(bundle())->key.expose_text().starts_with("-----BEGIN ED25519 PRIVATE KEY-----"));
  CHECK(kubernetes_admin(bundle())->key.expose_text().starts_with("-----BEGIN EC PRIVATE KEY-----"));
}

TEST_CASE("A client is not valid for longer than its authority") {
  Bundle old = copy(bundle());
  old[Field::issued] = SecretBytes::copy_text("2035-06-01T00:00:00Z");
  CHECK(x509::read_certificate(talos_admin(old)->crt)->validity.not_after == now + 87600LL * 3600);
}

TEST_CASE("Times are read in one spelling") {
  CHECK(talos::parse_time("1970-01-01T00:00:00Z") == 0);
  CHECK(talos::parse_time("2026-01-01T00:00:00Z") == now);
  CHECK(talos::format_time(1791234567) == "2026-10-05T21:09:27Z");
  CHECK(talos::parse_time("2024-02-29T23:59:59Z") == 1709251199);
  for (const std::string_view text :
       {"2026-02-29T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
        "2026-1-01T00:00:00ZZ", "+026-01-01T00:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(talos::parse_time(text));
  }
}
