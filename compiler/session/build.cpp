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
  if (!sealed.empty()) place(sealed_name, sealed);
  place("sourcemap.json", sourcemap);
  return out;
}

namespace {

/// The plan holds hashes of other files, so it is written when they are.
void finish_plan(const Snapshot& snapshot, const Inputs& made_of, Built& into) {
  lower::plan::Facts facts;
  facts.compiler = version();
  facts.inputs = made_of;
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
  if (plan == into.bundle.artifacts.end()) return;
  lower::plan::finish(snapshot.lab, into.bundle, facts);
  emit::render_late(into.rendered, *plan);
}

bool lower_only(Snapshot& snapshot, document::Bundle& into) {
  if (!snapshot.complete || snapshot.sink.has_errors()) return false;
  lower::Options options;
  options.locate = [&](document::Origin origin) { return snapshot.span(origin); };
  options.flows = [&]() -> const flows::World& { return snapshot.oracle->world(); };
  into = lower::lower(snapshot.lab, snapshot.sink, options);
  return !snapshot.sink.has_errors();
}

}  // namespace

bool lower_lab(Snapshot& snapshot, document::Bundle& into) {
  if (!lower_only(snapshot, into)) return false;
  SealRequest request;
  request.files = snapshot.files;
  request.check = true;
  Sealing sealing(snapshot, into, request);
  if (const emit::Seal seal = sealing.seal()) {
    std::vector<emit::LineOrigin> lines;
    for (const document::Artifact& artifact : into.artifacts)
      if (artifact.format == document::Format::sops) (void)seal(artifact, lines);
  }
  return !snapshot.sink.has_errors();
}

bool build(Snapshot& snapshot, Built& into, const SealRequest* secrets, unsigned jobs) {
  if (!lower_only(snapshot, into.bundle)) return false;
  if (secrets != nullptr) {
    into.sealing = std::make_unique<Sealing>(snapshot, into.bundle, *secrets);
    into.sealing->add_rules(into.bundle);
  }
  into.rendered =
      emit::render(into.bundle, into.sealing != nullptr ? into.sealing->seal() : emit::Seal(), jobs);
  if (snapshot.sink.has_errors()) return false;
  if (into.sealing != nullptr) into.sealed = into.sealing->records();
  const Inputs made_of = inputs(snapshot);
  finish_plan(snapshot, made_of, into);
  into.sourcemap = emit::render_sourcemap(into.rendered, [&](document::Origin origin) -> emit::Place {
    const source::Span span = snapshot.span(origin);
    if (!span.valid()) return {};
    return {snapshot.sources.path(span.file), span.begin, span.end};
  });
  into.report = report(snapshot);
  into.build_json = render_build_json(into.report, made_of, snapshot);
  return true;
}

}  // namespace lab::session
