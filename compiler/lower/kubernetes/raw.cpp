#include "compiler/lower/kubernetes/raw.h"

#include <array>

namespace lab::lower::kubernetes {

namespace {

using document::Arena;
using document::Kind;
using document::List;
using document::Map;
using document::Node;

struct MergeKey {
  std::string_view list;
  std::string_view key;
  std::string_view within;  // the key above the list, when the name alone does not tell
};

/// k8s.io/api core/v1, apps/v1: patchMergeKey; gateway-api v1: listMapKey.
constexpr std::array merge_keys = {
    MergeKey{"containers", "name", {}},
    MergeKey{"initContainers", "name", {}},
    MergeKey{"ephemeralContainers", "name", {}},
    MergeKey{"env", "name", {}},
    MergeKey{"volumeMounts", "mountPath", {}},
    MergeKey{"volumeDevices", "devicePath", {}},
    MergeKey{"volumes", "name", {}},
    MergeKey{"imagePullSecrets", "name", {}},
    MergeKey{"hostAliases", "ip", {}},
    MergeKey{"topologySpreadConstraints", "topologyKey", {}},
    MergeKey{"ports", "port", "spec"},
    MergeKey{"ports", "containerPort", {}},
    MergeKey{"listeners", "name", {}},
};

std::string_view merge_key(std::string_view list, std::string_view within) {
  for (const MergeKey& key : merge_keys)
    if (key.list == list && (key.within.empty() || key.within == within)) return key.key;
  return {};
}

bool same(const Node* a, const Node* b) {
  if (a == nullptr || b == nullptr || a->kind != b->kind) return false;
  return a->kind == Kind::integer ? a->integer == b->integer
                                  : a->kind == Kind::string && a->text() == b->text();
}

void join(Arena& arena, Map into, const Node& patch, std::string_view within);

void join_list(Arena& arena, List into, const Node& patch, std::string_view key, std::string_view within) {
  for (const Node* theirs = patch.child(); theirs != nullptr; theirs = theirs->next) {
    Node* ours = into.node()->first;
    while (ours != nullptr && !same(ours->find(key), theirs->find(key))) ours = ours->next;
    if (ours != nullptr)
      join(arena, arena.as_map(ours), *theirs, within);
    else
      into.add(arena.clone(*theirs), theirs->origin);
  }
}

void join(Arena& arena, Map into, const Node& patch, std::string_view within) {
  for (const Node* theirs = patch.child(); theirs != nullptr; theirs = theirs->next) {
    const std::string_view name = theirs->key();
    if (theirs->kind == Kind::null) {
      into.remove(name);
      continue;
    }
    const Node* ours = into.find(name);
    if (ours != nullptr && ours->kind == Kind::map && theirs->kind == Kind::map) {
      join(arena, into.map(name), *theirs, name);
    } else if (const std::string_view key = merge_key(name, within);
               !key.empty() && ours != nullptr && ours->kind == Kind::list && theirs->kind == Kind::list) {
      join_list(arena, into.list(name), *theirs, key, name);
    } else {
      into.set(name, arena.clone(*theirs), theirs->origin);
    }
  }
}

}  // namespace

void merge_raw(Arena& arena, Map into, const Node& patch) {
  join(arena, into, patch, {});
}

}  // namespace lab::lower::kubernetes
