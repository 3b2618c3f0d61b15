// What an error answer of a vendor's API means for trying again. One table, first match wins.
//
// Sources: Proxmox answers 500 for most refusals and says why in the status line (proxmox/pve-http-server
// AnyEvent.pm, proxmox/pve-common Exception.pm); Kubernetes answers 500 to a patch with unknown fields
// (apimachinery typed patch errors), which never heals; Cloudflare's codes stand in its API schema; gRPC's
// status codes in grpc/grpc doc/statuscodes.md.
#pragma once

#include <string_view>

#include "runtime/engine/http.h"
#include "runtime/engine/outcome.h"

namespace lab::drivers {

enum class Vendor { proxmox, kubernetes, cloudflare, talos, any };

/// The class of an HTTP answer `status` whose reason says `text` (status line, message or body).
engine::FailureClass classify(Vendor vendor, int status, std::string_view text);

/// The class of a gRPC status (1–16) whose message says `text`.
engine::FailureClass classify_grpc(int status, std::string_view text);

/// A failure for an HTTP reply that is not a success; `what` says what was asked, `text` what the server
/// said. Reads Retry-After (RFC 9110 §10.2.3, seconds only).
engine::Failure failure_of(Vendor vendor, const engine::Reply& reply, std::string_view what,
                           std::string_view text);

inline engine::Failure permanent(std::string message) {
  return {engine::FailureClass::permanent, std::move(message)};
}

}  // namespace lab::drivers
