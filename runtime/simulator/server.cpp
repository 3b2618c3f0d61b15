#include "runtime/simulator/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace lab::simulator {
namespace {

constexpr std::size_t read_size = 16 * 1024;

std::uint16_t port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.sin_port);
}

/// A socket bound to a free port on 127.0.0.1, or -1.
int bound_socket() {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (made >= 0 && bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return made;
  if (made >= 0) ::close(made);
  return -1;
}

}  // namespace

struct Server::Listener {
  explicit Listener(engine::Loop& on) : loop(on) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  engine::Loop& loop;
  int socket = -1;
  std::uint16_t port = 0;
  TlsContext context{nullptr, SSL_CTX_free};
  bool http2 = false;
  Handler handler;

  ~Listener() {
    if (socket < 0) return;
    loop.unwatch(socket);
    ::close(socket);
  }
};

struct Server::Connection {
  explicit Connection(engine::Loop& on) : loop(on) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  engine::Loop& loop;
  int socket = -1;
  std::uint16_t port = 0;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, SSL_free};
  std::unique_ptr<Protocol> protocol;
  std::string out;
  engine::Loop::Timer held = 0;  ///< the timer that lets the output go; 0 when nothing holds it
  bool shaken = false, write_blocked = false;

  ~Connection() {
    if (held != 0) loop.cancel(held);
    tls.reset();
    if (socket < 0) return;
    loop.unwatch(socket);
    ::close(socket);
  }
};

Server::Server(engine::Loop& loop) : loop_(loop) {}

Server::~Server() {
  if (refusing_ >= 0) ::close(refusing_);
}

std::uint16_t Server::listen(const TlsSettings& tls, Handler handler) {
  auto listener = std::make_unique<Listener>(loop_);
  listener->context = make_context(tls);
  listener->http2 = tls.http2;
  listener->handler = std::move(handler);
  listener->socket = bound_socket();
  if (!listener->context || listener->socket < 0 || ::listen(listener->socket, SOMAXCONN) != 0) return 0;
  listener->port = port_of(listener->socket);
  const std::uint16_t port = listener->port;
  loop_.watch(listener->socket, POLLIN, [this, raw = listener.get()](short) { accept_on(*raw); });
  listeners_.emplace(listener->socket, std::move(listener));
  return port;
}

void Server::close(std::uint16_t port) {
  std::erase_if(connections_, [port](const auto& each) { return each.second->port == port; });
  std::erase_if(listeners_, [port](const auto& each) { return each.second->port == port; });
}

std::uint16_t Server::refused() {
  if (refusing_ < 0) {  // bound and never listening: the kernel answers with a reset
    refusing_ = bound_socket();
    refusing_port_ = refusing_ < 0 ? 0 : port_of(refusing_);
  }
  return refusing_port_;
}

void Server::serve(int socket) {
  const auto found = connections_.find(socket);
  if (found == connections_.end()) return;
  Connection& connection = *found->second;
  const std::uint16_t port = connection.port;
  const bool goes_on = advance(connection);
  // What a request sets off may close the listener, and with it this connection.
  const auto after = connections_.find(socket);
  if (after == connections_.end() || after->second->port != port) return;
  if (!goes_on) {
    connections_.erase(after);
    return;
  }
  const auto events = static_cast<short>(POLLIN | (connection.write_blocked ? POLLOUT : 0));
  loop_.watch(socket, events, [this, socket](short) { serve(socket); });
}

void Server::accept_on(Listener& listener) {
  for (;;) {
    const int socket = accept4(listener.socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>(loop_);
    connection->socket = socket;
    connection->port = listener.port;
    connection->tls.reset(SSL_new(listener.context.get()));
    SSL_set_fd(connection->tls.get(), socket);
    SSL_set_accept_state(connection->tls.get());
    connection->protocol = listener.http2 ? make_http2(listener.handler) : make_http1(listener.handler);
    connections_.emplace(socket, std::move(connection));
    serve(socket);
  }
}

bool Server::advance(Connection& connection) {
  SSL* tls = connection.tls.get();
  connection.write_blocked = false;
  const auto may_go_on = [&](int result) {
    const int error = SSL_get_error(tls, result);
    ERR_clear_error();
    connection.write_blocked = connection.write_blocked || error == SSL_ERROR_WANT_WRITE;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  };
  if (!connection.shaken) {
    const int result = SSL_do_handshake(tls);
    if (result != 1) return may_go_on(result);
    connection.shaken = true;
    connection.protocol->client_subject = client_subject(tls);
  }
  for (char buffer[read_size]; !connection.protocol->closing;) {
    const int got = SSL_read(tls, buffer, static_cast<int>(sizeof buffer));
    if (got <= 0) {
      if (!may_go_on(got)) return false;
      break;
    }
    if (!connection.protocol->input({buffer, static_cast<std::size_t>(got)})) return false;
  }
  if (connection.held != 0) return true;
  if (const auto delay = std::exchange(connection.protocol->delay, {}); delay.count() > 0) {
    connection.held = loop_.after(delay, [this, raw = &connection] {
      raw->held = 0;
      serve(raw->socket);
    });
    return true;
  }
  connection.out += connection.protocol->output();
  while (!connection.out.empty()) {
    const int sent = SSL_write(tls, connection.out.data(), static_cast<int>(connection.out.size()));
    if (sent <= 0) return may_go_on(sent);
    connection.out.erase(0, static_cast<std::size_t>(sent));
  }
  if (connection.protocol->closing) SSL_shutdown(tls);
  return !connection.protocol->closing;
}

}  // namespace lab::simulator
