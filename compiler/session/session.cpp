#include "compiler/session/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/model/bind.h"
#include "compiler/session/check.h"
#include "compiler/session/load.h"
#include "compiler/session/precompiled.h"
#include "compiler/session/render_text.h"
#include "compiler/syntax/parse.h"

namespace lab::session {

using diagnostics::Code;

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// What functions make public of secrets and nobody knows here: false when there is such a value.
bool report_undisclosed(Snapshot& s) {
  using namespace diagnostics;
  bool known = true;
  for (const eval::Disclosure& use : s.evaluation->disclosures()) {
    if (use.known) continue;
    known = false;
    Diagnostic d = make(Code::public_part_unknown, s.evaluation->span(use.at), "not known here",
                        "what `{}` yields of `{}` is not known", use.function, secrets_of(*s.evaluation, *use.of));
    d.note("whoever is among `operators` makes it known to all with `labc secret init` or a build");
    if (s.request.disclose)
      d.severity = Severity::error;
    else
      d.note("what depends on it is not checked");
    s.sink.report(std::move(d));
  }
  return known;
}

}  // namespace

std::unique_ptr<Snapshot> compile(const source::FileSystem& files, const Request& request) {
  auto out = std::make_unique<Snapshot>();
  Snapshot& s = *out;
  s.request = request;
  s.files = &files;
  for (const Code code : request.deny) s.sink.deny(code);
  if (request.deny_warnings) s.sink.deny_warnings();
  s.program = std::make_unique<names::Program>(s.sources);
  load_standard_library(s.sources, s.symbols, *s.program);
  const source::FileId first_of_lab{s.sources.count()};
  std::vector<LabFile> lab;
  if (const source::IoStatus status = load(files, request.folder, lab); !status.ok()) {
    s.sink.report(diagnostics::make(Code::file_not_readable, {}, "", "{}", status.error));
    return out;
  }
  for (LabFile& file : lab) {
    const source::FileId id = s.sources.add(std::move(file.path), std::move(file.text));
    s.program->add(request.parsed != nullptr ? request.parsed->parse(s.sources, id, s.symbols, s.sink) : syntax::parse(s.sources, id, s.symbols, s.sink), id, names::Home::lab);
  }
  const source::FileId end_of_lab{s.sources.count()};
  load_packages(files, request, s);
  s.options_.environment = request.environment;
  if (request.record_uses) s.options_.uses = &s.uses;
  s.options_.read_file = [&s, &files, folder = request.folder](source::FileId from, std::string_view path) -> std::optional<std::string> {
    std::string text;
    if (path.starts_with("/") || path.find("..") != std::string_view::npos) return std::nullopt;
    const std::string name = folder_of(s.sources.path(from)) + std::string(path);
    std::string whole = folder + "/" + name;
    for (const auto& [shown, real] : s.package_folders)
      if (name.starts_with(shown)) whole = real + name.substr(shown.size());
    if (!files.read(whole, text).ok()) return std::nullopt;
    if (std::ranges::find(s.read_files, name, &ReadFile::path) == s.read_files.end()) s.read_files.push_back({name, text});
    return text;
  };
  s.options_.render = render_text;
  s.options_.disclose = [&s, &files](eval::Evaluation& evaluation, const eval::Disclosure& use) {
    if (s.discloser == nullptr)
      s.discloser = std::make_unique<Discloser>(files, s.request.folder, s.sink, s.request.disclose);
    return s.discloser->ask(evaluation, use);
  };
  for (const auto& [name, text] : request.parameters) {
    const source::FileId id = s.sources.add("--set " + name, text);
    s.options_.parameters[name] = s.program->add(syntax::parse_expression(s.sources, id, s.symbols, s.sink), id, names::Home::lab);
  }
  if (!request.test.empty())
    for (const auto& unit : s.program->units())
      if (unit.base != 0)
        for (const names::NodeRef c : s.program->children(unit.base))
          if ((*s.program)[c].kind == syntax::NodeKind::Test && s.symbols.text((*s.program)[c].text) == request.test) s.options_.test = c;
  s.evaluation = eval::evaluate(*s.program, s.symbols, s.sink, s.options_);
  if (s.evaluation->resources("lab").size() == 1) s.lab = model::build(*s.evaluation, s.arena, s.symbols);
  if (s.lab.settings.size() == 1 && !s.sink.has_errors()) s.oracle = std::make_unique<FlowOracle>(s);
  s.evaluation->set_oracle(s.oracle.get());
  s.evaluation->check_assertions();
  s.evaluation->sweep();
  const bool known = report_undisclosed(s);
  if (known && !s.sink.has_errors() && s.lab.settings.size() == 1) check(s, first_of_lab, end_of_lab);
  s.complete = known && !s.sink.has_errors();
  return out;
}

eval::Value Snapshot::evaluate(const std::string& expression) {
  const source::FileId id = sources.add("expression", expression);
  const syntax::Tree tree = syntax::parse_expression(sources, id, symbols, sink);
  if (sink.has_errors() && !complete) return {};
  const std::size_t before = sink.errors();
  const names::NodeRef root = program->add(tree, id, names::Home::lab);
  if (before != sink.errors()) return {};
  return evaluation->evaluate_root(root);
}

}  // namespace lab::session
