#include "compiler/lower/talos_image.h"

#include <fmt/format.h>

#include "compiler/types/version.h"

namespace lab::lower {

namespace {

/// `qemu-guest-agent` is short for the official extension; others are given with their owner.
std::string extension_name(std::string_view name) {
  return name.find('/') == std::string_view::npos ? fmt::format("siderolabs/{}", name) : std::string(name);
}

/// Instruction set of the machine's host.
std::string_view arch_of(const model::Lab& lab, const model::Node& node) {
  if (const model::Host* host = lab.host_of(node.machine)) return *host->arch;
  if (const model::Vm* vm = lab.as<model::Vm>(node.machine); vm != nullptr && !vm->on.empty()) {
    if (const model::Host* first = lab.find(*vm->on.front())) return *first->arch;
  }
  return "amd64";
}

}  // namespace

TalosImage talos_image(const model::Lab& lab, const model::Node& node, const model::NodeFacts& facts,
                       document::Arena& arena) {
  const model::Distribution::Talos& talos = *lab.get(node.cluster).distribution.talos;
  TalosImage image;
  for (const auto& arg : talos.kernel_args) image.parts.kernel_args.push_back({std::string(*arg), arg.at});
  for (const auto& extension : facts.extensions) {
    image.parts.extensions.push_back({extension_name(*extension), extension.at});
  }
  image.document = schematic_document(arena, image.parts).node();
  image.schematic = schematic_id(*image.document);
  const auto version = types::Version::parse(*talos.version);
  image.version = version ? version->with_v() : std::string(*talos.version);
  image.platform = lab.as<model::Vm>(node.machine) != nullptr ? *talos.platform : "metal";

  const std::string_view secure = *talos.secure_boot ? "-secureboot" : "";
  const std::string_view form = *talos.boot == "iso" ? "iso" : "qcow2";
  const std::string_view arch = arch_of(lab, node);
  image.installer = fmt::format("{}/{}-installer{}/{}:{}", *talos.factory, image.platform, secure,
                                image.schematic, image.version);
  image.medium = fmt::format("{}-{}{}.{}", image.platform, arch, secure, form);
  image.url =
      fmt::format("https://{}/image/{}/{}/{}", *talos.factory, image.schematic, image.version, image.medium);
  image.file = fmt::format("talos-{}-{}-{}{}-{}.{}", image.version, image.platform, arch, secure,
                           std::string_view(image.schematic).substr(0, 8), form);
  return image;
}

}  // namespace lab::lower
