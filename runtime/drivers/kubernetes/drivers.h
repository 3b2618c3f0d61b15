// The drivers of Kubernetes: objects by server-side apply, and waiting for objects.
#pragma once

#include <memory>

#include "runtime/engine/driver.h"

namespace lab::drivers::kubernetes {

std::unique_ptr<engine::Driver> make_apply();
std::unique_ptr<engine::Driver> make_wait();

}  // namespace lab::drivers::kubernetes
