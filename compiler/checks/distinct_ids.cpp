// LAB0213: an id of a VM belongs to one VM. LAB0214: a VLAN tag belongs to one network.
#include <algorithm>

#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

struct Number {
  std::int64_t value = 0;
  model::Origin at = 0;
  std::string_view name;
  types::Family family = types::Family::v4;  // of a network: one VLAN may carry a prefix of each
  bool derived = false;                      // nobody wrote it: `at` is the VM
};

void sort(std::vector<Number>& all) {
  std::stable_sort(all.begin(), all.end(), [](const Number& a, const Number& b) {
    return std::pair(a.value, a.family) < std::pair(b.value, b.family);
  });
}

/// The nearest number from `from` upwards that is in none of the sorted.
std::int64_t free_number(const std::vector<Number>& sorted, std::int64_t from) {
  for (const Number& n : sorted)
    if (n.value == from) ++from;
  return from;
}

void offer_number(Context& context, Diagnostic& d, const Number& wrong, std::int64_t next) {
  std::string title = fmt::format("take {}, which is free", next);
  if (context.editable_text(wrong.at) == std::to_string(wrong.value))
    d.replace(context.span(wrong.at), std::to_string(next), std::move(title), Applicability::maybe);
  else
    d.help({std::move(title), Applicability::maybe, {}});
}

void vms(const model::Lab& lab, Context& context) {
  std::vector<Number> ids;
  for (const model::Vm& vm : lab.vms)
    if (vm.id.at != 0) {
      const bool derived = context.editable_text(vm.id.at).empty();
      ids.push_back({*vm.id, derived ? vm.at : vm.id.at, vm.name, types::Family::v4, derived});
    }
  sort(ids);
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i].value != ids[i - 1].value) continue;
    // Of a derived id and one that is said, the derived one gives way.
    const bool later =
        ids[i].derived != ids[i - 1].derived ? ids[i].derived : context.before(ids[i - 1].at, ids[i].at);
    const Number& first = later ? ids[i - 1] : ids[i];
    const Number& wrong = later ? ids[i] : ids[i - 1];
    Diagnostic& d = context.report(
        make(Code::vm_id_taken, context.span(wrong.at), fmt::format("vm `{}` has it too", wrong.name),
             "vm `{}` and vm `{}` have the same id {}", first.name, wrong.name, wrong.value));
    context.label(d, first.at, fmt::format("vm `{}` has {}", first.name, first.value));
    const std::int64_t next = free_number(ids, wrong.value);
    if (wrong.derived)
      d.help({fmt::format("give vm `{}` an id: `id = {}`", wrong.name, next), Applicability::maybe, {}});
    else
      offer_number(context, d, wrong, next);
  }
}

void vlans(const model::Lab& lab, Context& context) {
  std::vector<Number> tags;
  for (const model::Network& n : lab.networks)
    if (n.vlan && n.cidr.at != 0) tags.push_back({*n.vlan, n.vlan.at, n.name, n.cidr->address.family});
  sort(tags);
  for (std::size_t i = 1; i < tags.size(); ++i) {
    if (tags[i].value != tags[i - 1].value || tags[i].family != tags[i - 1].family) continue;
    const bool later = context.before(tags[i - 1].at, tags[i].at);
    const Number& first = later ? tags[i - 1] : tags[i];
    const Number& wrong = later ? tags[i] : tags[i - 1];
    Diagnostic& d = context.report(
        make(Code::vlan_taken, context.span(wrong.at), fmt::format("network `{}` has it too", wrong.name),
             "networks `{}` and `{}` have the same VLAN {}", first.name, wrong.name, wrong.value));
    context.label(d, first.at, fmt::format("network `{}` has VLAN {}", first.name, first.value));
    d.note("machines of both hear each other, whatever the router says");
  }
}

}  // namespace

void distinct_ids(const model::Lab& lab, Context& context) {
  vms(lab, context);
  vlans(lab, context);
}

}  // namespace lab::checks
