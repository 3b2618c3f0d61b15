// Virtual machines: what stdlib/core/vm.lab declares, field by field in its order.
#pragma once
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// A disk of a VM.
struct VmDisk : Named {
  static constexpr std::string_view schema = "vm-disk";
  Prop<Size> size;
  Prop<AnyRef> storage;
  Prop<Text> bus;
  Prop<Text> cache;
  Prop<bool> discard;
  Prop<bool> ssd;
  Prop<bool> iothread;
  Prop<bool> backup;
  template <class V>
  static void fields(V&& v) {
    v("size", &VmDisk::size);
    v("storage", &VmDisk::storage);
    v("bus", &VmDisk::bus);
    v("cache", &VmDisk::cache);
    v("discard", &VmDisk::discard);
    v("ssd", &VmDisk::ssd);
    v("iothread", &VmDisk::iothread);
    v("backup", &VmDisk::backup);
  }
};

/// An address that somebody else's DHCP always hands out to this VM.
struct Reserved {
  static constexpr std::string_view schema = "reserved";
  Origin at = 0;
  Prop<Ip> address;
  template <class V>
  static void fields(V&& v) {
    v("address", &Reserved::address);
  }
};

/// How a VM gets the address of a network.
struct NicAddress {
  static constexpr std::string_view schema = "nic-address";
  Text tag;
  Origin at = 0;
  Opt<Ip> ip;
  Opt<Reserved> reserved;
  /// Words: dhcp.
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&NicAddress::ip);
    v("reserved", &NicAddress::reserved);
  }
};

/// A network card, labelled by its network.
struct VmNic : Named {
  static constexpr std::string_view schema = "vm-nic";
  Ref<Network> label;
  NicAddress address;
  Opt<Mac> mac;
  Opt<AnyRef> bridge;
  Prop<Text> model;
  Prop<bool> firewall;
  template <class V>
  static void fields(V&& v) {
    v("address", &VmNic::address);
    v("mac", &VmNic::mac);
    v("bridge", &VmNic::bridge);
    v("model", &VmNic::model);
    v("firewall", &VmNic::firewall);
  }
};

/// A card passed through from the host.
struct VmGpu : Named {
  static constexpr std::string_view schema = "vm-gpu";
  AnyRef label;
  Prop<bool> pcie;
  Prop<bool> primary;
  template <class V>
  static void fields(V&& v) {
    v("pcie", &VmGpu::pcie);
    v("primary", &VmGpu::primary);
  }
};

/// When a VM starts with its host.
struct VmStart {
  static constexpr std::string_view schema = "vm-start";
  Origin at = 0;
  Prop<std::int64_t> order;
  Prop<Duration> up;
  template <class V>
  static void fields(V&& v) {
    v("order", &VmStart::order);
    v("up", &VmStart::up);
  }
};

/// First configuration of a VM that is not a node.
struct CloudInit {
  static constexpr std::string_view schema = "cloud-init";
  Origin at = 0;
  Prop<Text> user;
  List<Prop<Text>> ssh_keys;
  List<Prop<Text>> packages;
  List<Prop<Text>> run;
  template <class V>
  static void fields(V&& v) {
    v("user", &CloudInit::user);
    v("ssh-keys", &CloudInit::ssh_keys);
    v("packages", &CloudInit::packages);
    v("run", &CloudInit::run);
  }
};

/// A virtual machine on a hypervisor.
struct Vm : Named {
  static constexpr std::string_view kind = "vm";
  List<Prop<Ref<Host>>> on;
  Prop<std::int64_t> id;
  Prop<std::int64_t> cores;
  Prop<Size> memory;
  Opt<Size> balloon;
  Prop<Text> cpu;
  Opt<std::int64_t> cpu_units;
  Prop<Text> machine;
  Prop<Text> bios;
  List<Prop<Text>> tags;
  List<VmDisk> disk;
  List<VmNic> nic;
  List<VmGpu> gpu;
  Opt<bool> agent;
  Opt<Text> boot_image;
  Opt<AnyRef> clone;
  Opt<CloudInit> cloud_init;
  Prop<bool> on_boot;
  Opt<VmStart> start;
  Prop<bool> protect;
  Opt<Text> arguments;
  Prop<Data> raw;
  Opt<Ip> ip;
  Prop<Text> role;
  template <class V>
  static void fields(V&& v) {
    v("on", &Vm::on);
    v("id", &Vm::id);
    v("cores", &Vm::cores);
    v("memory", &Vm::memory);
    v("balloon", &Vm::balloon);
    v("cpu", &Vm::cpu);
    v("cpu-units", &Vm::cpu_units);
    v("machine", &Vm::machine);
    v("bios", &Vm::bios);
    v("tags", &Vm::tags);
    v("disk", &Vm::disk);
    v("nic", &Vm::nic);
    v("gpu", &Vm::gpu);
    v("agent", &Vm::agent);
    v("boot-image", &Vm::boot_image);
    v("clone", &Vm::clone);
    v("cloud-init", &Vm::cloud_init);
    v("on-boot", &Vm::on_boot);
    v("start", &Vm::start);
    v("protect", &Vm::protect);
    v("arguments", &Vm::arguments);
    v("raw", &Vm::raw);
    v("ip", &Vm::ip);
    v("role", &Vm::role);
  }
};

}  // namespace lab::model
