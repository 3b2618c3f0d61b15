// One HTTP exchange as drivers see it. Secrets stand beside the text, never in it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lab::crypto {
class SecretBytes;
}

namespace lab::engine {

using Secret = std::shared_ptr<const crypto::SecretBytes>;

using Header = std::pair<std::string, std::string>;
using Headers = std::vector<Header>;

// First value of a header, compared without case (RFC 9110 §5.1).
std::optional<std::string_view> header(const Headers& headers, std::string_view name);

struct Tls {
  enum class Verify {
    system,          // the machine's authorities and the name in the URL
    ca,              // the authorities in ca_pem and the name in the URL
    pin_first_seen,  // whatever certificate comes, and when pin_sha256 is given only that one
    none,            // nothing is verified (what listens in Talos' maintenance mode has nothing to verify)
  };
  Verify verify = Verify::system;
  std::string ca_pem;
  std::string pin_sha256;       // hex, SHA-256 of the DER certificate
  std::string client_cert_pem;  // mutual TLS when given, with client_key
  Secret client_key;            // PEM
  bool operator==(const Tls&) const = default;
};

// `name: prefix` followed by the secret's bytes.
struct SecretHeader {
  std::string name;
  std::string prefix;
  Secret value;
};

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::vector<SecretHeader> secret_headers;
  std::string body;
  Secret secret_body;  // sent instead of `body` when given
  Tls tls;
  bool http2_prior = false;                   // HTTP/2 is demanded (gRPC); otherwise what the server offers
  std::chrono::milliseconds timeout{30'000};  // for the whole exchange
  std::size_t largest_reply = 64u << 20;      // bytes; more is a permanent failure
};

struct Reply {
  int status = 0;
  std::string reason;  // text of the status line (Proxmox says there what went wrong); empty in HTTP/2
  Headers headers;
  Headers trailers;
  std::string body;
  std::string peer_sha256;  // of the DER certificate that the server showed; empty without TLS
};

// A program to run: exec/1.
struct Program {
  std::vector<std::string> argv;    // never secrets: argv is visible to every user of the machine
  std::vector<Header> environment;  // added to a minimal one (PATH, HOME, LANG=C)
  std::vector<SecretHeader> secret_environment;
  std::string input;
  Secret secret_input;  // fed to stdin instead of `input` when given
  std::string folder;   // where it runs; the plan's folder when empty
  std::chrono::milliseconds timeout{300'000};
};

struct Exited {
  int status = 0;  // exit status, or 128 + signal
  std::string output;
  std::string errors;
};

}  // namespace lab::engine
