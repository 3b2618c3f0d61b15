#include "compiler/lower/plan/vm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace lab::lower::plan {

namespace {

constexpr std::int64_t mib = 1 << 20;
constexpr std::int64_t gib = 1 << 30;

/// What a new volume is asked for: gibibytes, with a fraction where there is one.
std::string gibibytes(std::int64_t bytes) {
  if (bytes % gib == 0) return fmt::format("{}", bytes / gib);
  return fmt::format("{:g}", static_cast<double>(bytes) / static_cast<double>(gib));
}

/// A size as `resize` takes it, binary units.
std::string absolute(std::int64_t bytes) {
  if (bytes % gib == 0) return fmt::format("{}G", bytes / gib);
  if (bytes % mib == 0) return fmt::format("{}M", bytes / mib);
  return fmt::format("{}K", (bytes + 1023) / 1024);
}

/// RFC 3986 §2.1; Proxmox wants the keys' text encoded once more than the request is.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

class Body {
 public:
  Body(Draft& draft, const model::Vm& vm, const Place& place, const model::Node* node,
       const TalosImage* image)
      : lab_(draft.lab),
        vm_(vm),
        place_(place),
        node_(node),
        image_(image),
        body_{draft.arena.map(vm.at), draft.arena.list(vm.at), {}} {}

  VmBody make(const Medium& medium) {
    add_machine();
    add_disks(medium);
    add_cards();
    add_gpus();
    add_cloud_init();
    add_rest();
    if (const model::Data raw = *vm_.raw) params().merge(*raw);
    std::sort(body_.storages.begin(), body_.storages.end());
    return body_;
  }

 private:
  Map params() { return body_.params; }
  bool is_talos() const { return image_ != nullptr; }

  void add_machine() {
    Map p = params();
    p.set("name", vm_.name, vm_.at).set("ostype", "l26");
    p.set("machine", *vm_.machine == "q35" ? Text("q35") : Text("pc"), vm_.machine.at);
    p.set("bios", *vm_.bios, vm_.bios.at).set("cpu", *vm_.cpu, vm_.cpu.at);
    p.set("sockets", 1, vm_.cores.at).set("cores", *vm_.cores, vm_.cores.at);
    if (vm_.cpu_units) p.set("cpuunits", *vm_.cpu_units, vm_.cpu_units.at);
    p.set("memory", fmt::format("{}", vm_.memory->bytes / mib), vm_.memory.at);
    p.set("balloon", vm_.balloon ? vm_.balloon->bytes / mib : 0,
          vm_.balloon ? vm_.balloon.at : vm_.memory.at);
    if (has_agent()) p.set("agent", "enabled=1", vm_.agent ? vm_.agent.at : vm_.at);
    p.set("serial0", "socket");
  }

  bool has_agent() const {
    if (vm_.agent) return *vm_.agent;
    if (!is_talos()) return false;
    return std::ranges::any_of(image_->parts.extensions, [](const auto& e) {
      return std::string_view(e.text).ends_with("/qemu-guest-agent");
    });
  }

  std::string storage_of(const model::AnyRef& ref) {
    const model::HostStorage* storage = lab_.storage_of(ref);
    std::string name(storage != nullptr ? storage->name : ref.block);
    if (std::ranges::find(body_.storages, name) == body_.storages.end()) body_.storages.push_back(name);
    return name;
  }

  /// Talos' installer is tested on virtio-scsi-pci (siderolabs/talos#11173), which has no threads a disk.
  std::string_view controller() const {
    const bool thread =
        std::ranges::any_of(vm_.disk, [](const model::VmDisk& d) { return *d.bus == "scsi" && *d.iothread; });
    return !is_talos() && thread ? "virtio-scsi-single" : "virtio-scsi-pci";
  }

  void add_disks(const Medium& medium) {
    Map p = params();
    p.set("scsihw", controller());
    std::map<std::string_view, unsigned> next;
    std::string boot;
    for (const model::VmDisk& disk : vm_.disk) {
      const std::string slot = fmt::format("{}{}", *disk.bus, next[*disk.bus]++);
      const std::string storage = storage_of(*disk.storage);
      const bool imported = boot.empty() && !medium.volume.empty() && !medium.iso;
      std::string text = imported ? fmt::format("{}:0,import-from={}", storage, medium.volume)
                                  : fmt::format("{}:{}", storage, gibibytes(disk.size->bytes));
      if (*disk.cache != "none") text += fmt::format(",cache={}", *disk.cache);
      if (*disk.discard) text += ",discard=on";
      const bool threads =
          *disk.bus == "virtio" || (*disk.bus == "scsi" && controller() == "virtio-scsi-single");
      if (*disk.iothread && threads) text += ",iothread=1";
      if (*disk.ssd && *disk.bus != "virtio") text += ",ssd=1";
      if (!*disk.backup) text += ",backup=0";
      p.set(slot, text, disk.at);
      if (imported)
        body_.resize.map(disk.at).set("disk", slot).set("size", absolute(disk.size->bytes), disk.size.at);
      if (boot.empty()) boot = slot;
      if (slot == boot && *vm_.bios == "ovmf")
        p.set("efidisk0", fmt::format("{}:1,efitype=4m,pre-enrolled-keys=0", storage), vm_.bios.at);
    }
    if (medium.iso) {
      p.set("ide2", fmt::format("{},media=cdrom", medium.volume),
            node_ != nullptr ? node_->at : vm_.boot_image.at);
      boot += boot.empty() ? "ide2" : ";ide2";
    }
    if (!boot.empty()) p.set("boot", fmt::format("order={}", boot));
  }

  std::string_view bridge_of(const model::VmNic& nic) const {
    if (nic.bridge) return nic.bridge->block;
    for (const model::HostBridge& bridge : place_.host->bridge)
      for (const auto& network : bridge.trunk)
        if (*network == nic.label) return bridge.name;
    return "vmbr0";
  }

  void add_cards() {
    for (std::size_t i = 0; i < vm_.nic.size(); ++i) {
      const model::VmNic& nic = vm_.nic[i];
      const model::Network* network = lab_.find(nic.label);
      std::string mac = mac_of(lab_, vm_, nic).format();
      std::ranges::transform(mac, mac.begin(),
                             [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
      std::string text = fmt::format("model={},macaddr={},bridge={}", *nic.model, mac, bridge_of(nic));
      if (network != nullptr && network->vlan) text += fmt::format(",tag={}", *network->vlan);
      if (network != nullptr && *network->mtu != 1500 && *nic.model == "virtio")
        text += fmt::format(",mtu={}", *network->mtu);
      if (*nic.firewall) text += ",firewall=1";
      params().set(fmt::format("net{}", i), text, nic.at);
    }
  }

  void add_gpus() {
    for (std::size_t i = 0; i < vm_.gpu.size(); ++i) {
      const model::VmGpu& gpu = vm_.gpu[i];
      std::string text = fmt::format("mapping={}", gpu.label.block);
      if (*gpu.pcie) text += ",pcie=1";
      if (*gpu.primary) text += ",x-vga=1";
      params().set(fmt::format("hostpci{}", i), text, gpu.at);
    }
  }

  /// A drive that gives the VM its addresses at first boot; nothing for images that do not look for one.
  void add_cloud_init() {
    const bool talos = is_talos() && image_->platform == "nocloud";
    if (!talos && !vm_.cloud_init) return;
    if (vm_.disk.empty()) return;
    Map p = params();
    const Origin at = talos ? vm_.at : vm_.cloud_init.at;
    p.set("citype", "nocloud", at);
    p.set("ide0", fmt::format("{}:cloudinit", storage_of(*vm_.disk.front().storage)), at);
    if (vm_.cloud_init) {
      p.set("ciuser", *vm_.cloud_init->user, vm_.cloud_init->user.at);
      std::string keys;
      for (const auto& key : vm_.cloud_init->ssh_keys) keys += fmt::format("{}\n", *key);
      if (!keys.empty()) p.set("sshkeys", percent_encoded(keys), vm_.cloud_init->ssh_keys.front().at);
    }
    std::string servers;
    bool gateway = false;
    for (std::size_t i = 0; i < vm_.nic.size(); ++i) {
      const model::VmNic& nic = vm_.nic[i];
      const model::Network* network = lab_.find(nic.label);
      p.set(fmt::format("ipconfig{}", i), address_of(nic, network, gateway), nic.at);
      if (i == 0 && network != nullptr) servers = name_servers(*network);
    }
    if (!servers.empty()) p.set("nameserver", servers);
  }

  static std::string address_of(const model::VmNic& nic, const model::Network* network, bool& gateway) {
    if (!nic.address.ip || network == nullptr) return "ip=dhcp";
    const model::Ip& ip = *nic.address.ip;
    const std::string_view six = ip.family == types::Family::v6 ? "6" : "";
    std::string text = fmt::format("ip{}={}/{}", six, ip.format(), static_cast<int>(network->cidr->length));
    if (network->gateway && !gateway) text += fmt::format(",gw{}={}", six, network->gateway->format());
    gateway |= static_cast<bool>(network->gateway);
    return text;
  }

  std::string name_servers(const model::Network& network) const {
    std::string out;
    for (const model::NameServer& server : network.dns) {
      const model::Opt<model::Ip> ip = server.ip ? server.ip : lab_.ip_of(server.ref);
      if (!ip) continue;
      if (!out.empty()) out += ' ';
      out += ip->format();
    }
    return out;
  }

  void add_rest() {
    Map p = params();
    p.set("onboot", *vm_.on_boot ? 1 : 0, vm_.on_boot.at);
    if (vm_.start) {
      std::string text = fmt::format("order={}", *vm_.start->order);
      if (vm_.start->up->ms > 0) text += fmt::format(",up={}", vm_.start->up->to_seconds());
      p.set("startup", text, vm_.start.at);
    }
    if (*vm_.protect) p.set("protection", 1, vm_.protect.at);
    if (vm_.arguments) p.set("args", *vm_.arguments, vm_.arguments.at);
    // Proxmox keeps tags sorted, each once, in lower case.
    std::set<std::string> tags;
    for (const auto& tag : vm_.tags) {
      std::string lower(*tag);
      std::ranges::transform(lower, lower.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      tags.insert(std::move(lower));
    }
    if (!tags.empty()) p.set("tags", fmt::format("{}", fmt::join(tags, ";")), vm_.tags.front().at);
    p.set("description", fmt::format("lab-id: {}", marker(lab_, "vm", vm_.name)));
  }

  const model::Lab& lab_;
  const model::Vm& vm_;
  const Place& place_;
  const model::Node* node_;
  const TalosImage* image_;
  VmBody body_;
};

}  // namespace

VmBody vm_body(Draft& draft, const model::Vm& vm, const Place& place, const Medium& medium,
               const model::Node* node, const TalosImage* image) {
  return Body(draft, vm, place, node, image).make(medium);
}

FileStorage file_storage(const model::Host& host, std::string_view content) {
  for (const model::HostStorage& storage : host.storage)
    for (const auto& held : storage.content)
      if (*held == content) return {storage.name, *storage.shared};
  return {};
}

types::Mac mac_of(const model::Lab& lab, const model::Vm& vm, const model::VmNic& nic) {
  if (nic.mac) return *nic.mac;
  const model::Network* network = lab.find(nic.label);
  const std::int64_t vlan = network != nullptr && network->vlan ? *network->vlan : 0;
  return types::derived_mac(static_cast<std::uint32_t>(*vm.id), static_cast<std::uint32_t>(vlan));
}

}  // namespace lab::lower::plan
