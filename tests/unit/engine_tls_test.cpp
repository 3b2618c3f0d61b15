// Whom the transport trusts: each mode of Tls, with peers that fit and peers that do not. A request to one
// that does not is never sent.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "crypto/secret_bytes.h"
#include "runtime/engine/transport.h"
#include "tests/unit/tls_server.h"

using namespace lab;
using namespace lab::engine;
using lab::test::a_day;
using lab::test::Identity;
using lab::test::issue;
using lab::test::TlsServer;

namespace {

const Identity& authority() {
  static const Identity made = issue({.name = "authority"});
  return made;
}
const Identity& other_authority() {
  static const Identity made = issue({.name = "authority"});  // of the same name
  return made;
}
const std::string here = "IP:127.0.0.1,DNS:localhost";
const Identity& good() {
  static const Identity made = issue({.names = here, .issuer = &authority()});
  return made;
}

Task<void> ask(Transport& transport, Request request, Outcome<Reply>& into, Loop& loop) {
  into = co_await transport.send(std::move(request));
  loop.post([&loop] { loop.stop(); });
}

Outcome<Reply> get(Loop& loop, Transport& transport, const TlsServer& server, Tls tls,
                   std::string_view host = "127.0.0.1") {
  Request request;
  request.url = fmt::format("https://{}:{}/secret-path", host, server.port);
  request.tls = std::move(tls);
  request.timeout = std::chrono::seconds(5);
  Outcome<Reply> reply = Failure{};
  auto task = ask(transport, std::move(request), reply, loop);
  task.start();
  loop.run();
  return reply;
}

// One request to a server of its own; and what the server got.
struct Seen {
  Outcome<Reply> reply = Failure{};
  std::string received;
  std::string client;
};

Seen one(const Identity& server_identity, Tls tls, std::string_view host = "127.0.0.1",
         const Identity* clients = nullptr, int newest = TLS1_3_VERSION, Network* network = nullptr) {
  setenv("no_proxy", "*", 1);
  TlsServer server(server_identity, clients, newest);
  Seen seen;
  {
    Loop loop(Loop::Time::real);
    Transport transport(loop, network);
    seen.reply = get(loop, transport, server, std::move(tls), host);
  }
  server.stop();
  seen.received = server.received;
  seen.client = server.client;
  return seen;
}

void check_accepted(const Seen& seen) {
  INFO((seen.reply.ok() ? "" : seen.reply.error().message));
  REQUIRE(seen.reply.ok());
  CHECK(seen.reply->status == 200);
  CHECK(seen.reply->body == "ok");
  CHECK(seen.received.starts_with("GET /secret-path HTTP/1.1\r\n"));
}

void check_refused(const Seen& seen, FailureClass cls = FailureClass::tls) {
  REQUIRE_FALSE(seen.reply.ok());
  INFO(seen.reply.error().message);
  CHECK(seen.reply.error().cls == cls);
  CHECK(seen.received.empty());
}

Tls by(Tls::Verify verify) {
  Tls tls;
  tls.verify = verify;
  return tls;
}
Tls by_ca(const Identity& one) {
  Tls tls = by(Tls::Verify::ca);
  tls.ca_pem = one.certificate_pem();
  return tls;
}
Tls pinned(std::string sha256) {
  Tls tls = by(Tls::Verify::pin_first_seen);
  tls.pin_sha256 = std::move(sha256);
  return tls;
}
Tls with_client(Tls tls, const Identity& one) {
  tls.client_cert_pem = one.certificate_pem();
  tls.client_key = std::make_shared<crypto::SecretBytes>(crypto::SecretBytes::copy_text(one.key_pem()));
  return tls;
}

}  // namespace

TEST_CASE("An authority of the plan: its certificates for the name in the URL are taken") {
  check_accepted(one(good(), by_ca(authority())));
  check_accepted(one(good(), by_ca(authority()), "localhost"));
  Tls several = by_ca(other_authority());
  several.ca_pem += authority().certificate_pem();
  check_accepted(one(good(), several));
  check_accepted(one(good(), by_ca(authority()), "127.0.0.1", nullptr, TLS1_2_VERSION));
}

TEST_CASE("An authority of the plan: nothing else is taken, and nothing is sent to it") {
  check_refused(one(good(), by_ca(other_authority())));
  check_refused(one(issue({.names = here}), by_ca(authority())));  // signed by itself
  check_refused(one(issue({.names = here, .issuer = &authority(), .from = -2 * a_day, .until = -a_day}),
                    by_ca(authority())));  // expired
  check_refused(one(issue({.names = here, .issuer = &authority(), .from = a_day, .until = 2 * a_day}),
                    by_ca(authority())));  // not valid yet
  const Identity elsewhere = issue({.names = "IP:127.0.0.2,DNS:elsewhere.example", .issuer = &authority()});
  check_refused(one(elsewhere, by_ca(authority())));
  check_refused(one(elsewhere, by_ca(authority()), "localhost"));
  // Issuers of one name, told apart by nothing but the signature.
  const Identity old = issue({.name = "old", .key_ids = false}),
                 young = issue({.name = "old", .key_ids = false});
  check_refused(one(issue({.names = here, .issuer = &old, .key_ids = false}), by_ca(young)));
  check_refused(one(good(), by(Tls::Verify::ca)));  // no authority at all
  Tls garbage = by(Tls::Verify::ca);
  garbage.ca_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  check_refused(one(good(), garbage));
}

TEST_CASE("The machine's authorities: one that it does not know is refused") {
  check_refused(one(good(), by(Tls::Verify::system)));
  check_refused(one(issue({.names = here}), by(Tls::Verify::system)));
}

namespace {

// A simulated world tells whom to trust in addition.
struct Trusting : Network {
  Outcome<Route> route(std::string_view, std::uint16_t port) override {
    return Route{port, authority().certificate_pem()};
  }
  Outcome<Exited> run(const Program&) override { return Exited{}; }
  nlohmann::json save() const override { return {}; }
};

}  // namespace

TEST_CASE("A simulated world's authority counts where authorities count, and nowhere else") {
  Trusting world;
  const auto in_world = [&](const Identity& server, Tls tls) {
    return one(server, std::move(tls), "127.0.0.1", nullptr, TLS1_3_VERSION, &world);
  };
  check_accepted(in_world(good(), by(Tls::Verify::system)));
  check_accepted(in_world(good(), by_ca(other_authority())));
  check_refused(in_world(issue({.names = here, .issuer = &other_authority()}), by(Tls::Verify::system)));
  check_refused(in_world(good(), pinned(authority().sha256())));
}

TEST_CASE("A pinned certificate is taken whoever issued it and whatever it says, and no other one is") {
  const Identity odd = issue({.names = "DNS:elsewhere.example", .from = -2 * a_day, .until = -a_day});
  const Seen first = one(odd, pinned(""));
  check_accepted(first);
  CHECK(first.reply->peer_sha256 == odd.sha256());
  check_accepted(one(odd, pinned(odd.sha256())));
  check_refused(one(good(), pinned(odd.sha256())));
  check_refused(one(issue({.names = "DNS:elsewhere.example"}), pinned(odd.sha256())));
  check_refused(one(odd, pinned(authority().sha256())));
  check_accepted(one(odd, pinned(odd.sha256()), "127.0.0.1", nullptr, TLS1_2_VERSION));
  check_refused(one(good(), pinned(odd.sha256()), "127.0.0.1", nullptr, TLS1_2_VERSION));
}

TEST_CASE("A pin is looked at for every request, also on a server that keeps connections") {
  setenv("no_proxy", "*", 1);
  TlsServer server(good());
  {
    Loop loop(Loop::Time::real);
    Transport transport(loop, nullptr);
    CHECK(get(loop, transport, server, pinned(good().sha256())).ok());
    const auto second = get(loop, transport, server, pinned(authority().sha256()));
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().cls == FailureClass::tls);
    const auto third = get(loop, transport, server, pinned(""));
    REQUIRE(third.ok());
    CHECK(third->peer_sha256 == good().sha256());
  }
  server.stop();
  CHECK(server.handshakes == 2);
}

TEST_CASE("A connection that was trusted for one authority is not used for another") {
  setenv("no_proxy", "*", 1);
  TlsServer server(good());
  {
    Loop loop(Loop::Time::real);
    Transport transport(loop, nullptr);
    CHECK(get(loop, transport, server, by(Tls::Verify::none)).ok());
    CHECK(get(loop, transport, server, by_ca(authority())).ok());
    const auto other = get(loop, transport, server, by_ca(other_authority()));
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().cls == FailureClass::tls);
  }
  server.stop();
}

TEST_CASE("Without verification any certificate is taken, and reported") {
  const Identity odd = issue({.names = "DNS:elsewhere.example", .from = -2 * a_day, .until = -a_day});
  const Seen seen = one(odd, by(Tls::Verify::none));
  check_accepted(seen);
  CHECK(seen.reply->peer_sha256 == odd.sha256());
}

TEST_CASE("A client shows its certificate, and a server that wants another one gets no request") {
  const Identity clients = issue({.name = "clients"});
  const Identity me = issue({.name = "me", .issuer = &clients});
  const Identity stranger = issue({.name = "stranger", .issuer = &other_authority()});
  const Identity late = issue({.name = "late", .issuer = &clients, .from = -2 * a_day, .until = -a_day});
  for (const int newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(newest);
    const auto ask_as = [&](Tls tls) { return one(good(), std::move(tls), "127.0.0.1", &clients, newest); };
    const Seen seen = ask_as(with_client(by_ca(authority()), me));
    check_accepted(seen);
    CHECK(seen.client == "me");
    CHECK(ask_as(with_client(by(Tls::Verify::none), me)).client == "me");
    CHECK(ask_as(with_client(pinned(good().sha256()), me)).client == "me");
    check_refused(ask_as(by_ca(authority())), FailureClass::auth);
    check_refused(ask_as(with_client(by_ca(authority()), stranger)), FailureClass::auth);
    check_refused(ask_as(with_client(by_ca(authority()), late)), FailureClass::auth);
    // Who the server is, is looked at first.
    const Seen wrong_server = ask_as(with_client(by_ca(other_authority()), me));
    check_refused(wrong_server);
    CHECK(wrong_server.client.empty());
    Identity mixed = me;
    mixed.key = stranger.key;
    check_refused(ask_as(with_client(by_ca(authority()), mixed)));
  }
}
