// Drivers for what has no driver of its own: any HTTP API, a program run here, a person's consent.
#pragma once

#include <memory>

#include "runtime/engine/driver.h"

namespace lab::drivers::general {

std::unique_ptr<engine::Driver> make_http();
std::unique_ptr<engine::Driver> make_exec();
std::unique_ptr<engine::Driver> make_approve();

}  // namespace lab::drivers::general
