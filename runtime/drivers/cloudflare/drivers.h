// The drivers of Cloudflare: DNS records and tunnels.
#pragma once

#include <memory>

#include "runtime/engine/driver.h"

namespace lab::drivers::cloudflare {

std::unique_ptr<engine::Driver> make_record();
std::unique_ptr<engine::Driver> make_tunnel();

}  // namespace lab::drivers::cloudflare
