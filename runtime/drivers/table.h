// Every kind of step that labrun can make true.
#pragma once

#include "runtime/engine/driver.h"

namespace lab::drivers {

engine::DriverTable table();

}  // namespace lab::drivers
