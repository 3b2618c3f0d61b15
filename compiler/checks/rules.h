// The rules, one a file of the same name; the codes they report stand at the head of each.
#pragma once
#include "compiler/checks/context.h"

namespace lab::checks {

void canonical_prefixes(const model::Lab& lab, Context& context);
void prefixes_apart(const model::Lab& lab, Context& context);
void prefix_sizes(const model::Lab& lab, Context& context);
void addresses_in_network(const model::Lab& lab, Context& context);
void usable_addresses(const model::Lab& lab, Context& context);
void ranges_in_network(const model::Lab& lab, Context& context);
void announced_ranges(const model::Lab& lab, Context& context);
void pool_addresses(const model::Lab& lab, Context& context);
void door_pools(const model::Lab& lab, Context& context);
void distinct_addresses(const model::Lab& lab, Context& context);
void relied_addresses(const model::Lab& lab, Context& context);
void advertised_routes(const model::Lab& lab, Context& context);
void leases(const model::Lab& lab, Context& context);
void hardware_addresses(const model::Lab& lab, Context& context);
void distinct_ids(const model::Lab& lab, Context& context);
void distinct_nodes(const model::Lab& lab, Context& context);
void vm_placement(const model::Lab& lab, Context& context);
void node_images(const model::Lab& lab, Context& context);
void node_selection(const model::Lab& lab, Context& context);
void cluster_choice(const model::Lab& lab, Context& context);
void talos_versions(const model::Lab& lab, Context& context);
void talos_flannel(const model::Lab& lab, Context& context);
void node_disks(const model::Lab& lab, Context& context);
void schematics(const model::Lab& lab, Context& context);
void node_routes(const model::Lab& lab, Context& context);
void node_addresses(const model::Lab& lab, Context& context);
void node_metadata(const model::Lab& lab, Context& context);
void kubelet_fields(const model::Lab& lab, Context& context);
void node_volumes(const model::Lab& lab, Context& context);
void distinct_ports(const model::Lab& lab, Context& context);
void door_targets(const model::Lab& lab, Context& context);
void call_targets(const model::Lab& lab, Context& context);
void denied_flows(const model::Lab& lab, Context& context);
void door_names(const model::Lab& lab, Context& context);
void zones(const model::Lab& lab, Context& context);
void wildcard_issuers(const model::Lab& lab, Context& context);
void storage_classes(const model::Lab& lab, Context& context);
void file_owners(const model::Lab& lab, Context& context);
void secret_keys(const model::Lab& lab, Context& context);
void sign_in(const model::Lab& lab, Context& context);
void pod_security_labels(const model::Lab& lab, Context& context);

}  // namespace lab::checks
