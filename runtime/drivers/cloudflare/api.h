// Cloudflare's API v4: envelopes {success, errors[{code, message}], result, result_info}
// (cloudflare/api-schemas).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "runtime/engine/driver.h"

namespace lab::drivers::cloudflare {

using Json = nlohmann::json;

/// One call; the value is `result`. `body` null sends none. Failures carry Cloudflare's code and message.
engine::Task<engine::Outcome<Json>> call(engine::Context& context, Json api, std::string method,
                                         std::string path, Json body);

struct Zone {
  std::string id, account;
};
/// The zone of that name; a permanent failure when the token sees none.
engine::Task<engine::Outcome<Zone>> find_zone(engine::Context& context, Json api, std::string name);

}  // namespace lab::drivers::cloudflare
