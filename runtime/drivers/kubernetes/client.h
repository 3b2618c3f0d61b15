// The Kubernetes API as an administrator of the cluster uses it: kubeconfig, discovery, objects.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/drivers/common/driver.h"

namespace lab::drivers::kubernetes {

inline constexpr std::string_view manager = "labrun";  ///< our field manager, and so our mark on objects

struct Access {
  std::string server;
  engine::Tls tls;
  engine::Secret token;  // null without one
};

/// Reads the current context of a kubeconfig: certificate-authority-data, client certificate or token.
std::optional<Access> read_kubeconfig(std::string_view text);

/// The access that `reference` of a plan leads to.
Outcome<Access> access(Context& context, const Json& reference);

/// What identifies an object.
struct Name {
  std::string api_version, kind, space, name;
  std::string text() const;  ///< "Deployment media/plex"
};
Name name_of(const Json& object);

/// Where kinds are served. Filled by asking, once an API version.
struct Discovery {
  struct Kind {
    std::string plural;
    bool namespaced = false;
  };
  std::map<std::string, std::map<std::string, Kind>> versions;  ///< apiVersion → kind
};

/// An HTTP exchange with the API server. `query` begins with '?' or is empty.
Task<Outcome<Reply>> call(Context& context, Access access, std::string method, std::string path,
                          std::string content_type, engine::Secret body);

/// The path of an object, "/apis/apps/v1/namespaces/media/deployments/plex"; empty when the server does not
/// know the kind.
Task<Outcome<std::string>> path_of(Context& context, const Access& access, Discovery& discovery, Name name);

/// The object; null when it, its kind or its namespace does not exist.
Task<Outcome<Json>> get(Context& context, const Access& access, Discovery& discovery, Name name);

/// The message of a Status object, or the beginning of a body that is none.
std::string message_of(const std::string& body);

}  // namespace lab::drivers::kubernetes
