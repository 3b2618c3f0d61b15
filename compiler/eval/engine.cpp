#include "compiler/eval/engine.h"

#include <fmt/format.h>

#include "compiler/types/text.h"

namespace lab::eval {

using syntax::Node;

Engine::Engine(names::Program& program, source::Symbols& symbols, diagnostics::Sink& sink,
               const Options& options)
    : program_(program),
      symbols_(symbols),
      sink_(sink),
      options_(options),
      declarations_(names::collect(program, symbols, sink)),
      types_(symbols) {
  info_.resize(program_.size());
  global_scope_ = new_scope(nullptr);
  global_ = make_env(global_scope_, nullptr);
  word_ = {sym("name"),   sym("like"),    sym("self"), sym("key"),  sym("it"),
           sym("in"),     sym("secret"),  sym("port"), sym("lab"),  sym("on"),
           sym("exists"), sym("network"), sym("rest"), sym("cidr"), sym("resource")};
  for (const NodeRef t : declarations_.tests) tests_.push_back({text(program_[t].text), t});
  tracking_uses_ = true;
}

Meaning Engine::meaning(NodeRef n) const {
  if (n >= info_.size()) return {};
  const Info& info = info_[n];
  Meaning out{info.res, info.type, 0, nullptr};
  switch (info.res) {
    case Res::own_field:
    case Res::field:
      if (const auto* s = static_cast<const Schema*>(info.object);
          s != nullptr && info.index < s->fields.size())
        out.declaration = s->fields[info.index].decl;
      break;
    case Res::resource:
      out.record = static_cast<const Record*>(info.object);
      out.declaration = out.record->origin;
      break;
    case Res::kind:
    case Res::tag:
    case Res::constructor:
      out.declaration = static_cast<const Schema*>(info.object)->decl;
      break;
    case Res::let:
    case Res::copy:
      out.declaration = names::lookup(declarations_.lets, program_[n].text);
      break;
    case Res::local_let:
      out.declaration = info.node - 1;
      break;  // the value stands directly behind its Let
    case Res::child:
    case Res::param:
    case Res::function:
      out.declaration = info.node;
      break;
    default:
      break;
  }
  return out;
}

const Schema* Engine::kind_named(std::string_view name) {
  return kind(sym(name));
}

Value Engine::evaluate_root(NodeRef expression) {
  if (info_.size() < program_.size()) info_.resize(program_.size());
  std::vector<Finding> findings;
  findings_ = &findings;
  const Value v = eval(expression, global_, nullptr, {});
  findings_ = nullptr;
  const auto unknown = std::ranges::find(findings, Finding::Verdict::unknown, &Finding::verdict);
  if (v.poisoned() && unknown != findings.end()) report_unknown(expression, "this is unknown", *unknown);
  return v;
}

types::Check Engine::check_flavour(types::Flavour flavour, std::string_view text) {
  types::Check problem;
  switch (flavour) {
    case types::Flavour::plain:
      break;
    case types::Flavour::url:
      problem = types::check_url(text);
      break;
    case types::Flavour::image: {
      const auto image = types::Image::parse(text);
      if (!image) problem = image.problem();
      break;
    }
    case types::Flavour::hostname:
      problem = types::check_hostname(text, true);
      break;
    case types::Flavour::path:
      problem = types::check_path(text);
      break;
    case types::Flavour::mode: {
      const auto mode = types::parse_mode(text);
      if (!mode) problem = mode.problem();
      break;
    }
    case types::Flavour::time: {
      const auto time = types::parse_time(text);
      if (!time) problem = time.problem();
      break;
    }
    case types::Flavour::cron: {
      const auto cron = types::Cron::parse(text);
      if (!cron) problem = cron.problem();
      break;
    }
    case types::Flavour::regex:
      problem = types::check_regex(text);
      break;
  }
  return problem;
}

void Engine::run() {
  applied_ = chosen_environments();
  if (options_.test != 0) applied_.push_back(program_.child(options_.test, 0));
  for (const auto& [name, node] : options_.parameters) {
    (void)node;
    if (names::lookup(declarations_.params, symbols_.find(name)) == 0)
      sink_.report(diagnostics::make(Code::unknown_parameter, {}, "", "the lab has no parameter `{}`", name));
  }
  // Parameters set by environments and tests hold before anything is declared.
  for (const NodeRef body : applied_)
    for (const NodeRef m : program_.children(body))
      if (const NodeRef param = parameter_set_by(m)) param_overrides_[param] = entry_parts(m).value;
  // What packages derive from the lab's resources (`for c in cluster { … }`) reads them as changed.
  std::vector<NodeRef> declared, derived;
  for (const NodeRef m : declarations_.members) {
    const bool generates = program_[m].kind == NodeKind::For || program_[m].kind == NodeKind::If;
    (generates && program_.unit(m).home != names::Home::lab ? derived : declared).push_back(m);
  }
  register_members(declared, global_, nullptr);
  for (const NodeRef body : applied_) apply_changes(body, global_, true);
  for (const NodeRef body : applied_) apply_changes(body, global_, false);
  register_members(derived, global_, nullptr);
  expand_components();
  report_waiting_changes();
  check_unique();
  drop_unused();
  for (std::size_t i = 0; i < existing_.size(); ++i) check_rules(*existing_[i]);
  const auto labs = resources("lab");
  if (labs.size() != 1) {
    if (labs.empty()) {
      source::Span first;
      for (const auto& unit : program_.units()) {
        if (unit.home != names::Home::lab) continue;
        if (program_[unit.base].has(syntax::damaged)) return;  // it may stand where nothing could be read
        if (!first.valid()) first = {unit.file, 0, 0};
      }
      sink_
          .report(diagnostics::make(Code::missing_lab, first, "none in this folder",
                                    "there is no `lab` declaration"))
          .note("one file says what the lab is: `lab NAME { domain = \"example.net\" }`");
    } else {
      auto& d = report(Code::missing_lab, labs[1]->origin, "a second one",
                       "there is more than one `lab` declaration");
      d.at(program_.header(labs[0]->origin), "the first one");
    }
  }
}

/// Names are unique per kind, and of what lives `in` something, per that.
void Engine::check_unique() {
  for (const auto& [name, records] : by_name_) {
    if (records.size() < 2) continue;
    for (std::size_t i = 1; i < records.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        Record *a = records[j], *b = records[i];
        if (a->schema != b->schema) continue;
        if (const Field* in = a->schema->find(word_.in)) {
          const Value x = field(*a, in->index), y = field(*b, in->index);
          if (x.poisoned() || y.poisoned() || !equal(x, y)) continue;
        }
        report(Code::duplicate_declaration, b->origin, "declared again here",
               fmt::format("the {} `{}` is declared twice", text(b->schema->name), text(b->name)))
            .at(program_.header(a->origin), "first declared here");
      }
  }
}

std::unique_ptr<Evaluation> evaluate(names::Program& program, source::Symbols& symbols,
                                     diagnostics::Sink& sink, const Options& options) {
  auto engine = std::make_unique<Engine>(program, symbols, sink, options);
  engine->run();
  return engine;
}

}  // namespace lab::eval
