// Cloudflare's API v4: envelopes {success, errors[{code, message}], result, result_info}
// (cloudflare/api-schemas).
#pragma once

#include <string>

#include "runtime/drivers/common/driver.h"

namespace lab::drivers::cloudflare {

/// One call; the value is `result`. `body` null sends none. Failures carry Cloudflare's code and message.
Task<Outcome<Json>> call(Context& context, Json api, std::string method, std::string path, Json body);

struct Zone {
  std::string id, account;
};
/// The zone of that name; a permanent failure when the token sees none.
Task<Outcome<Zone>> find_zone(Context& context, Json api, std::string name);

}  // namespace lab::drivers::cloudflare
