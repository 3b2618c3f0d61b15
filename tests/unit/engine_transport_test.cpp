#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "crypto/secret_bytes.h"
#include "runtime/engine/process.h"
#include "runtime/engine/transport.h"
#include "tests/unit/loopback.h"

using namespace lab;
using namespace lab::engine;
using namespace std::chrono_literals;

namespace {

// Accepts on 127.0.0.1, reads one request a connection, and answers what it was told to: bytes, then the end.
class Answers {
 public:
  Answers(Loop& loop, std::string answer, bool holds = false)
      : loop_(loop), answer_(std::move(answer)), holds_(holds) {
    port = listener_.port();
    loop_.watch(listener_.fd(), POLLIN, [this](short) {
      const int peer = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      ++connections;
      loop_.watch(peer, POLLIN, [this, peer](short) { serve(peer); });
    });
  }
  ~Answers() { loop_.unwatch(listener_.fd()); }
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  std::uint16_t port = 0;
  int connections = 0;
  std::string request;

 private:
  void serve(int peer) {
    char buffer[4096];
    const ssize_t count = read(peer, buffer, sizeof buffer);
    if (count > 0) request.append(buffer, static_cast<std::size_t>(count));
    if (count <= 0) {
      loop_.unwatch(peer);
      close(peer);
      return;
    }
    if (holds_ || request.find("\r\n\r\n") == std::string::npos) return;
    CHECK(write(peer, answer_.data(), answer_.size()) == static_cast<ssize_t>(answer_.size()));
    loop_.unwatch(peer);
    close(peer);
  }
  Loop& loop_;
  std::string answer_;
  bool holds_;
  lab::test::Loopback listener_;
};

// Routes every host to one port.
struct One : Network {
  std::uint16_t port = 0;
  Outcome<Route> route(std::string_view host, std::uint16_t) override {
    if (host == "nowhere") return Failure{FailureClass::not_sent, "no such host"};
    return Route{port, ""};
  }
  Outcome<Exited> run(const Program&) override { return Exited{}; }
  nlohmann::json save() const override { return {}; }
};

Task<void> ask(Transport& transport, Request request, Outcome<Reply>& into, Loop& loop) {
  into = co_await transport.send(std::move(request));
  loop.post([&loop] { loop.stop(); });
}

Outcome<Reply> exchange(Loop& loop, Network& network, Request request) {
  Transport transport(loop, &network);
  Outcome<Reply> reply = Failure{};
  auto task = ask(transport, std::move(request), reply, loop);
  task.start();
  loop.run();
  return reply;
}

Request get(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

}  // namespace

TEST_CASE("A reply has its status line, headers, body and trailers") {
  Loop loop(Loop::Time::simulated);
  One network;
  Answers server(loop,
                 "HTTP/1.1 500 unable to create VM 100\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "5\r\nhello\r\n0\r\nT: end\r\n\r\n");
  network.port = server.port;
  Request request = get("http://pve1.example:8006/x");
  request.method = "PUT";
  request.body = "{}";
  request.headers = {{"Content-Type", "application/json"}};
  request.secret_headers = {{"Authorization", "Token=",
                             std::make_shared<crypto::SecretBytes>(crypto::SecretBytes::copy_text("s3"))}};
  const auto reply = exchange(loop, network, std::move(request));
  REQUIRE(reply.ok());
  CHECK(reply->status == 500);
  CHECK(reply->reason == "unable to create VM 100");
  CHECK(header(reply->headers, "a") == "b");
  CHECK(reply->body == "hello");
  CHECK(header(reply->trailers, "t") == "end");
  CHECK(server.request.starts_with("PUT /x HTTP/1.1\r\nHost: pve1.example:8006\r\n"));
  CHECK(server.request.find("\r\nAuthorization: Token=s3\r\n") != std::string::npos);
}

TEST_CASE("A failure says how far the request came") {
  Loop loop(Loop::Time::simulated);
  One network;
  SECTION("nobody listens") {
    network.port = 1;
    CHECK(exchange(loop, network, get("http://h/")).error().cls == FailureClass::not_sent);
  }
  SECTION("no route") {
    CHECK(exchange(loop, network, get("http://nowhere/")).error().cls == FailureClass::not_sent);
  }
  SECTION("no URL") {
    CHECK(exchange(loop, network, get("http://:x:/")).error().cls == FailureClass::permanent);
  }
  SECTION("read, and not answered: not sent again either") {
    Answers server(loop, "");
    network.port = server.port;
    Request request = get("http://h/");
    request.method = "POST";
    CHECK(exchange(loop, network, std::move(request)).error().cls == FailureClass::sent);
    CHECK(server.connections == 1);
  }
  SECTION("half an answer") {
    Answers server(loop, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    network.port = server.port;
    CHECK(exchange(loop, network, get("http://h/")).error().cls == FailureClass::sent);
  }
  SECTION("no answer in time, which is simulated") {
    Answers server(loop, "", true);
    network.port = server.port;
    Request request = get("http://h/");
    request.timeout = 1h;
    CHECK(exchange(loop, network, std::move(request)).error().cls == FailureClass::timeout);
    CHECK(loop.now().time_since_epoch() == 1h);
  }
  SECTION("too much of an answer") {
    Answers server(loop, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
    network.port = server.port;
    Request request = get("http://h/");
    request.largest_reply = 9;
    CHECK(exchange(loop, network, std::move(request)).error().cls == FailureClass::permanent);
  }
}

namespace {

Task<void> start(Loop& loop, Program program, Outcome<Exited>& into) {
  into = co_await run_program(loop, std::move(program));
  loop.post([&loop] { loop.stop(); });
}

Outcome<Exited> result_of(Program program) {
  Loop loop(Loop::Time::real);
  Outcome<Exited> exited = Failure{};
  auto task = start(loop, std::move(program), exited);
  task.start();
  loop.run();
  return exited;
}

}  // namespace

TEST_CASE("A program gets its input and environment, and gives its outputs and status") {
  Program program;
  program.argv = {"sh", "-c", "cat; echo \"$A $B\" >&2; exit 3"};
  program.environment = {{"A", "1"}};
  program.secret_environment = {
      {"B", "", std::make_shared<crypto::SecretBytes>(crypto::SecretBytes::copy_text("two"))}};
  program.input = std::string(200'000, 'x');
  const auto exited = result_of(program);
  REQUIRE(exited.ok());
  CHECK(exited->status == 3);
  CHECK(exited->output == program.input);
  CHECK(exited->errors == "1 two\n");
  program.argv = {"/nonexistent/program"};
  CHECK(result_of(program).error().cls == FailureClass::not_sent);
  program.argv = {"sh", "-c", "kill -9 $$"};
  CHECK(result_of(program)->status == 137);
}

TEST_CASE("A program that takes too long is killed with what it started") {
  Program program;
  program.argv = {"sh", "-c", "sleep 100 & wait"};
  program.timeout = 50ms;
  CHECK(result_of(std::move(program)).error().cls == FailureClass::timeout);
}
