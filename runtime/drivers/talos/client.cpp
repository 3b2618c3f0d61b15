#include "runtime/drivers/talos/client.h"

#include <fmt/format.h>

#include <charconv>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/common/yaml.h"

namespace lab::drivers::talos {
namespace {

/// Talos writes "ED25519 PRIVATE KEY" over the PKCS#8 body of such keys (siderolabs/crypto x509/x509.go),
/// which OpenSSL knows as "PRIVATE KEY".
std::string common_label(std::string pem) {
  constexpr std::string_view label = "ED25519 PRIVATE KEY";
  for (std::size_t at = 0; (at = pem.find(label, at)) != std::string::npos;)
    pem.erase(at, label.find(' ') + 1);
  return pem;
}

std::string field(const nlohmann::json& map, const char* name) {
  return map.contains(name) && map[name].is_string() ? base64_decode(map[name].get<std::string>())
                                                     : std::string();
}

engine::Request request_to(Peer peer, std::string_view path) {
  engine::Request request;
  request.method = "POST";
  request.url = fmt::format("https://{}:{}{}", in_url(peer.address), api_port, path);
  request.headers = {{"Content-Type", "application/grpc"}, {"TE", "trailers"}};
  request.tls = std::move(peer.tls);
  request.http2_prior = true;
  return request;
}

Outcome<Answer> answer_of(const Reply& reply, std::string_view path) {
  // Without a body the status stands among the headers ("Trailers-Only").
  auto status = engine::header(reply.trailers, "grpc-status");
  if (!status) status = engine::header(reply.headers, "grpc-status");
  if (!status)
    return Failure{FailureClass::sent, fmt::format("{}: HTTP {} without a gRPC status", path, reply.status)};
  auto message = engine::header(reply.trailers, "grpc-message");
  if (!message) message = engine::header(reply.headers, "grpc-message");
  Answer answer;
  const auto [end, error] = std::from_chars(status->data(), status->data() + status->size(), answer.status);
  if (error != std::errc())
    return Failure{FailureClass::sent, fmt::format("{}: a gRPC status that is no number", path)};
  answer.message = message.value_or("");
  const auto messages = unframe(reply.body);
  if (!messages) return Failure{FailureClass::sent, fmt::format("{}: the answer is cut off", path)};
  answer.bodies.assign(messages->begin(), messages->end());
  return answer;
}

}  // namespace

std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::optional<Credentials> read_talosconfig(std::string_view text) {
  const auto documents = read_yaml(text);
  if (!documents || documents->empty() || !documents->front().is_object()) return std::nullopt;
  const nlohmann::json& config = documents->front();
  const std::string name =
      config.contains("context") && config["context"].is_string() ? config["context"].get<std::string>() : "";
  if (!config.contains("contexts") || !config["contexts"].is_object() || !config["contexts"].contains(name))
    return std::nullopt;
  const nlohmann::json& context = config["contexts"][name];
  Credentials out{field(context, "ca"), field(context, "crt"), nullptr};
  const std::string key = common_label(field(context, "key"));
  if (out.ca_pem.empty() || out.certificate_pem.empty() || key.empty()) return std::nullopt;
  out.key = std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(key));
  return out;
}

Outcome<Credentials> credentials(Context& context, const nlohmann::json& reference) {
  auto text = context.secret(reference);
  if (!text) return text.error();
  auto read = read_talosconfig((*text)->expose_text());
  if (!read) return permanent("the talosconfig lacks a current context with ca, crt and key");
  return std::move(*read);
}

Peer administrator(std::string address, const Credentials& credentials) {
  Peer peer{std::move(address), {}};
  peer.tls.verify = engine::Tls::Verify::ca;
  peer.tls.ca_pem = credentials.ca_pem;
  peer.tls.client_cert_pem = credentials.certificate_pem;
  peer.tls.client_key = credentials.key;
  return peer;
}

Peer stranger(std::string address) {
  Peer peer{std::move(address), {}};
  peer.tls.verify = engine::Tls::Verify::none;
  return peer;
}

Task<Outcome<Answer>> ask(Context& context, Peer peer, std::string_view path, std::string message) {
  engine::Request request = request_to(std::move(peer), path);
  request.body = frame(message);
  auto reply = co_await context.http(std::move(request));
  if (!reply) co_return reply.error();
  co_return answer_of(*reply, path);
}

Task<Outcome<Answer>> ask_secretly(Context& context, Peer peer, std::string_view path,
                                   engine::Secret framed) {
  engine::Request request = request_to(std::move(peer), path);
  request.secret_body = std::move(framed);
  auto reply = co_await context.http(std::move(request));
  if (!reply) co_return reply.error();
  co_return answer_of(*reply, path);
}

Task<Outcome<Answer>> demand(Context& context, Peer peer, std::string_view path, std::string message) {
  auto asking = ask(context, std::move(peer), path, std::move(message));
  auto answer = co_await std::move(asking);
  if (answer && answer->status != Status::ok)
    co_return Failure{classify_grpc(answer->status, answer->message),
                      fmt::format("{}: {} (gRPC {})", path, answer->message, answer->status)};
  co_return answer;
}

bool not_yet(const Failure& failure) {
  return failure.cls == FailureClass::not_sent || failure.cls == FailureClass::sent ||
         failure.cls == FailureClass::timeout || failure.cls == FailureClass::tls ||
         failure.cls == FailureClass::retryable_server || failure.cls == FailureClass::rate_limited;
}

Task<Outcome<MachineStatus>> machine_state(Context& context, Peer peer) {
  auto asking = demand(context, std::move(peer), call::get, encode(machine_status));
  auto answer = co_await std::move(asking);
  if (!answer) co_return answer.error();
  co_return read_machine_status(read_resource(answer->body()));
}

}  // namespace lab::drivers::talos
