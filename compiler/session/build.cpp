#include "compiler/session/build.h"

#include <algorithm>

#include "compiler/emit/directories.h"
#include "compiler/emit/sourcemap.h"
#include "compiler/lower/hash.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/plan/plan.h"
#include "compiler/session/version.h"

namespace lab::session {

std::vector<emit::Output> Built::outputs() const {
  std::vector<emit::Output> out;
  out.reserve(rendered.files.size() + 2);
  for (const emit::File& file : rendered.files) out.push_back({file.path, rendered.text(file)});
  // In the tree's order, so that nothing has to sort ten thousand paths again.
  const auto place = [&](std::string_view path, std::string_view bytes) {
    const auto before = [](const emit::Output& a, std::string_view b) { return emit::path_less(a.path, b); };
    out.insert(std::lower_bound(out.begin(), out.end(), path, before), {path, bytes});
  };
  place("build.json", build_json);
  place("sourcemap.json", sourcemap);
  return out;
}

namespace {

/// The plan holds hashes of other files, so it is written when they are.
void finish_plan(const Snapshot& snapshot, Built& into) {
  lower::plan::Facts facts;
  facts.compiler = version();
  facts.inputs = inputs(snapshot);
  facts.hash = [&](std::string_view path) {
    const emit::File* file = into.rendered.find(path);
    return file == nullptr ? std::string() : lower::sha256_hex(into.rendered.text(*file));
  };
  facts.line = [&](document::Origin origin) -> lower::plan::Line {
    const source::Span span = snapshot.span(origin);
    if (!span.valid()) return {};
    const source::Position at =
        snapshot.sources.lines(span.file).position(span.begin, source::Encoding::utf8);
    return {snapshot.sources.path(span.file), at.line + 1};
  };
  const auto plan = std::ranges::find(into.bundle.artifacts, lower::plan::path, &document::Artifact::path);
  if (lower::plan::finish(snapshot.lab, into.bundle, facts).empty())
    emit::render_again(into.rendered, *plan);
  else
    std::erase_if(into.rendered.files, [](const emit::File& file) { return file.path == lower::plan::path; });
}

}  // namespace

bool lower_lab(Snapshot& snapshot, document::Bundle& into) {
  if (!snapshot.complete || snapshot.sink.has_errors()) return false;
  lower::Options options;
  options.locate = [&](document::Origin origin) { return snapshot.span(origin); };
  into = lower::lower(snapshot.lab, snapshot.sink, options);
  return !snapshot.sink.has_errors();
}

bool build(Snapshot& snapshot, Built& into) {
  if (!lower_lab(snapshot, into.bundle)) return false;
  into.rendered = emit::render(into.bundle);
  finish_plan(snapshot, into);
  into.sourcemap = emit::render_sourcemap(into.rendered, [&](document::Origin origin) -> emit::Place {
    const source::Span span = snapshot.span(origin);
    if (!span.valid()) return {};
    return {snapshot.sources.path(span.file), span.begin, span.end};
  });
  into.report = report(snapshot);
  into.build_json = render_build_json(into.report, snapshot);
  return true;
}

}  // namespace lab::session
