// Strategic-merge patches, as siderolabs/talos pkg/machinery config/merge and config/configpatcher join them.
#include <algorithm>
#include <array>

#include "compiler/lower/talos/node.h"

namespace lab::lower::talos {

namespace {

using document::Kind;
using document::Map;

/// Lists and maps that a patch replaces (struct tag `merge:"replace"`).
bool is_replaced(std::string_view key) {
  static constexpr std::array<std::string_view, 5> keys = {"podSubnets", "serviceSubnets", "auditPolicy",
                                                           "ingress", "ports"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// The field by which elements of a list are the same (types with a Merge of their own); empty for others.
std::string_view element_key(std::string_view list) {
  if (list == "admissionControl") return "name";
  if (list == "interfaces") return "interface";
  if (list == "vlans") return "vlanId";
  return {};
}

bool same_scalar(const document::Node* a, const document::Node* b) {
  if (a == nullptr || b == nullptr || a->is_collection() || a->kind != b->kind) return false;
  return a->kind == Kind::integer ? a->integer == b->integer : a->text() == b->text();
}

bool deletes(const document::Node& patch) {
  const document::Node* word = patch.find("$patch");
  return word != nullptr && word->kind == Kind::string && word->text() == "delete";
}

void join(document::Arena& arena, Map into, const document::Node& patch);

void join_list(document::Arena& arena, document::List into, const document::Node& patch,
               std::string_view key) {
  const std::string_view identity = element_key(key);
  for (const document::Node* element = patch.child(); element != nullptr; element = element->next) {
    document::Node* same = nullptr;
    for (document::Node* ours = into.node()->first; ours != nullptr && !identity.empty(); ours = ours->next) {
      if (same_scalar(ours->find(identity), element->find(identity))) same = ours;
    }
    if (same != nullptr) {
      join(arena, arena.as_map(same), *element);
    } else {
      into.add(arena.clone(*element), element->origin);
    }
  }
}

void join(document::Arena& arena, Map into, const document::Node& patch) {
  for (const document::Node* theirs = patch.child(); theirs != nullptr; theirs = theirs->next) {
    const std::string_view key = theirs->key();
    const document::Node* ours = into.find(key);
    const bool alike = ours != nullptr && ours->kind == theirs->kind && !is_replaced(key);
    if (theirs->kind == Kind::map && deletes(*theirs)) {
      into.remove(key);
    } else if (alike && theirs->kind == Kind::map) {
      join(arena, into.map(key), *theirs);
    } else if (alike && theirs->kind == Kind::list) {
      join_list(arena, into.list(key), *theirs, key);
    } else {
      into.set(key, arena.clone(*theirs), theirs->origin);
    }
  }
}

}  // namespace

void join_patch(const Node& n, const document::Node& patch, Documents& documents) {
  if (patch.kind != Kind::map) return;
  const document::Node* kind = patch.find("kind");
  const auto same = std::find_if(documents.begin(), documents.end(), [&](const Map& document) {
    if (kind == nullptr) return !document.has("kind");
    const document::Node* name = patch.find("name");
    return same_scalar(document.find("kind"), kind) &&
           (name == nullptr || same_scalar(document.find("name"), name));
  });
  if (same == documents.end()) {
    documents.push_back(n.arena.as_map(n.arena.clone(patch)));
  } else if (deletes(patch)) {
    documents.erase(same);
  } else {
    join(n.arena, *same, patch);
  }
}

}  // namespace lab::lower::talos
