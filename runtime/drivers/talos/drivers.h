// The drivers of Talos: schematics at the image factory, node configurations, etcd's first start, health,
// kubeconfig.
#pragma once

#include <memory>

#include "runtime/engine/driver.h"

namespace lab::drivers::talos {

std::unique_ptr<engine::Driver> make_schematic();
std::unique_ptr<engine::Driver> make_config();
std::unique_ptr<engine::Driver> make_bootstrap();
std::unique_ptr<engine::Driver> make_health();
std::unique_ptr<engine::Driver> make_kubeconfig();

}  // namespace lab::drivers::talos
