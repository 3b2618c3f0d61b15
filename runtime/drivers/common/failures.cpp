#include "runtime/drivers/common/failures.h"

#include <fmt/format.h>

#include <charconv>

namespace lab::drivers {
namespace {

using enum engine::FailureClass;

struct Rule {
  Vendor vendor;
  int from, to;           // HTTP status; 0 is a task of the server that failed
  std::string_view text;  // somewhere in the reason; empty matches all
  engine::FailureClass cls;
};

constexpr Rule rules[] = {
    {Vendor::any, 401, 401, "", auth},
    {Vendor::any, 429, 429, "", rate_limited},

    // ---- Proxmox: 595–599 are its proxy's own, for a node that does not answer.
    {Vendor::proxmox, 0, 0, "unexpected status", sent},  // a worker that was killed: only a probe tells
    {Vendor::proxmox, 502, 504, "", retryable_server},   // of a proxy before it
    {Vendor::proxmox, 595, 599, "", retryable_server},
    {Vendor::proxmox, 0, 599, "checksum mismatch", conflict},  // digest of a VM's configuration
    {Vendor::proxmox, 0, 599, "detected modified configuration", conflict},
    {Vendor::proxmox, 0, 599, "got timeout", retryable_server},  // a lock file
    {Vendor::proxmox, 0, 599, "can't lock file", retryable_server},
    {Vendor::proxmox, 0, 599, "got no worker upid", retryable_server},
    {Vendor::proxmox, 0, 599, "is locked", retryable_server},
    {Vendor::proxmox, 0, 599, "connection timed out", retryable_server},
    {Vendor::proxmox, 0, 599, "cluster not ready", retryable_server},
    {Vendor::proxmox, 0, 599, "already exists", conflict},  // the probe says whose it is
    {Vendor::proxmox, 0, 599, "refusing to override", conflict},
    {Vendor::proxmox, 403, 403, "", auth},
    {Vendor::proxmox, 0, 599, "", permanent},

    // ---- Kubernetes
    {Vendor::kubernetes, 500, 500, "failed to create typed patch object", permanent},
    {Vendor::kubernetes, 500, 500, "field not declared in schema", permanent},
    {Vendor::kubernetes, 500, 500, "failed to create manager for existing fields", permanent},
    {Vendor::kubernetes, 500, 500, "unable to convert", permanent},
    {Vendor::kubernetes, 403, 403, "is being terminated", retryable_server},
    {Vendor::kubernetes, 404, 404, "namespaces", retryable_server},  // not made yet
    {Vendor::kubernetes, 404, 404, "the server could not find the requested resource", retryable_server},
    {Vendor::kubernetes, 409, 409, "object has been modified", conflict},
    {Vendor::kubernetes, 409, 409, "", foreign},  // another manager owns the field
    {Vendor::kubernetes, 403, 403, "", permanent},
    {Vendor::kubernetes, 500, 599, "", retryable_server},

    // ---- Cloudflare: 81053, 81057, 81058 say that such a record exists, 1013 a tunnel.
    {Vendor::cloudflare, 400, 499, "81053", conflict},
    {Vendor::cloudflare, 400, 499, "81057", conflict},
    {Vendor::cloudflare, 400, 499, "81058", conflict},
    {Vendor::cloudflare, 400, 499, "1013", conflict},
    {Vendor::cloudflare, 403, 403, "", auth},

    // ---- everyone else
    {Vendor::any, 408, 408, "", retryable_server},
    {Vendor::any, 409, 409, "", conflict},
    {Vendor::any, 425, 425, "", retryable_server},
    {Vendor::any, 501, 501, "", permanent},
    {Vendor::any, 500, 599, "", retryable_server},
};

struct GrpcRule {
  int status;
  std::string_view text;
  engine::FailureClass cls;
};

constexpr GrpcRule grpc_rules[] = {
    {1, "", cancelled},
    {3, "", permanent},         // INVALID_ARGUMENT
    {4, "", timeout},           // DEADLINE_EXCEEDED
    {5, "", permanent},         // NOT_FOUND
    {6, "", conflict},          // ALREADY_EXISTS
    {7, "", auth},              // PERMISSION_DENIED
    {8, "", rate_limited},      // RESOURCE_EXHAUSTED
    {9, "", retryable_server},  // FAILED_PRECONDITION: Talos says so until time is in sync and the API is up
    {10, "", conflict},         // ABORTED
    {12, "API is not implemented in maintenance mode", retryable_server},
    {12, "", permanent},         // UNIMPLEMENTED
    {13, "", retryable_server},  // INTERNAL
    {14, "", retryable_server},  // UNAVAILABLE
    {16, "", auth},              // UNAUTHENTICATED
};

}  // namespace

engine::FailureClass classify(Vendor vendor, int status, std::string_view text) {
  for (const Rule& rule : rules)
    if ((rule.vendor == vendor || rule.vendor == Vendor::any) && status >= rule.from && status <= rule.to &&
        (rule.text.empty() || text.find(rule.text) != std::string_view::npos))
      return rule.cls;
  return engine::FailureClass::permanent;
}

engine::FailureClass classify_grpc(int status, std::string_view text) {
  for (const GrpcRule& rule : grpc_rules)
    if (rule.status == status && (rule.text.empty() || text.find(rule.text) != std::string_view::npos))
      return rule.cls;
  return engine::FailureClass::permanent;
}

engine::Failure failure_of(Vendor vendor, const engine::Reply& reply, std::string_view what,
                           std::string_view text) {
  engine::Failure failure{classify(vendor, reply.status, text),
                          fmt::format("{}: {} {}", what, reply.status, text)};
  if (const auto after = engine::header(reply.headers, "retry-after")) {
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(after->data(), after->data() + after->size(), seconds);
    if (error == std::errc() && end == after->data() + after->size())
      failure.retry_after = std::chrono::seconds(seconds);
  }
  return failure;
}

}  // namespace lab::drivers
