#include "runtime/engine/transport.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <memory>

#include "crypto/secret_bytes.h"
#include "runtime/engine/handshake.h"

namespace lab::engine {

namespace {

// A list of header lines; wiped, because some hold secrets.
struct Lines {
  curl_slist* first = nullptr;
  ~Lines() {
    for (curl_slist* at = first; at != nullptr; at = at->next) crypto::wipe(at->data, std::strlen(at->data));
    curl_slist_free_all(first);
  }
  Lines() = default;
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  void add(const char* line) { first = curl_slist_append(first, line); }
};

struct Host {
  std::string name;
  std::uint16_t port = 0;
};

std::optional<Host> host_of(const std::string& url) {
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  Host host;
  char* part = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_HOST, &part, 0) != CURLUE_OK) return std::nullopt;
  host.name = part;
  curl_free(part);
  if (curl_url_get(parsed.get(), CURLUPART_PORT, &part, CURLU_DEFAULT_PORT) != CURLUE_OK) return std::nullopt;
  host.port = static_cast<std::uint16_t>(std::strtoul(part, nullptr, 10));
  curl_free(part);
  return host;
}

}  // namespace

// One request on its way: what libcurl calls back into, and what the coroutine waits for.
class Transport::Exchange {
 public:
  Exchange(Transport& transport, Request request)
      : transport_(transport), loop_(transport.loop_), request_(std::move(request)) {}
  ~Exchange() {
    loop_.cancel(timer_);
    if (easy_ == nullptr) return;
    if (waiting_) {
      loop_.drop(easy_);
      --transport_.in_flight_;
    }
    curl_easy_cleanup(easy_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // A failure when the request cannot even be begun.
  std::optional<Failure> prepare();

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> who) {
    who_ = who;
    waiting_ = true;
    ++transport_.in_flight_;
    timer_ = loop_.after(request_.timeout, [this] {
      loop_.drop(easy_);
      resume(CURLE_OPERATION_TIMEDOUT);
    });
    loop_.transfer(easy_, [this](int code) { resume(code); });
  }
  Outcome<Reply> await_resume() { return finish(); }

 private:
  void resume(int code) {
    waiting_ = false;
    --transport_.in_flight_;
    code_ = static_cast<CURLcode>(code);
    loop_.cancel(timer_);
    who_.resume();  // may destroy this
  }
  void set_tls(std::string_view routed_ca);
  void set_headers();
  Outcome<Reply> finish();

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_, option, value);
  }
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);

  Transport& transport_;
  Loop& loop_;
  Request request_;
  CURL* easy_ = nullptr;
  Lines lines_;
  Lines connect_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string authorities_;
  Loop::Timer timer_ = 0;
  std::coroutine_handle<> who_;
  bool waiting_ = false;
  bool too_large_ = false;
  std::shared_ptr<Handshake> handshake_;
  bool body_began_ = false;
  CURLcode code_ = CURLE_OK;
  Reply reply_;
};

std::size_t Transport::Exchange::on_header(char* data, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  Reply& reply = exchange.reply_;
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/") && !exchange.body_began_) {  // of an interim answer, or the final one
    reply.headers.clear();
    const std::size_t code = line.find(' ');
    const std::size_t text = code == std::string_view::npos ? code : line.find(' ', code + 1);
    reply.reason = text == std::string_view::npos ? std::string() : std::string(line.substr(text + 1));
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return size;
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  (exchange.body_began_ ? reply.trailers : reply.headers).emplace_back(line.substr(0, colon), value);
  return size;
}

std::size_t Transport::Exchange::on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.body_began_ = true;
  if (exchange.reply_.body.size() + size > exchange.request_.largest_reply) {
    exchange.too_large_ = true;
    return 0;
  }
  exchange.reply_.body.append(data, size);
  return size;
}

void Transport::Exchange::set_tls(std::string_view routed_ca) {
  const Tls& tls = request_.tls;
  const bool by_issuer = tls.verify == Tls::Verify::system || tls.verify == Tls::Verify::ca;
  if (tls.verify == Tls::Verify::ca) authorities_ = tls.ca_pem + "\n";
  if (by_issuer) authorities_ += routed_ca;
  if (by_issuer && !authorities_.empty()) {
    curl_blob blob{authorities_.data(), authorities_.size(), CURL_BLOB_COPY};
    set(CURLOPT_CAINFO_BLOB, &blob);
  }
  handshake_ = std::make_shared<Handshake>();
  handshake_->by_issuer = by_issuer;
  if (tls.verify == Tls::Verify::pin_first_seen) handshake_->pin = tls.pin_sha256;
  const auto watch = +[](CURL*, void* context, void* handshake) {
    return watch_handshake(static_cast<SSL_CTX*>(context),
                           *static_cast<const std::shared_ptr<Handshake>*>(handshake))
               ? CURLE_OK
               : CURLE_OUT_OF_MEMORY;
  };
  set(CURLOPT_SSL_CTX_FUNCTION, watch);
  set(CURLOPT_SSL_CTX_DATA, &handshake_);
  if (!by_issuer) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
    // Only a whole handshake shows the certificate.
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    set(CURLOPT_FORBID_REUSE, 1L);
  }
  if (!tls.client_cert_pem.empty() && tls.client_key) {
    const std::string_view key = tls.client_key->expose_text();
    curl_blob certificate{const_cast<char*>(tls.client_cert_pem.data()), tls.client_cert_pem.size(),
                          CURL_BLOB_COPY};
    curl_blob secret{const_cast<char*>(key.data()), key.size(),
                     CURL_BLOB_NOCOPY};  // the request outlives the transfer
    set(CURLOPT_SSLCERT_BLOB, &certificate);
    set(CURLOPT_SSLCERTTYPE, "PEM");
    set(CURLOPT_SSLKEY_BLOB, &secret);
    set(CURLOPT_SSLKEYTYPE, "PEM");
  }
}

void Transport::Exchange::set_headers() {
  bool typed = false;
  for (const auto& [name, value] : request_.headers) {
    typed = typed || header({{name, ""}}, "content-type").has_value();
    lines_.add((value.empty() ? name + ";" : name + ": " + value).c_str());
  }
  for (const SecretHeader& secret : request_.secret_headers) {
    crypto::SecretBuilder line;
    line.append(secret.name).append(": ").append(secret.prefix);
    if (secret.value) line.append(*secret.value);
    line.append('\0');
    lines_.add(line.take().expose_text().data());
  }
  if (!typed) lines_.add("Content-Type:");  // libcurl's own guess for a body is a form
  lines_.add("Expect:");                    // no 100-continue
  set(CURLOPT_HTTPHEADER, lines_.first);
}

std::optional<Failure> Transport::Exchange::prepare() {
  const std::optional<Host> host = host_of(request_.url);
  if (!host) return Failure{FailureClass::permanent, fmt::format("`{}` is no URL", request_.url)};
  std::string routed_ca;
  easy_ = curl_easy_init();
  if (transport_.network_ != nullptr) {
    auto route = transport_.network_->route(host->name, host->port);
    if (!route.ok()) return route.error();
    connect_.add(fmt::format("::127.0.0.1:{}", route->port).c_str());
    set(CURLOPT_CONNECT_TO, connect_.first);
    routed_ca = route->ca_pem;
  }
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, transport_.network_ != nullptr ? "" : nullptr);
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_HTTP_VERSION,
      request_.http2_prior ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS);
  set(CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
  set(CURLOPT_USERAGENT, "labrun");
  const std::string_view body = request_.secret_body ? request_.secret_body->expose_text() : request_.body;
  if (!body.empty() || request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());
  }
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else {
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  // On a connection that was used before and turns out to be dead libcurl sends again. What is not idempotent
  // goes out on a new one, so that it is sent once (RFC 9110 §9.2.2).
  if (request_.method == "POST" && !request_.http2_prior) set(CURLOPT_FRESH_CONNECT, 1L);
  set_headers();
  set_tls(routed_ca);
  return std::nullopt;
}

Outcome<Reply> Transport::Exchange::finish() {
  if (code_ == CURLE_OK) {
    long status = 0;
    long version = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
    if (request_.http2_prior && version != CURL_HTTP_VERSION_2_0) {
      return Failure{FailureClass::permanent, fmt::format("{} does not speak HTTP/2", request_.url)};
    }
    reply_.status = static_cast<int>(status);
    reply_.peer_sha256 = handshake_->peer_sha256;
    return std::move(reply_);
  }
  const std::string why = error_[0] != '\0' ? std::string(error_.data()) : curl_easy_strerror(code_);
  long sent = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent);
  const std::string where = fmt::format("{} {}", request_.method, request_.url);
  if (const std::string problem = handshake_->peer_problem(); !problem.empty())
    return Failure{FailureClass::tls, fmt::format("{}: {}", where, problem)};
  if (const std::string problem = handshake_->own_problem(); !problem.empty())
    return Failure{FailureClass::auth, fmt::format("{}: {}", where, problem)};
  if (too_large_) {
    return Failure{FailureClass::permanent,
                   fmt::format("{}: the answer is larger than {} bytes", where, request_.largest_reply)};
  }
  switch (code_) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return Failure{FailureClass::tls, fmt::format("{}: {}", where, why)};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Failure{FailureClass::permanent, fmt::format("{}: {}", where, why)};
    case CURLE_OPERATION_TIMEDOUT: {
      if (sent == 0) return Failure{FailureClass::not_sent, fmt::format("{}: no connection in time", where)};
      return Failure{FailureClass::timeout,
                     fmt::format("{}: no answer in {} s", where, request_.timeout.count() / 1000)};
    }
    default:
      return Failure{sent == 0 ? FailureClass::not_sent : FailureClass::sent,
                     fmt::format("{}: {}", where, why)};
  }
}

Transport::Transport(Loop& loop, Network* network, unsigned per_host) : loop_(loop), network_(network) {
  curl_multi_setopt(loop.multi(), CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(per_host));
}

Task<Outcome<Reply>> Transport::send(Request request) {
  Exchange exchange(*this, std::move(request));
  if (std::optional<Failure> failure = exchange.prepare()) co_return std::move(*failure);
  Outcome<Reply> reply = co_await exchange;
  co_return std::move(reply);
}

}  // namespace lab::engine
