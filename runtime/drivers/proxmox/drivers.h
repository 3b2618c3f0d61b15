// The drivers of Proxmox VE: images on storages, VMs, and whether VMs run.
#pragma once

#include <memory>

#include "runtime/engine/driver.h"

namespace lab::drivers::proxmox {

std::unique_ptr<engine::Driver> make_image();
std::unique_ptr<engine::Driver> make_vm();
std::unique_ptr<engine::Driver> make_power();

}  // namespace lab::drivers::proxmox
