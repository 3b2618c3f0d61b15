// Values to the type of the field that takes them: host parts to addresses, names to blocks, plain
// values to records through their first field; and the rules of refined types.
#include <fmt/format.h>

#include "compiler/diagnostics/article.h"
#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/engine.h"
#include "compiler/types/net.h"
#include "compiler/types/text.h"

namespace lab::eval {

using types::Flavour;

bool Engine::matches(const Value& v, TypeRef type, bool exact) {
  const auto principal = [&](const Schema* s) {
    return !s->fields.empty() && matches(v, s->fields[0].type, false);
  };
  switch (type->kind) {
    case TypeKind::poison:
    case TypeKind::empty:
      return true;
    case TypeKind::any:
      return !exact && !v.is(Tag::secret);
    case TypeKind::none:
      return v.is(Tag::none);
    case TypeKind::optional:
      return v.is(Tag::none) || matches(v, type->element, exact);
    case TypeKind::refined: {
      if (!matches(v, type->element, exact)) return false;
      return !exact || true;
    }
    case TypeKind::union_:
      for (const TypeRef a : type->alternatives)
        if (matches(v, a, exact)) return true;
      return false;
    case TypeKind::secret:
      return v.is(Tag::secret) || (v.is(Tag::record) && v.record->schema->name == word_.secret);
    case TypeKind::boolean:
      return v.is(Tag::boolean) ||
             (!exact && v.is(Tag::word) && (text(v.word) == "true" || text(v.word) == "false"));
    case TypeKind::word:
      if (v.is(Tag::boolean)) return text(type->name) == (v.b ? "true" : "false");
      return v.is(Tag::word) && v.word == type->name;
    case TypeKind::integer:
      if (v.is(Tag::integer)) return true;
      break;
    case TypeKind::real:
      return v.is(Tag::real) || (!exact && v.is(Tag::integer));
    case TypeKind::string:
      if (v.is(Tag::string)) return true;
      break;
    case TypeKind::size:
      return v.is(Tag::size);
    case TypeKind::duration:
      return v.is(Tag::duration);
    case TypeKind::rate:
      return v.is(Tag::rate);
    case TypeKind::cores:
      return v.is(Tag::cores) || (!exact && (v.is(Tag::integer) || v.is(Tag::real)));
    case TypeKind::percent:
      return v.is(Tag::percent);
    case TypeKind::version:
      return v.is(Tag::version) || (!exact && (v.is(Tag::real) || v.is(Tag::integer) || v.is(Tag::string)));
    case TypeKind::ip:
      if (v.is(Tag::ip)) return true;
      break;
    case TypeKind::cidr:
      return v.is(Tag::cidr);
    case TypeKind::ip_range:
      return v.is(Tag::ip_range);
    case TypeKind::host_part:
      return v.is(Tag::host_part);
    case TypeKind::host_range:
      return v.is(Tag::host_range);
    case TypeKind::mac:
      return v.is(Tag::mac);
    case TypeKind::port:
      return v.is(Tag::port);
    case TypeKind::list:
      if (!v.is(Tag::list)) return false;
      for (const Value& e : v.list)
        if (!matches(e, type->element, false)) return false;
      return true;
    case TypeKind::map:
      return v.is(Tag::map) || v.is(Tag::kind);
    case TypeKind::range:
      return v.is(Tag::range) || (!exact && matches(v, type->element, false));
    case TypeKind::reference:
      return v.is(Tag::record) && v.record->owner == nullptr && v.record->schema->is_a(type->schema);
    case TypeKind::dependent: {
      const std::string_view what = text(type->name);
      if (what == "ip") return v.is(Tag::ip) || v.is(Tag::host_part);
      if (what == "ip-range") return v.is(Tag::ip_range) || v.is(Tag::host_range);
      return v.is(Tag::record) ? v.record->named : v.is(Tag::word) || (!exact && v.is(Tag::string));
    }
    case TypeKind::record:
      if (v.is(Tag::record) && v.record->schema == type->schema) return true;
      if (type->schema->kind == SchemaKind::tag) return v.is(Tag::word) && v.word == type->schema->name;
      return !exact && principal(type->schema);
    case TypeKind::kind:
      return v.is(Tag::kind);
    case TypeKind::template_:
      return v.is(Tag::template_);
  }
  // A block stands for its first field: a port for its number.
  if (!exact && v.is(Tag::record) && !(v.record->named && v.record->owner == nullptr) &&
      !v.record->schema->fields.empty() && v.record->schema->kind != SchemaKind::tag)
    return matches(field(*v.record, 0), type, false);
  return false;
}

Value Engine::dependent(const Value& v, TypeRef type, const Context& context, NodeRef at, bool report_it) {
  // The record that FIELD names: a field of the record that holds the value, or of what holds that.
  Value target = poison();
  const std::string_view first = text(type->path.front());
  if (first == "key") {
    if (context.key != nullptr) target = *context.key;
  } else if (first == "self") {
    target = Value(Tag::record, at);
    target.record = context.owner == nullptr ? nullptr : context.owner->resource;
    if (target.record == nullptr) return poison();
  } else {
    Record* owner = context.owner;
    const Field* f = nullptr;
    for (; owner != nullptr; owner = owner->owner)
      if ((f = owner->schema->find(type->path.front())) != nullptr) break;
    if (f != nullptr) target = field(*owner, f->index);
  }
  for (std::size_t i = 1; i < type->path.size() && !target.poisoned(); ++i)
    target = member_of(target, type->path[i], at);
  if (target.is(Tag::list)) target = target.list.size == 0 ? poison() : target.list.data[0];
  if (target.poisoned()) return target;
  const std::string_view what = text(type->name);
  if (what == "ip" || what == "ip-range") {
    if (v.is(Tag::ip) || v.is(Tag::ip_range)) return v;
    const types::Cidr* network = nullptr;
    if (target.is(Tag::cidr)) network = target.cidr;
    if (target.is(Tag::record))
      if (const Field* f = target.record->schema->find(word_.cidr)) {
        const Value cidr = field(*target.record, f->index);
        if (cidr.poisoned()) return cidr;
        if (cidr.is(Tag::cidr)) network = cidr.cidr;
      }
    if (network == nullptr) {
      if (report_it)
        report(Code::unresolved_host_part, at, "of which network?",
               fmt::format("`{}` is a host part, and nothing here says of which network", display(v)))
            .note("name the network: `k8s[.51]`");
      return poison();
    }
    const auto fail_with = [&](const types::Problem& p) {
      auto& d = report(Code::unresolved_host_part, at, p.reason,
                       fmt::format("`{}` is no address of {}", display(v), network->format()));
      if (target.is(Tag::record)) d.at(program_.header(target.record->origin), "the network");
      return poison();
    };
    if (v.is(Tag::host_part)) {
      const auto ip = types::HostPart{static_cast<std::uint16_t>(v.i)}.resolve(*network);
      if (!ip) return fail_with(ip.problem());
      Value out(Tag::ip, v.origin);
      out.ip = arena_.make<types::Ip>(*ip);
      return out;
    }
    if (v.is(Tag::host_range)) {
      const auto range = types::HostRange{
          {static_cast<std::uint16_t>(v.hosts.first)},
          {static_cast<std::uint16_t>(
              v.hosts.last)}}.resolve(*network);
      if (!range) return fail_with(range.problem());
      Value out(Tag::ip_range, v.origin);
      out.ip_range = arena_.make<PlacedRange>(PlacedRange{*range, network});
      return out;
    }
    return poison();
  }
  if (v.is(Tag::record)) return v;
  const std::string_view name = v.is(Tag::word)     ? text(v.word)
                                : v.is(Tag::string) ? v.text
                                                    : std::string_view();
  std::vector<std::string_view> candidates;
  if (target.is(Tag::record)) {
    if (const Field* f = target.record->schema->find(type->name)) {
      const Value map = field(*target.record, f->index);
      if (map.poisoned()) return map;
      if (map.is(Tag::map)) {
        for (const Pair& p : map.map) {
          const std::string_view key = p.key.is(Tag::string)   ? p.key.text
                                       : p.key.is(Tag::record) ? text(p.key.record->name)
                                                               : std::string_view();
          if (key == name) {
            note(at, p.key.origin);
            return p.value;
          }
          candidates.push_back(key);
        }
      }
    }
    // resources of that kind that live in it
    if (const Schema* k = kind(type->name)) {
      for (Record* r : existing_) {
        if (!r->schema->is_a(k)) continue;
        const Field* in = r->schema->find(word_.in);
        if (in == nullptr) continue;
        const Value home = field(*r, in->index);
        if (!home.is(Tag::record) || home.record != target.record) continue;
        if (text(r->name) == name) {
          Value out(Tag::record, at);
          out.record = r;
          note(at, r->origin);
          return out;
        }
        candidates.push_back(text(r->name));
      }
    }
  }
  if (report_it) {
    const std::string whose =
        target.is(Tag::record)
            ? fmt::format("the {} `{}`", text(target.record->schema->name), text(target.record->name))
            : display(target);
    auto& d = report(Code::unknown_name, at, fmt::format("no such {}", what),
                     fmt::format("{} has no {} called `{}`", whose, what, name));
    if (target.is(Tag::record)) d.at(program_.header(target.record->origin), "declared here");
    if (const auto best = diagnostics::nearest(name, candidates))
      d.replace(program_.span(at), std::string(*best), fmt::format("did you mean `{}`?", *best),
                diagnostics::Applicability::maybe);
    else if (!candidates.empty() && candidates.size() <= 8)
      d.note(fmt::format("it has {}", fmt::join(candidates, ", ")));
  }
  return poison();
}

bool Engine::check_predicate(TypeRef refined, const Value& v, NodeRef at) {
  const auto scope = scope_of_.find(refined->predicate);
  if (scope == scope_of_.end()) return true;
  Env* env = make_env(scope->second, global_);
  env->variables[0] = v;
  Value result = eval(refined->predicate, env, nullptr, {});
  if (result.poisoned()) return true;
  // A range, list or pattern alone means membership.
  bool holds = result.is(Tag::boolean) && result.b;
  if (!result.is(Tag::boolean)) holds = contains(refined->predicate, result, v);
  if (holds) return true;
  const std::string rule(program_.sources().slice(program_.span(refined->predicate)));
  auto& d =
      report(Code::refinement_failed, v.origin != 0 && !program_.standard(v.origin) ? v.origin : at,
             fmt::format("this is {}", display(v)), fmt::format("{} breaks the rule `{}`", display(v), rule));
  d.at(program_.span(refined->predicate), "the rule");
  return false;
}

Value Engine::refuse_text(const Value& value, NodeRef at, TypeRef type, const types::Problem& problem) {
  if (value.origin != 0) at = value.origin;
  auto& d = report(Code::bad_literal, at,
                   fmt::format("not {}", diagnostics::with_article(types_.describe(type))), problem.reason);
  // Only where the text stands as it is: no escapes, no parts.
  const source::Span span = program_.span(at);
  const bool literal =
      program_[at].kind == syntax::NodeKind::String && span.end - span.begin == value.text.size() + 2;
  if (literal && !problem.suggestion.empty())
    d.replace(span, fmt::format("\"{}\"", problem.suggestion), fmt::format("write `{}`", problem.suggestion),
              diagnostics::Applicability::maybe);
  return poison();
}

Value Engine::coerce(Value v, TypeRef type, const Context& context, NodeRef at) {
  if (v.poisoned()) return v;
  const auto wrong = [&] {
    if (v.is(Tag::secret) || (v.is(Tag::record) && v.record->schema->name == word_.secret)) {
      report(Code::secret_flow, at, "a secret",
             fmt::format("a secret cannot go where {} is public",
                         diagnostics::with_article(types_.describe(types::bare(type)))))
          .note("secrets reach Kubernetes Secrets, encrypted files and secret inputs of steps alone");
    } else if (v.is(Tag::none)) {
      report(Code::type_mismatch, at, "this is none here",
             fmt::format("expected {}, found none", types_.describe(type)));
    } else {
      auto& d = report(Code::type_mismatch, at, fmt::format("this is {}", display(v)),
                       fmt::format("expected {}, found {}", types_.describe(type), display(v)));
      if (v.is(Tag::record) && v.record->origin != 0 && v.record->named)
        d.at(program_.header(v.record->origin), diagnostics::with_article(text(v.record->schema->name)));
    }
    return poison();
  };
  switch (type->kind) {
    case TypeKind::poison:
    case TypeKind::empty:
      return v;
    case TypeKind::any:
      return as_secret(v).is(Tag::secret) ? wrong() : v;
    case TypeKind::optional:
      return v.is(Tag::none) ? v : coerce(v, type->element, context, at);
    case TypeKind::refined: {
      const Value inner = coerce(v, type->element, context, at);
      if (inner.poisoned() || check_predicate(type, inner, at)) return inner;
      return poison();
    }
    case TypeKind::union_:
      for (const bool exact : {true, false})
        for (const TypeRef a : type->alternatives)
          if (matches(v, a, exact)) return coerce(v, a, context, at);
      return wrong();
    default:
      break;
  }
  if (!matches(v, type, false)) return wrong();
  switch (type->kind) {
    case TypeKind::secret:
      if (v.is(Tag::record)) return make_secret({SecretPart{{}, v.record, Symbol::empty, '\0'}}, v.origin);
      return v;
    case TypeKind::dependent:
      return dependent(v, type, context, at, true);
    case TypeKind::boolean:
      if (v.is(Tag::word)) {
        Value b(Tag::boolean, v.origin);
        b.b = text(v.word) == "true";
        return b;
      }
      return v;
    case TypeKind::cores:
      if (v.is(Tag::integer) || v.is(Tag::real)) {
        Value c(Tag::cores, v.origin);
        c.i = v.is(Tag::integer) ? v.i * 1000 : static_cast<std::int64_t>(v.d * 1000 + 0.5);
        return c;
      }
      return v;
    case TypeKind::real:
      if (v.is(Tag::integer)) {
        Value d(Tag::real, v.origin);
        d.d = static_cast<double>(v.i);
        return d;
      }
      return v;
    case TypeKind::version:
      if (!v.is(Tag::version)) {
        Value s(Tag::version, v.origin);
        s.text = v.is(Tag::string) ? v.text : text(program_[v.origin].text);
        return s;
      }
      return v;
    case TypeKind::string:
      if (v.is(Tag::record)) return coerce(field(*v.record, 0), type, context, at);
      if (type->flavour != Flavour::plain) {
        if (const types::Check problem = check_flavour(type->flavour, v.text)) {
          return refuse_text(v, at, type, *problem);
        }
      }
      return v;
    case TypeKind::ip:
    case TypeKind::integer:
      if (v.is(Tag::record)) return coerce(field(*v.record, 0), type, context, at);
      return v;
    case TypeKind::range: {
      Value* pair = arena_.array<Value>(2);
      const bool one = !v.is(Tag::range);
      pair[0] = coerce(one ? v : v.pair[0], type->element, context, at);
      pair[1] = one ? pair[0] : coerce(v.pair[1], type->element, context, at);
      if (pair[0].poisoned() || pair[1].poisoned()) return poison();
      Value r(Tag::range, v.origin);
      r.pair = pair;
      return r;
    }
    case TypeKind::list: {
      bool changed = false;
      std::vector<Value> items;
      items.reserve(v.list.size);
      for (const Value& e : v.list) {
        // A list literal was evaluated element by element for this type already.
        const Value c = coerce(e, type->element, context, e.origin != 0 ? e.origin : at);
        if (c.poisoned()) return c;
        changed = changed || c.tag != e.tag || c.i != e.i;
        items.push_back(c);
      }
      return changed ? make_list(items, v.origin) : v;
    }
    case TypeKind::map: {
      if (v.is(Tag::kind)) return resources_as_map(v.schema, v.origin);
      if (type->element->kind == TypeKind::any) return v;
      std::vector<Pair> items;
      for (const Pair& p : v.map) {
        const Value c = coerce(p.value, type->element, {context.owner, &p.key},
                               p.value.origin != 0 ? p.value.origin : at);
        if (c.poisoned()) return c;
        items.push_back({p.key, c});
      }
      return make_map(items, v.origin);
    }
    case TypeKind::record: {
      if (v.is(Tag::record) && v.record->schema == type->schema) return v;
      Record* r = new_record(type->schema, context.owner, 0, v.origin);
      if (context.owner != nullptr) r->resource = context.owner->resource;
      if (type->schema->kind != SchemaKind::tag) {
        Item item;
        item.kind = Item::Kind::ready;
        item.value = v;
        item.node = at;
        add(*r, 0, item);
      }
      Value out(Tag::record, v.origin);
      out.record = r;
      return out;
    }
    case TypeKind::reference:
      if (tracking_uses_) used_.insert(v.record);
      return v;
    default:
      return v;
  }
}

}  // namespace lab::eval
