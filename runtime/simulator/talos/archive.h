// A tar.gz of one file, as a Talos node sends a kubeconfig.
#pragma once

#include <string>

namespace lab::simulator::talos {

std::string tar_gz(const std::string& name, const std::string& content);

}  // namespace lab::simulator::talos
