#include "runtime/drivers/table.h"

#include "runtime/drivers/cloudflare/drivers.h"
#include "runtime/drivers/dns/pihole.h"
#include "runtime/drivers/general/drivers.h"
#include "runtime/drivers/kubernetes/drivers.h"
#include "runtime/drivers/proxmox/drivers.h"
#include "runtime/drivers/talos/drivers.h"

namespace lab::drivers {
namespace {

constexpr engine::DriverEntry entries[] = {
    {"approve/1", general::make_approve},
    {"cloudflare.record/1", cloudflare::make_record},
    {"cloudflare.tunnel/1", cloudflare::make_tunnel},
    {"dns.record/1", dns::make_record},
    {"exec/1", general::make_exec},
    {"http.request/1", general::make_http},
    {"kubernetes.apply/1", kubernetes::make_apply},
    {"kubernetes.wait/1", kubernetes::make_wait},
    {"proxmox.image/1", proxmox::make_image},
    {"proxmox.power/1", proxmox::make_power},
    {"proxmox.vm/1", proxmox::make_vm},
    {"talos.bootstrap/1", talos::make_bootstrap},
    {"talos.config/1", talos::make_config},
    {"talos.health/1", talos::make_health},
    {"talos.kubeconfig/1", talos::make_kubeconfig},
    {"talos.schematic/1", talos::make_schematic},
};

}  // namespace

engine::DriverTable table() {
  return entries;
}

}  // namespace lab::drivers
