// LAB0523: it is known on which disk Talos installs itself. LAB0525: the VM has that disk.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"
#include "compiler/model/node_facts.h"

namespace lab::checks {

namespace {

/// Disks that Linux counts together: `sd` for what SCSI drives, `vd` for virtio.
std::string_view driver_of(const model::VmDisk& disk) {
  return *disk.bus == "virtio" ? "vd" : "sd";
}

/// What the first disk of a VM is called.
std::string name_of_first(const model::Vm& vm) {
  return fmt::format("/dev/{}a", driver_of(vm.disk.front()));
}

/// Whether a VM has a disk of this name; names by id, path or label are not known here.
bool has_disk(const model::Vm& vm, std::string_view path) {
  constexpr std::string_view folder = "/dev/";
  if (!path.starts_with(folder) || path.find('/', folder.size()) != std::string_view::npos) return true;
  const std::string_view name = path.substr(folder.size());
  if (name.size() != 3 || name[2] < 'a' || name[2] > 'z') return false;
  const auto count = std::count_if(vm.disk.begin(), vm.disk.end(),
                                   [&](const model::VmDisk& d) { return driver_of(d) == name.substr(0, 2); });
  return name[2] - 'a' < count;
}

void unknown(const model::Node& node, Context& context) {
  context
      .report(make(Code::talos_install, context.span(node.at), "no disk to install on",
                   "it is not said on which disk Talos installs itself on `{}`", node.name))
      .note("write `install = \"/dev/sda\"` in the cluster's `talos { … }` or in a `nodes` block");
}

void missing(const model::Vm& vm, const model::Opt<model::Text>& install, Context& context) {
  Diagnostic& d =
      context.report(make(Code::install_disk_missing, context.span(install.at),
                          fmt::format("not on `{}`", vm.name), "vm `{}` has no disk {}", vm.name, *install));
  for (const model::VmDisk& disk : vm.disk)
    context.label(d, disk.at,
                  fmt::format("disk `{}`, bus `{}`: /dev/{}…", disk.name, *disk.bus, driver_of(disk)));
  if (vm.disk.empty()) return;
  const std::string right = name_of_first(vm);
  offer_text(context, d, install.at, fmt::format("\"{}\"", *install), fmt::format("\"{}\"", right),
             Applicability::maybe);
}

}  // namespace

void node_disks(const model::Lab& lab, Context& context) {
  for (const model::Node& node : lab.nodes) {
    if (!lab.get(node.cluster).distribution.talos) continue;
    const model::Vm* vm = lab.as<model::Vm>(node.machine);
    const auto install = model::facts_of(lab, node).install;
    if (!install && (vm == nullptr || vm->disk.empty())) {
      unknown(node, context);
    } else if (install && vm != nullptr && !has_disk(*vm, *install)) {
      missing(*vm, install, context);
    }
  }
}

}  // namespace lab::checks
