#include "compiler/checks/checks.h"

#include <array>

#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

constexpr auto all_rules = std::to_array<Rule>({
    // prefixes
    {"canonical_prefixes", canonical_prefixes},
    {"prefixes_apart", prefixes_apart},
    {"prefix_sizes", prefix_sizes},
    // addresses
    {"addresses_in_network", addresses_in_network},
    {"usable_addresses", usable_addresses},
    {"ranges_in_network", ranges_in_network},
    {"announced_ranges", announced_ranges},
    {"pool_addresses", pool_addresses},
    {"door_pools", door_pools},
    {"distinct_addresses", distinct_addresses},
    // addresses that others rely on
    {"relied_addresses", relied_addresses},
    {"advertised_routes", advertised_routes},
    {"leases", leases},
    // identities
    {"hardware_addresses", hardware_addresses},
    {"distinct_ids", distinct_ids},
    {"distinct_nodes", distinct_nodes},
    // machines and clusters
    {"vm_placement", vm_placement},
    {"node_images", node_images},
    {"node_selection", node_selection},
    {"cluster_choice", cluster_choice},
    // nodes of Talos clusters
    {"talos_versions", talos_versions},
    {"talos_flannel", talos_flannel},
    {"node_disks", node_disks},
    {"schematics", schematics},
    {"node_routes", node_routes},
    {"node_addresses", node_addresses},
    {"node_metadata", node_metadata},
    {"kubelet_fields", kubelet_fields},
    {"node_volumes", node_volumes},
    // ports, doors and names
    {"distinct_ports", distinct_ports},
    {"door_targets", door_targets},
    {"call_targets", call_targets},
    {"denied_flows", denied_flows},
    {"door_names", door_names},
    {"zones", zones},
    {"wildcard_issuers", wildcard_issuers},
    // storage, secrets and people
    {"storage_classes", storage_classes},
    {"file_owners", file_owners},
    {"secret_keys", secret_keys},
    {"sign_in", sign_in},
    {"pod_security_labels", pod_security_labels},
});

}  // namespace

std::span<const Rule> rules() {
  return all_rules;
}

void run(const model::Lab& lab, Context& context) {
  for (const Rule& rule : all_rules) rule.run(lab, context);
}

}  // namespace lab::checks
