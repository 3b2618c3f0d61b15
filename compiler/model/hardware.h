// Machines that exist: what stdlib/core/hardware.lab declares, field by field in its order.
#pragma once
#include "compiler/model/endpoints.h"
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"
#include "compiler/model/settings.h"

namespace lab::model {

/// How the API of Proxmox is reached.
struct ProxmoxApi {
  static constexpr std::string_view schema = "proxmox-api";
  Origin at = 0;
  Opt<MaybeSecret> token;
  Opt<Text> user;
  Opt<MaybeSecret> password;
  Prop<std::int64_t> port;
  Prop<Text> node;
  Prop<bool> verify_tls;
  template <class V>
  static void fields(V&& v) {
    v("token", &ProxmoxApi::token);
    v("user", &ProxmoxApi::user);
    v("password", &ProxmoxApi::password);
    v("port", &ProxmoxApi::port);
    v("node", &ProxmoxApi::node);
    v("verify-tls", &ProxmoxApi::verify_tls);
  }
};

/// Storage of a hypervisor.
struct HostStorage : Named {
  static constexpr std::string_view schema = "host-storage";
  Prop<Text> kind_;
  Opt<Size> size;
  List<Prop<Text>> content;
  Opt<Text> pool;
  Prop<bool> shared;
  template <class V>
  static void fields(V&& v) {
    v("kind", &HostStorage::kind_);
    v("size", &HostStorage::size);
    v("content", &HostStorage::content);
    v("pool", &HostStorage::pool);
    v("shared", &HostStorage::shared);
  }
};

/// A bridge of a hypervisor.
struct HostBridge : Named {
  static constexpr std::string_view schema = "host-bridge";
  List<Prop<Ref<Network>>> trunk;
  Opt<Text> port;
  template <class V>
  static void fields(V&& v) {
    v("trunk", &HostBridge::trunk);
    v("port", &HostBridge::port);
  }
};

/// A graphics card or other PCI device that can be passed to one machine.
struct HostGpu : Named {
  static constexpr std::string_view schema = "host-gpu";
  Prop<Text> pci;
  Prop<Text> vendor;
  Opt<Size> memory;
  Prop<bool> iommu;
  List<Prop<Text>> ids;
  Opt<std::int64_t> group;
  template <class V>
  static void fields(V&& v) {
    v("pci", &HostGpu::pci);
    v("vendor", &HostGpu::vendor);
    v("memory", &HostGpu::memory);
    v("iommu", &HostGpu::iommu);
    v("ids", &HostGpu::ids);
    v("group", &HostGpu::group);
  }
};

/// A template that exists on the hypervisor, to clone from.
struct HostTemplate : Named {
  static constexpr std::string_view schema = "host-template";
  Prop<Text> named;
  Opt<std::int64_t> id;
  template <class V>
  static void fields(V&& v) {
    v("named", &HostTemplate::named);
    v("id", &HostTemplate::id);
  }
};

/// A further address of a host.
struct HostNic : Named {
  static constexpr std::string_view schema = "host-nic";
  Ref<Network> label;
  Prop<Ip> address;
  Opt<Mac> mac;
  Opt<Text> interface;
  template <class V>
  static void fields(V&& v) {
    v("address", &HostNic::address);
    v("mac", &HostNic::mac);
    v("interface", &HostNic::interface);
  }
};

/// A machine in the house that others are placed on, or that is itself a node.
struct Host : Named {
  static constexpr std::string_view kind = "host";
  Prop<Ref<Network>> on;
  Prop<Ip> address;
  Opt<Mac> mac;
  Opt<std::int64_t> cores;
  Opt<Size> memory;
  Prop<Size> reserve;
  Prop<Text> arch;
  Prop<Text> zone;
  Opt<ProxmoxApi> proxmox;
  List<HostStorage> storage;
  List<HostBridge> bridge;
  List<HostGpu> gpu;
  List<HostTemplate> template_;
  List<HostNic> nic;
  List<Prop<Text>> kernel_args;
  Prop<Ip> ip;
  template <class V>
  static void fields(V&& v) {
    v("on", &Host::on);
    v("address", &Host::address);
    v("mac", &Host::mac);
    v("cores", &Host::cores);
    v("memory", &Host::memory);
    v("reserve", &Host::reserve);
    v("arch", &Host::arch);
    v("zone", &Host::zone);
    v("proxmox", &Host::proxmox);
    v("storage", &Host::storage);
    v("bridge", &Host::bridge);
    v("gpu", &Host::gpu);
    v("template", &Host::template_);
    v("nic", &Host::nic);
    v("kernel-args", &Host::kernel_args);
    v("ip", &Host::ip);
  }
};

/// A port of a device.
struct DevicePort : Named {
  static constexpr std::string_view schema = "device-port";
  Prop<PortSpec> number;
  Prop<bool> tls;
  Prop<bool> verify_tls;
  template <class V>
  static void fields(V&& v) {
    v("number", &DevicePort::number);
    v("tls", &DevicePort::tls);
    v("verify-tls", &DevicePort::verify_tls);
  }
};

/// Something with an address that the lab uses and never creates.
struct Device : Named {
  static constexpr std::string_view kind = "device";
  Opt<Ref<Network>> on;
  Opt<Ip> address;
  Opt<Ip> at_;
  Opt<AnyRef> within;
  Opt<Mac> mac;
  List<DevicePort> port;
  Prop<Ip> ip;
  template <class V>
  static void fields(V&& v) {
    v("on", &Device::on);
    v("address", &Device::address);
    v("at", &Device::at_);
    v("within", &Device::within);
    v("mac", &Device::mac);
    v("port", &Device::port);
    v("ip", &Device::ip);
  }
};

/// A directory that a NAS shares.
struct NasExport : Named {
  static constexpr std::string_view schema = "nas-export";
  Prop<Text> path;
  Opt<User> map_all;
  List<Prop<Text>> folders;
  Prop<bool> read_only;
  List<Endpoint> clients;
  template <class V>
  static void fields(V&& v) {
    v("path", &NasExport::path);
    v("map-all", &NasExport::map_all);
    v("folders", &NasExport::folders);
    v("read-only", &NasExport::read_only);
    v("clients", &NasExport::clients);
  }
};

/// A pool of disks.
struct NasPool : Named {
  static constexpr std::string_view schema = "nas-pool";
  Prop<Text> layout;
  Prop<Text> compression;
  Opt<Size> size;
  template <class V>
  static void fields(V&& v) {
    v("layout", &NasPool::layout);
    v("compression", &NasPool::compression);
    v("size", &NasPool::size);
  }
};

/// The NFS service.
struct NfsService {
  static constexpr std::string_view schema = "nfs-service";
  Origin at = 0;
  Prop<Text> version;
  template <class V>
  static void fields(V&& v) {
    v("version", &NfsService::version);
  }
};

/// Network storage: shares directories, keeps backups.
struct Nas : Device {
  static constexpr std::string_view kind = "nas";
  NfsService nfs;
  List<NasPool> pool;
  List<NasExport> export_;
  template <class V>
  static void fields(V&& v) {
    Device::fields(v);
    v("nfs", &Nas::nfs);
    v("pool", &Nas::pool);
    v("export", &Nas::export_);
  }
};

/// Docker with compose on a server.
struct DockerHost {
  static constexpr std::string_view schema = "docker-host";
  Origin at = 0;
  Opt<Ref<Network>> network;
  template <class V>
  static void fields(V&& v) {
    v("network", &DockerHost::network);
  }
};

/// Who rents it to us.
struct ServerProvider {
  static constexpr std::string_view schema = "server-provider";
  Text tag;
  Origin at = 0;
  struct Hetzner {
    Origin at = 0;
    Prop<MaybeSecret> token;
    Prop<Text> type;
    Prop<Text> location;
    Prop<Text> image;
    Prop<bool> ipv6;
    Prop<bool> protect;
    template <class V>
    static void fields(V&& v) {
      v("token", &Hetzner::token);
      v("type", &Hetzner::type);
      v("location", &Hetzner::location);
      v("image", &Hetzner::image);
      v("ipv6", &Hetzner::ipv6);
      v("protect", &Hetzner::protect);
    }
  };
  Opt<Hetzner> hetzner;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("hetzner", &ServerProvider::hetzner);
  }
};

/// A rented server; its cloud firewall is emitted from the `allow` rules whose target it is.
struct Server : Named {
  static constexpr std::string_view kind = "server";
  Prop<Ip> at_;
  ServerProvider provider;
  List<Prop<Text>> ssh_keys;
  List<Prop<Text>> packages;
  Opt<DockerHost> docker;
  Prop<Text> zone;
  Prop<Ip> ip;
  template <class V>
  static void fields(V&& v) {
    v("at", &Server::at_);
    v("provider", &Server::provider);
    v("ssh-keys", &Server::ssh_keys);
    v("packages", &Server::packages);
    v("docker", &Server::docker);
    v("zone", &Server::zone);
    v("ip", &Server::ip);
  }
};

}  // namespace lab::model
