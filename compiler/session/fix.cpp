#include "compiler/session/fix.h"

#include <algorithm>

#include "compiler/session/overlay.h"

namespace lab::session {

namespace {

using diagnostics::Edit;
using diagnostics::Fix;

constexpr unsigned rounds = 20;  // each opens what the one before made readable

/// Whether a file of this snapshot is one of the lab's own.
bool of_lab(const Snapshot& s, source::FileId file) {
  return std::ranges::any_of(s.program->units(), [&](const names::Unit& u) {
    return u.file == file && u.home == names::Home::lab &&
           (*s.program)[u.base].kind == syntax::NodeKind::File;
  });
}

bool overlap(const source::Span& a, const source::Span& b) {
  if (a.file != b.file) return false;
  if (a == b) return true;  // two insertions at one place have no order
  return a.begin < b.end && b.begin < a.end;
}

/// The edits of one round, none over another.
std::vector<Edit> collect(const Snapshot& s, std::size_t& count) {
  std::vector<Edit> edits;
  for (const diagnostics::Diagnostic& d : s.sink.all()) {
    if (d.fixes.empty()) continue;
    const Fix& fix = d.fixes.front();
    if (fix.applicability != diagnostics::Applicability::machine || fix.edits.empty()) continue;
    const bool free = std::ranges::all_of(fix.edits, [&](const Edit& e) {
      return e.span.valid() && of_lab(s, e.span.file) &&
             std::ranges::none_of(edits, [&](const Edit& taken) { return overlap(taken.span, e.span); });
    });
    if (!free) continue;
    edits.insert(edits.end(), fix.edits.begin(), fix.edits.end());
    ++count;
  }
  std::ranges::sort(edits, {}, [](const Edit& e) { return e.span; });
  return edits;
}

std::map<std::string, std::string> applied(const Snapshot& s, const std::vector<Edit>& edits) {
  std::map<std::string, std::string> out;
  for (auto e = edits.rbegin(); e != edits.rend(); ++e) {
    const auto [at, added] = out.try_emplace(s.sources.path(e->span.file));
    if (added) at->second = s.sources.text(e->span.file);
    at->second.replace(e->span.begin, e->span.end - e->span.begin, e->text);
  }
  return out;
}

}  // namespace

Fixed fix(const source::FileSystem& files, const Request& request) {
  Fixed out;
  Overlay overlay(files);
  auto snapshot = compile(overlay, request);
  for (unsigned round = 0; round < rounds; ++round) {
    std::size_t count = 0;
    const auto edits = collect(*snapshot, count);
    if (edits.empty()) break;
    const auto before = overlay.texts;
    const auto texts = applied(*snapshot, edits);
    for (const auto& [path, text] : texts) overlay.texts[request.folder + "/" + path] = text;
    auto next = compile(overlay, request);
    if (next->sink.errors() > snapshot->sink.errors()) {
      overlay.texts = before;
      break;
    }
    for (const auto& [path, text] : texts) out.files[path] = text;
    out.edits += count;
    snapshot = std::move(next);
  }
  return out;
}

}  // namespace lab::session
