// Machines: boot media on the storages of Proxmox nodes, VMs, and that they run.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compiler/lower/plan/vm.h"

namespace lab::lower::plan {

namespace {

/// What a change of a VM means. Memory, cores and cards change in place (some at the next start); firmware
/// and chipset are part of what was installed; where a disk lies is never changed behind the back of its
/// data.
const std::vector<Change> vm_changes = {
    {"node", "refuse"},
    {"params", "update"},
    {"params.bios", "replace"},
    {"params.efidisk0", "replace"},
    {"params.machine", "replace"},
    {"params.scsihw", "replace"},
    {"params.ide0", "refuse"},
    {"params.sata0", "refuse"},
    {"params.scsi0", "refuse"},
    {"params.virtio0", "refuse"},
    {"resize", "update"},
};

class Machines {
 public:
  explicit Machines(Draft& draft) : draft_(draft), lab_(draft.lab) {}

  void run() {
    for (const model::Vm& vm : lab_.vms) add_vm(vm);
    for (const model::Node& node : lab_.nodes)
      if (const model::Host* host = lab_.as<model::Host>(node.machine)) add_host_node(*host, node);
  }

 private:
  const std::string& group_of(const model::Host& host) {
    return draft_.group(id_text(fmt::format("host/{}", host.name)), fmt::format("host {}", host.name));
  }

  /// `api` of every step on a host.
  Map api_of(const model::Host& host) {
    const model::ProxmoxApi& proxmox = *host.proxmox;
    draft_.needs_product("proxmox", ">=8.3 <10");  // 8.3 has storage content `import`
    Map api = draft_.arena.map(proxmox.at);
    const std::string address = host.address->family == types::Family::v6
                                    ? fmt::format("[{}]", host.address->format())
                                    : host.address->format();
    api.set("endpoint", fmt::format("https://{}:{}", address, *proxmox.port), host.address.at);
    if (proxmox.token)
      api.set("token", draft_.text(*proxmox.token, fmt::format("host/{}/token", host.name), proxmox.token.at),
              proxmox.token.at);
    else
      api.set("token", draft_.from_environment(id_text(fmt::format("host/{}/token", host.name)),
                                               variable_of("LABRUN_PVE_TOKEN", host.name)));
    if (!*proxmox.verify_tls) api.set("verify_tls", false, proxmox.verify_tls.at);
    return api;
  }

  static std::string variable_of(std::string_view prefix, std::string_view name) {
    std::string out = fmt::format("{}_{}", prefix, name);
    std::ranges::transform(out, out.begin(), [](char c) {
      if (c >= 'a' && c <= 'z') return static_cast<char>(c - 32);
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    });
    return out;
  }

  std::string pool_of(Text node, Text storage) {
    return draft_.pool(fmt::format("pve:{}:{}", node, storage), 2);
  }

  struct Boot {
    Medium medium;
    std::string step;  // that fetches it; empty when it is there already
  };

  Boot boot_of(const model::Vm& vm, const Place& place, const std::optional<TalosImage>& image) {
    if (image) {
      const model::Cluster& cluster = lab_.get(lab_.node_of(lab_.any_of(vm))->cluster);
      const model::Prop<Text>& boot = cluster.distribution.talos->boot;
      const bool iso = *boot == "iso";
      return fetch(place, image->url, image->file, iso, cluster.distribution.at,
                   schematic_step(image->schematic));
    }
    if (!vm.boot_image) return {};
    const Text from = *vm.boot_image;
    const bool iso = from.ends_with(".iso");
    if (from.starts_with("https://") || from.starts_with("http://"))
      return fetch(place, std::string(from), std::string(from.substr(from.rfind('/') + 1)), iso,
                   vm.boot_image.at, {});
    return {{std::string(from), iso}, {}};
  }

  /// The step that fetches a file to the node, once for all VMs that boot from it.
  Boot fetch(const Place& place, const std::string& url, const std::string& file, bool iso, Origin at,
             const std::string& after) {
    const std::string_view content = iso ? "iso" : "import";
    const FileStorage storage = file_storage(*place.host, content);
    const std::string id = image_step(storage.shared ? Text("shared") : place.node, storage.name, file);
    Boot boot{{fmt::format("{}:{}/{}", storage.name, content, file), iso}, id};
    if (draft_.has_step(id)) return boot;
    Step& step = draft_.step(id, "proxmox.image/1", group_of(*place.host),
                             fmt::format("{} on {}", file, place.host->name), at);
    const Map api = api_of(*place.host);
    step.key.set("endpoint", api.find("endpoint")->text()).set("node", place.node);
    step.key.set("storage", storage.name).set("filename", file);
    step.desired.set("api", api).set("node", place.node).set("storage", storage.name);
    step.desired.set("content", content).set("url", url).set("filename", file);
    step.needs.push_back(pool_of(place.node, storage.name));
    if (!after.empty()) step.after.push_back(after);
    return boot;
  }

  void add_vm(const model::Vm& vm) {
    const model::Host* host = vm.on.empty() ? nullptr : lab_.find(*vm.on.front());
    if (host == nullptr || !host->proxmox) return;
    if (vm.clone) return add_clone(vm, *host);
    const Place place{host, *host->proxmox->node};
    const model::Node* node = lab_.node_of(lab_.any_of(vm));
    std::optional<TalosImage> image;
    if (node != nullptr && lab_.get(node->cluster).distribution.talos)
      image = talos_image(lab_, *node, model::facts_of(lab_, *node), draft_.arena);
    const Boot boot = boot_of(vm, place, image);
    const VmBody body = vm_body(draft_, vm, place, boot.medium, node, image ? &*image : nullptr);

    const std::string id = vm_step(vm.name);
    Step& step = draft_.step(id, "proxmox.vm/1", group_of(*host),
                             fmt::format("VM {} on {}", vm.name, host->name), vm.at);
    step.of = lab_.any_of(vm);
    step.key.set("node", place.node).set("vmid", *vm.id, vm.id.at).set("marker", marker(lab_, "vm", vm.name));
    const Map api = api_of(*host);
    step.desired.set("api", api).set("node", place.node).set("vmid", *vm.id, vm.id.at);
    step.desired.set("params", body.params);
    if (!List(body.resize).empty()) step.desired.set("resize", body.resize);
    step.on_change = vm_changes;
    step.protect = *vm.protect;
    for (const std::string& storage : body.storages) step.needs.push_back(pool_of(place.node, storage));
    if (!boot.step.empty()) step.after.push_back(boot.step);
    add_gpu_mappings(vm, place, step);

    Step& power = draft_.step(power_step(vm.name), "proxmox.power/1", group_of(*host),
                              fmt::format("VM {} runs", vm.name), vm.at);
    power.of = lab_.any_of(vm);
    power.key.set("node", place.node).set("vmid", *vm.id, vm.id.at);
    power.desired.set("api", api)
        .set("node", place.node)
        .set("vmid", *vm.id, vm.id.at)
        .set("state", "running");
    power.on_change = {{"state", "update"}};
    power.protect = *vm.protect;
    power.after.push_back(id);
    add_leases(vm, image ? &*image : nullptr, power);
    add_first_start(vm, *host);
  }

  /// What labrun cannot make: it asks for it, and goes on when a person says that it is there.
  Step& ask(std::string name, const model::Host& host, std::string title, std::string message, Origin at) {
    Step& step = draft_.step(id_text(fmt::format("approve/{}", name)), "approve/1", group_of(host),
                             std::move(title), at);
    step.key.set("name", id_text(name));
    step.desired.set("message", message);
    step.approve = std::move(message);
    return step;
  }

  /// Steps that need the VM to run name this one by the id that it would have otherwise.
  void add_clone(const model::Vm& vm, const model::Host& host) {
    Step& step = draft_.step(power_step(vm.name), "approve/1", group_of(host),
                             fmt::format("VM {} runs", vm.name), vm.at);
    step.of = lab_.any_of(vm);
    step.key.set("name", step.id);
    step.approve = fmt::format("Clone the template {} of {} to the VM {} with id {}, and start it.",
                               vm.clone->block, host.name, vm.name, *vm.id);
    step.desired.set("message", step.approve);
  }

  /// Cards are passed through by the names of mappings, which only an administrator of the node can make.
  void add_gpu_mappings(const model::Vm& vm, const Place& place, Step& step) {
    for (const model::VmGpu& gpu : vm.gpu) {
      const model::HostGpu* card = lab_.gpu_of(gpu.label);
      if (card == nullptr) continue;
      const std::string name = fmt::format("gpu/{}/{}", place.host->name, card->name);
      const std::string id = id_text(fmt::format("approve/{}", name));
      step.after.push_back(id);
      if (draft_.has_step(id)) continue;
      std::string map = fmt::format("node={},path={}", place.node, *card->pci);
      if (!card->ids.empty()) map += fmt::format(",id={}", *card->ids.front());
      if (card->group) map += fmt::format(",iommugroup={}", *card->group);
      ask(name, *place.host, fmt::format("PCI mapping {} on {}", card->name, place.host->name),
          fmt::format("As root on {}: pvesh create /cluster/mapping/pci --id {} --map {}", place.host->name,
                      card->name, map),
          card->at);
    }
  }

  /// An address that somebody else's DHCP gives: reserved ones, and those of a node that cannot be told its
  /// address before it has its configuration.
  void add_leases(const model::Vm& vm, const TalosImage* image, Step& power) {
    const bool told = image == nullptr || image->platform == "nocloud";
    for (const model::VmNic& nic : vm.nic) {
      model::Opt<model::Ip> ip = nic.address.ip;
      if (nic.address.reserved)
        ip = {true, *nic.address.reserved->address, nic.address.reserved->address.at};
      else if (told)
        continue;
      const model::Network* network = lab_.find(nic.label);
      if (!ip || network == nullptr) continue;
      const std::string name = fmt::format("lease/{}/{}", vm.name, network->name);
      power.after.push_back(id_text(fmt::format("approve/{}", name)));
      ask(name, *lab_.find(*vm.on.front()), fmt::format("DHCP of {} knows {}", network->name, vm.name),
          fmt::format("Let DHCP in the network {} always give {} to {} (VM {}).", network->name, ip->format(),
                      mac_of(lab_, vm, nic).format(), vm.name),
          nic.at);
    }
  }

  /// Proxmox' own cloud-init drive knows users, keys and addresses; files with more than that cannot be
  /// uploaded by its API.
  void add_first_start(const model::Vm& vm, const model::Host& host) {
    if (!vm.cloud_init || (vm.cloud_init->packages.empty() && vm.cloud_init->run.empty())) return;
    std::string message = fmt::format("On {}:", vm.name);
    if (!vm.cloud_init->packages.empty()) message += " install";
    for (const auto& package : vm.cloud_init->packages) message += fmt::format(" {}", *package);
    if (!vm.cloud_init->packages.empty()) message += ".";
    for (const auto& command : vm.cloud_init->run) message += fmt::format("\n  {}", *command);
    const model::Origin at =
        vm.cloud_init->packages.empty() ? vm.cloud_init->run.front().at : vm.cloud_init->packages.front().at;
    Step& step = ask(fmt::format("first-start/{}", vm.name), host,
                     fmt::format("{} has what its first start brings", vm.name), std::move(message), at);
    step.after.push_back(power_step(vm.name));
  }

  /// A machine of metal is booted by a person.
  void add_host_node(const model::Host& host, const model::Node& node) {
    if (!lab_.get(node.cluster).distribution.talos) return;
    const TalosImage image = talos_image(lab_, node, model::facts_of(lab_, node), draft_.arena);
    Step& step = ask(fmt::format("boot/{}", host.name), host, fmt::format("{} booted into Talos", host.name),
                     fmt::format("Boot {} from {} and let it have the address {}.", host.name, image.url,
                                 host.address->format()),
                     node.at);
    step.of = node.machine;
    step.after.push_back(schematic_step(image.schematic));
  }

  Draft& draft_;
  const model::Lab& lab_;
};

}  // namespace

void add_machines(Draft& draft) {
  Machines(draft).run();
}

}  // namespace lab::lower::plan
