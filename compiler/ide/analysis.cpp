#include "compiler/ide/analysis.h"

#include <algorithm>

#include "compiler/ide/index.h"
#include "compiler/session/build.h"

namespace lab::ide {

using eval::Record;
using eval::Tag;
using eval::Value;
using syntax::NodeKind;

Analysis::Analysis(std::unique_ptr<session::Snapshot> snapshot) : snapshot_(std::move(snapshot)) {
  if (ready()) {
    document::Bundle bundle;
    (void)session::lower_lab(*snapshot_, bundle);  // finds mistakes of its own
  }
  snapshot_->sink.sort();
  diagnostics_ = snapshot_->sink.all();
  for (const names::Unit& unit : snapshot_->program->units()) {
    if (unit.base == 0 || unit.home != names::Home::lab || program()[unit.base].kind != NodeKind::File)
      continue;
    files_.push_back(unit.file);
    roots_.push_back(unit.base);
  }
}

std::optional<FileId> Analysis::file(std::string_view path) const {
  for (const FileId f : files_)
    if (snapshot_->sources.path(f) == path) return f;
  return std::nullopt;
}

NodeRef Analysis::root(FileId file) const {
  const auto found = std::ranges::find(files_, file);
  return found == files_.end() ? 0 : roots_[static_cast<std::size_t>(found - files_.begin())];
}

bool Analysis::damaged(FileId file) const {
  const NodeRef n = root(file);
  return n == 0 || program()[n].has(syntax::damaged);
}

const std::vector<Reference>& Analysis::references() const {
  if (!indexed_ && ready()) {
    indexed_ = true;
    references_ = index(*this);
  }
  return references_;
}

const Reference* Analysis::reference_at(FileId file, std::uint32_t offset) const {
  const auto& all = references();
  // The last that begins at or before the offset; where two touch the one that begins there.
  auto after = std::ranges::upper_bound(all, std::pair(file, offset), {}, [](const Reference& r) {
    return std::pair(r.span.file, r.span.begin);
  });
  while (after != all.begin()) {
    --after;
    if (after->span.file != file) return nullptr;
    if (offset <= after->span.end) return &*after;
    if (after->span.begin + 200 < offset) return nullptr;
  }
  return nullptr;
}

std::vector<NodeRef> Analysis::path_to(FileId file, std::uint32_t offset) const {
  std::vector<NodeRef> out;
  for (NodeRef at = root(file); at != 0;) {
    out.push_back(at);
    NodeRef next = 0;
    for (const NodeRef c : program().children(at)) {
      const syntax::Node& node = program()[c];
      if (node.begin <= offset && (offset < node.end || (offset == node.end && next == 0))) next = c;
    }
    at = next;
  }
  return out;
}

std::vector<NodeRef> Analysis::entries(const std::vector<NodeRef>& path) const {
  std::vector<NodeRef> out;
  for (const NodeRef n : path)
    if (program()[n].kind == NodeKind::Entry) out.push_back(n);
  return out;
}

Span Analysis::name_of(NodeRef declaration) const {
  return name_span(program(), snapshot_->symbols, declaration);
}

std::vector<Record*> Analysis::resources_of(NodeRef entry) const {
  std::vector<Record*> out;
  for (Record* r : evaluation().all())
    if (r->origin == entry) out.push_back(r);
  return out;
}

std::optional<Value> Analysis::value_of(const std::vector<NodeRef>& entries) const {
  if (entries.size() < 2) return std::nullopt;
  const std::vector<Record*> resources = resources_of(entries.front());
  if (resources.size() != 1) return std::nullopt;
  Record* record = resources.front();
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const types::Field* f = record->schema->find(program()[entries[i]].text);
    if (f == nullptr) return std::nullopt;
    Value v = evaluation().field(*record, f->index);
    const names::EntryParts p = names::parts(program(), entries[i]);
    if (v.is(Tag::map) && p.label != 0) {
      Value inner;
      for (const eval::Pair& pair : v.map)
        if (pair.key.origin == p.label ||
            (pair.value.is(Tag::record) && pair.value.record->origin == entries[i]))
          inner = pair.value;
      v = inner;
    } else if (v.is(Tag::list) && p.value == 0) {
      Value inner;
      for (const Value& e : v.list)
        if (e.is(Tag::record) && e.record->origin == entries[i]) inner = e;
      v = inner;
    }
    if (v.poisoned()) return std::nullopt;
    if (i + 1 == entries.size()) return v;
    if (!v.is(Tag::record) || (v.record->owner == nullptr && v.record->named)) return std::nullopt;
    record = v.record;
  }
  return std::nullopt;
}

std::optional<Value> Analysis::constant(NodeRef expression) const {
  const NodeRef end = expression + program()[expression].size;
  for (NodeRef n = expression; n < end; ++n) {
    const NodeKind kind = program()[n].kind;
    if (kind == NodeKind::Self || kind == NodeKind::Body || kind == NodeKind::Error ||
        kind == NodeKind::HostPart) {
      // A host part is one only behind its network, `net[.51]`.
      if (kind != NodeKind::HostPart || n == expression || program()[expression].kind != NodeKind::Index)
        return std::nullopt;
    }
    if (kind != NodeKind::Name) continue;
    switch (evaluation().meaning(n).res) {
      case eval::Res::resource:
      case eval::Res::let:
      case eval::Res::param:
      case eval::Res::kind:
      case eval::Res::word:
        break;
      default:
        return std::nullopt;
    }
  }
  if (evaluation().meaning(expression).type == nullptr) return std::nullopt;
  const Value v = evaluation().evaluate_root(expression);
  if (v.poisoned() || v.is(Tag::kind) || v.is(Tag::template_)) return std::nullopt;
  return v;
}

}  // namespace lab::ide
