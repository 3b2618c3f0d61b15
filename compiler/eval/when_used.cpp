// `exists = when-used`: what is there only because something that is there refers to it.
#include <fmt/format.h>

#include "compiler/eval/engine.h"

namespace lab::eval {

bool Engine::exists_when_used(Record& record) {
  const Field* f = record.schema->find(word_.exists);
  if (f == nullptr) return false;
  const Value v = field(record, f->index);
  return v.is(Tag::word) && text(v.word) == "when-used";
}

/// Leaves out what exists only when used and nothing uses. Uses are seen while fields are evaluated, so
/// everything that is there for certain is read first, then each thing that turns out to be used. A
/// component's parts wait with it, and using one of them uses it.
void Engine::drop_unused() {
  std::vector<Record*> waiting;
  for (Record* r : existing_)
    if (exists_when_used(*r)) waiting.push_back(r);
  if (waiting.empty()) return;
  std::unordered_set<const Record*> unread;
  for (Record* r : waiting) {
    unread.insert(r);
    for (const Record* part : parts(*r)) unread.insert(part);
  }
  const auto read = [&](Record& r) {
    check_rules(r);
    for (const Field& f : r.schema->fields) field(r, f.index);
  };
  const std::vector<Record*> all = existing_;
  for (Record* r : all)
    if (!unread.contains(r)) read(*r);
  const auto is_used = [&](const Record* r) {
    if (used_.contains(r)) return true;
    const std::vector<Record*> inner = parts(*r);
    return std::ranges::any_of(inner, [&](const Record* part) { return used_.contains(part); });
  };
  for (auto it = waiting.begin(); it != waiting.end();) {
    if (!is_used(*it)) {
      ++it;
      continue;
    }
    Record* r = *it;
    waiting.erase(it);
    read(*r);
    for (Record* part : parts(*r))
      if (std::ranges::find(waiting, part) == waiting.end()) read(*part);
    it = waiting.begin();  // what it refers to is used now
  }
  for (Record* r : waiting) {
    if (resource_of(*r)->removed) continue;  // with the component that it is a part of
    for (Record* part : parts(*r)) take_away(*part);
    take_away(*r);
    if (!program_.standard(r->origin))
      report(Code::unused_resource, r->origin, "nothing uses it",
             fmt::format("the {} `{}` is there when used, and nothing uses it", text(r->schema->name),
                         text(r->name)));
  }
}

}  // namespace lab::eval
