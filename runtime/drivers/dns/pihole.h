// dns.record/1: a record of a name server in the house.
#pragma once

#include <memory>

#include "runtime/engine/driver.h"

namespace lab::drivers::dns {

std::unique_ptr<engine::Driver> make_record();

}  // namespace lab::drivers::dns
