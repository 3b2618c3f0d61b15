// The body of `POST /nodes/{node}/qemu` for a VM. Inside of this folder only.
#pragma once
#include <optional>
#include <string>

#include "compiler/lower/plan/draft.h"
#include "compiler/lower/talos_image.h"

namespace lab::lower::plan {

/// Where a VM lives.
struct Place {
  const model::Host* host = nullptr;
  Text node;  // its name in Proxmox
};

/// From what a VM first boots.
struct Medium {
  std::string volume;  // "local:iso/talos-….iso"; empty for none
  bool iso = false;    // a CD; else an image that the first disk is made of
};

struct VmBody {
  Map params;
  List resize;                        // disks whose size is reached after creation
  std::vector<std::string> storages;  // that hold its disks, each once
};

/// Parameters as Proxmox VE 8.3 and later take them (pve-docs api-viewer; qemu-server PVE/QemuServer.pm for
/// the formats of disks, cards and ipconfig).
VmBody vm_body(Draft& draft, const model::Vm& vm, const Place& place, const Medium& medium,
               const model::Node* node, const TalosImage* image);

/// The node's storage that may hold files of a content (`iso`, `import`): the first that says so, else
/// `local`, which every Proxmox node has.
struct FileStorage {
  Text name = "local";
  bool shared = false;
};
[[nodiscard]] FileStorage file_storage(const model::Host& host, std::string_view content);

/// The hardware address of a card: as said, else derived from the VM's id and the VLAN.
[[nodiscard]] types::Mac mac_of(const model::Lab& lab, const model::Vm& vm, const model::VmNic& nic);

}  // namespace lab::lower::plan
