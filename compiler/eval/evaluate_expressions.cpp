// Evaluation of expressions. Every node was elaborated before; `Info` says what names mean.
#include <fmt/format.h>

#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"
#include "compiler/types/net.h"

namespace lab::eval {

using syntax::Node;
using syntax::Op;

namespace {

Env* up(Env* env, unsigned hops) {
  while (hops-- > 0 && env != nullptr) env = env->parent;
  return env;
}

}  // namespace

bool Engine::refuse_to_enter(NodeRef n) {
  if (depth_ >= max_depth) {
    report(Code::limit_exceeded, n, "nested too deeply here",
           fmt::format("evaluation is nested more than {} levels deep", max_depth));
  } else {
    report(Code::limit_exceeded, n, "stopped here",
           fmt::format("evaluation takes more than {} steps", max_steps));
  }
  return false;
}

Value Engine::eval(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  if (!enter(n)) return poison();
  ++depth_;
  if (n >= info_.size() || info_[n].type == nullptr) check(n, expected, env->scope);
  Value v = info_[n].type->kind == TypeKind::poison ? poison() : compute(n, env, expected, context);
  if (expected != nullptr && !v.poisoned()) v = coerce(v, expected, context, n);
  --depth_;
  return v;
}

Value Engine::compute(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const Info& info = info_[n];
  if (info.res == Res::constant) return constants_[info.node];
  const NodeKind kind = program_[n].kind;
  switch (kind) {
    case NodeKind::Name:
      return compute_name(n, env, expected, context);
    case NodeKind::Self: {
      if (env->self == nullptr) {
        report(Code::unknown_name, n, "nothing is being declared here",
               "`self` is the resource being declared, and there is none here");
        return poison();
      }
      Value v(Tag::record, n);
      v.record = env->self;
      // A `nodes` block says something for each of its machines, and nothing for the cluster.
      if (info.type->kind != TypeKind::any && !matches(v, info.type, false)) return poison();
      return v;
    }
    case NodeKind::Paren:
      return eval(program_.child(n, 0), env, expected, context);
    case NodeKind::Member:
      return compute_member(n, env);
    case NodeKind::Index:
      return compute_index(n, env);
    case NodeKind::Call:
      return compute_call(n, env, expected, context);
    case NodeKind::Tagged:
      return compute_tagged(n, env, expected, context);
    case NodeKind::Unary: {
      const Op op = static_cast<Op>(program_[n].op);
      Value v = eval(n + 1, env, op == Op::not_ ? types_.simple(TypeKind::boolean) : nullptr, {});
      if (v.poisoned()) return v;
      if (holds_secret(v))
        return refuse_secret(n, "a secret goes in here",
                             "nothing can be computed from a secret but a longer text");
      v.origin = n;
      if (op == Op::not_)
        v.b = !v.b;
      else if (v.is(Tag::real))
        v.d = -v.d;
      else if (v.is(Tag::integer) || v.is(Tag::duration) || v.is(Tag::size))
        v.i = -v.i;
      else {
        report(Code::bad_operands, n, "not a number", fmt::format("there is no negative of {}", display(v)));
        return poison();
      }
      return v;
    }
    case NodeKind::Binary:
      return compute_binary(n, env);
    case NodeKind::Conditional: {
      const NodeRef condition = n + 1;
      const NodeRef then = condition + program_[condition].size;
      const NodeRef otherwise = then + program_[then].size;
      const Value c = eval(condition, env, types_.simple(TypeKind::boolean), {});
      if (!c.is(Tag::boolean)) return poison();
      return eval(c.b ? then : otherwise, env, expected, context);
    }
    case NodeKind::List:
      return compute_list(n, env, expected, context);
    case NodeKind::Comprehension:
      return compute_comprehension(n, env, expected, context);
    case NodeKind::Body:
      return compute_body(n, env, expected, context);
    case NodeKind::Interpolation:
      return compute_interpolation(n, env);
    default:
      return poison();
  }
}

Value Engine::compute_name(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const Info info = info_[n];
  const auto as_record = [&](Record* r) {
    Value v(Tag::record, n);
    v.record = r;
    return v;
  };
  switch (info.res) {
    case Res::variable: {
      Env* at = up(env, info.depth);
      return at == nullptr || at->variables == nullptr ? poison() : at->variables[info.index];
    }
    case Res::own_field: {
      Env* at = up(env, info.depth);
      return at == nullptr || at->record == nullptr ? poison() : field(*at->record, info.index);
    }
    case Res::local_let: {
      Env* at = up(env, info.depth);
      if (at == nullptr) return poison();
      Value& memo = at->variables[info.index];
      if (memo.poisoned()) memo = eval(info.node, at, nullptr, {});
      return memo;
    }
    case Res::child: {
      Env* at = up(env, info.depth);
      const Symbol name = program_[n].text;
      for (Resource* r : by_instance_[at->record])
        if (r->label == name && r->record.schema == info.object) {
          used_.insert(&r->record);
          return as_record(&r->record);
        }
      report(
          Code::unknown_name, n, "not there",
          fmt::format("the part `{}` of this component does not exist under these conditions", text(name)));
      return poison();
    }
    case Res::let:
    case Res::copy: {
      if (const auto it = let_values_.find(info.node); it != let_values_.end()) return it->second;
      if (!evaluating_.insert(info.node).second) {
        report(Code::evaluation_cycle, n, "leads back to itself",
               fmt::format("the constant `{}` depends on itself", text(program_[n].text)));
        return poison();
      }
      const Value v =
          eval(info.node, global_, info.res == Res::copy ? static_cast<TypeRef>(info.object) : nullptr, {});
      evaluating_.erase(info.node);
      return let_values_[info.node] = v;
    }
    case Res::param: {
      if (const auto it = param_values_.find(info.node); it != param_values_.end()) return it->second;
      const NodeRef type = program_.child(info.node, 0);
      Value v = poison();
      if (const auto set = options_.parameters.find(std::string(text(program_[info.node].text)));
          set != options_.parameters.end()) {
        v = eval(set->second, global_, type_of(type, global_scope_), {});
      } else if (const auto changed = param_overrides_.find(info.node); changed != param_overrides_.end()) {
        v = eval(changed->second, global_, type_of(type, global_scope_), {});
      } else if (program_[info.node].has(syntax::has_value)) {
        v = eval(type + program_[type].size, global_, type_of(type, global_scope_), {});
      } else {
        report(Code::missing_field, info.node, "has no default",
               fmt::format("the parameter `{}` has no value", text(program_[info.node].text)))
            .note(fmt::format("give it one: `--set {}=VALUE`", text(program_[info.node].text)));
      }
      return param_values_[info.node] = v;
    }
    case Res::word: {
      Value v(Tag::word, n);
      v.word = program_[n].text;
      return v;
    }
    case Res::resource:
      if (is_removed(*static_cast<const Record*>(info.object), n)) return poison();
      used_.insert(static_cast<const Record*>(info.object));
      return as_record(static_cast<Record*>(const_cast<void*>(info.object)));
    case Res::kind: {
      Value v(Tag::kind, n);
      v.schema = static_cast<const Schema*>(info.object);
      return v;
    }
    case Res::dependent: {
      Value word(Tag::word, n);
      word.word = program_[n].text;
      const Value found = dependent(word, static_cast<TypeRef>(info.object), context, n, false);
      if (!found.poisoned()) return found;
      // Not there: what the name means without the expectation, or an error that says where it was looked
      // for.
      const NodeRef let = names::lookup(declarations_.lets, program_[n].text);
      if (let != 0) return eval(program_.child(let, 0), global_, nullptr, {});
      if (Record* any = find_any_resource(program_[n].text)) return as_record(any);
      return dependent(word, static_cast<TypeRef>(info.object), context, n, true);
    }
    default:
      return poison();
  }
  (void)expected;
}

Value Engine::compute_member(NodeRef n, Env* env) {
  const Info info = info_[n];
  if (info.res == Res::resource) {
    if (is_removed(*static_cast<const Record*>(info.object), n)) return poison();
    Value v(Tag::record, n);
    v.record = static_cast<Record*>(const_cast<void*>(info.object));
    return v;
  }
  const NodeRef object = n + 1;
  const Value o = eval(object, env, nullptr, {});
  if (o.poisoned()) return o;
  if (info.res == Res::function) {
    std::vector<Value> arguments{o};
    return call_builtin(*static_cast<const Builtin*>(info.object), n, arguments);
  }
  if (o.is(Tag::record)) note_reading(*o.record, program_[n].text, n);
  const bool known = info.res == Res::field && o.is(Tag::record) && o.record->schema == info.object;
  Value v = known ? field(*o.record, info.index) : member_of(o, program_[n].text, n);
  // What has a name is referred to here, and declared elsewhere.
  if (v.is(Tag::record) && v.record->named) v.origin = n;
  return v;
}

/// Whoever says where another workload is will speak to it.
void Engine::note_reading(const Record& target, Symbol name, NodeRef at) {
  if (target.owner != nullptr || reading_.empty()) return;
  const std::string_view field = text(name);
  if (field != "service" && field != "host" && field != "internal-url") return;
  const Record* reader = reading_.back().first;
  if (reader->resource != nullptr) reader = reader->resource;
  if (reader != &target) readings_.push_back({reader, &target, at});
}

Value Engine::member_of(const Value& o, Symbol name, NodeRef at) {
  switch (o.tag) {
    case Tag::record: {
      Record& r = *o.record;
      if (name == word_.name && r.schema->find(name) == nullptr)
        return r.schema->label == types::Label::optional && r.name == Symbol::empty ? Value(Tag::none, r.origin)
                                                             : make_string(text(r.name), r.origin);
      if (const Field* f = r.schema->find(name)) {
        note(at, f->decl);
        return field(r, f->index);
      }
      if (r.schema->name == word_.secret && r.owner == nullptr) {
        // A key of a secret is named, never read: keys may name each other.
        if (r.slots == nullptr)
          if (Resource* own = resource_of(r)) expand(*own);
        const Field* rest = r.schema->find(word_.rest);
        for (const Item* i = rest == nullptr ? nullptr : r.slots[rest->index].first; i != nullptr;
             i = i->next)
          if (i->node != 0 && program_[i->node].text == name) {
            note(at, i->node);
            return make_secret({SecretPart{{}, &r, name, '\0'}}, at);
          }
      }
      for (const Field& f : r.schema->fields) {
        if (types::find_alternative(f.type, [](TypeRef t) { return t->kind == TypeKind::map; }) == nullptr)
          continue;
        const Value map = field(r, f.index);
        if (!map.is(Tag::map)) continue;
        for (const Pair& p : map.map) {
          const bool same = p.key.is(Tag::string) ? p.key.text == text(name)
                                                  : p.key.is(Tag::record) && p.key.record->name == name;
          if (!same) continue;
          note(at, p.key.origin);
          return p.value;
        }
      }
      // parts of a component, and what lives in a namespace
      if (const auto parts = by_instance_.find(&r); parts != by_instance_.end())
        for (Resource* other : parts->second)
          if (other->label == name && !other->removed) {
            Value v(Tag::record, at);
            v.record = &other->record;
            note(at, other->record.origin);
            return v;
          }
      if (const auto it = by_name_.find(static_cast<std::uint32_t>(name)); it != by_name_.end()) {
        for (Record* other : it->second) {
          const Field* in = other->schema->find(word_.in);
          if (in == nullptr) continue;
          const Value home = field(*other, in->index);
          if (home.is(Tag::record) && home.record == &r) {
            Value v(Tag::record, at);
            v.record = other;
            note(at, other->origin);
            return v;
          }
        }
      }
      std::vector<std::string_view> candidates;
      for (const Field& f : r.schema->fields) {
        candidates.push_back(text(f.name));
        if (types::find_alternative(f.type, [](TypeRef t) { return t->kind == TypeKind::map; }) == nullptr)
          continue;
        const Value map = field(r, f.index);
        if (!map.is(Tag::map)) continue;
        for (const Pair& p : map.map)
          candidates.push_back(p.key.is(Tag::string)   ? p.key.text
                               : p.key.is(Tag::record) ? text(p.key.record->name)
                                                       : std::string_view());
      }
      source::Span where = program_.span(at);
      where.begin = where.end - std::min<std::uint32_t>(where.end - where.begin,
                                                        static_cast<std::uint32_t>(text(name).size()));
      const std::string what = r.named ? fmt::format("{} `{}`", text(r.schema->name), text(r.name))
                                       : fmt::format("`{}`", text(r.schema->name));
      auto& d = sink_.report(
          diagnostics::make(Code::unknown_field, where, "not there", "the {} has no `{}`", what, text(name)));
      if (r.origin != 0) d.at(program_.header(r.origin), "declared here");
      if (const auto best = diagnostics::nearest(text(name), candidates))
        d.replace(where, std::string(*best), fmt::format("did you mean `{}`?", *best),
                  diagnostics::Applicability::maybe);
      return poison();
    }
    case Tag::map:
      for (const Pair& p : o.map)
        if (p.key.is(Tag::string) ? p.key.text == text(name)
                                  : p.key.is(Tag::record) && p.key.record->name == name) {
          note(at, p.key.origin);
          return p.value;
        }
      report(Code::bad_index, at, "no such key", fmt::format("there is no key `{}`", text(name)));
      return poison();
    case Tag::kind:
      if (Record* r = find_resource(o.schema, name, at, nullptr, true)) {
        Value v(Tag::record, at);
        v.record = r;
        note(at, r->origin);
        return v;
      }
      report(Code::unknown_name, at, "not there",
             fmt::format("there is no {} called `{}`", text(o.schema->name), text(name)));
      return poison();
    case Tag::none:
      report(Code::bad_index, at, "this is none here",
             fmt::format("`{}` is read of something that is none", text(name)))
          .note("test it first: `x != none`, or give another value: `x ?? other`");
      return poison();
    default:
      if (const Builtin* b = find_builtin(text(name)); b != nullptr && b->least <= 1) {
        std::vector<Value> arguments{o};
        return call_builtin(*b, at, arguments);
      }
      report(Code::unknown_field, at, "not there",
             fmt::format("{} has no field `{}`", display(o), text(name)));
      return poison();
  }
}

Value Engine::compute_index(NodeRef n, Env* env) {
  const NodeRef object = n + 1, index = object + program_[object].size;
  const Value o = eval(object, env, nullptr, {});
  const Value i = eval(index, env, nullptr, {});
  if (o.poisoned() || i.poisoned()) return poison();
  const auto address = [&](types::Result<types::Ip> ip) {
    if (!ip) {
      report(Code::bad_index, index, ip.problem().reason, ip.problem().reason);
      return poison();
    }
    Value v(Tag::ip, n);
    v.ip = arena_.make<types::Ip>(*ip);
    return v;
  };
  if (as_secret(o).is(Tag::secret) || as_secret(i).is(Tag::secret))
    return refuse_secret(n, "a secret is looked at here", "a secret cannot decide what is looked up");
  if (i.is(Tag::host_part)) {
    const types::Cidr* network = nullptr;
    const types::IpRange* range = nullptr;
    if (o.is(Tag::cidr)) network = o.cidr;
    if (o.is(Tag::ip_range)) {
      network = o.ip_range->within;
      range = o.ip_range;
    }
    if (o.is(Tag::record))
      if (const Field* f = o.record->schema->find(word_.cidr)) {
        const Value cidr = field(*o.record, f->index);
        if (cidr.is(Tag::cidr)) network = cidr.cidr;
        if (cidr.poisoned()) return poison();
      }
    if (network == nullptr) {
      report(Code::unresolved_host_part, index, "of which network?",
             "a host part needs a network in front: `k8s[.51]`");
      return poison();
    }
    const types::HostPart part{static_cast<std::uint16_t>(i.i)};
    auto ip = part.resolve(*network);
    if (ip && range != nullptr && !range->contains(*ip)) {
      auto& d = report(Code::bad_index, index, fmt::format("{} is not in it", ip->format()),
                       fmt::format("{} lies outside the range {}", ip->format(), range->format()));
      d.at(program_.header(o.origin), "the range");
      return poison();
    }
    return address(ip);
  }
  if (i.is(Tag::integer)) {
    if (o.is(Tag::list)) {
      const std::int64_t at = i.i < 0 ? i.i + o.list.size : i.i;
      if (at >= 0 && at < o.list.size) return o.list.data[at];
      report(Code::bad_index, index, fmt::format("the list has {}", o.list.size),
             fmt::format("there is no element {} in a list of {}", i.i, o.list.size));
      return poison();
    }
    if (o.is(Tag::ip_range)) return address(o.ip_range->host(i.i));
    if (o.is(Tag::cidr)) return address(o.cidr->host(i.i));
  }
  if (i.is(Tag::string)) {
    if (o.is(Tag::record) || o.is(Tag::kind)) return member_of(o, symbols_.intern(i.text), index);
  }
  if (o.is(Tag::map)) {
    for (const Pair& p : o.map)
      if (equal(p.key, i) ||
          (p.key.is(Tag::record) && i.is(Tag::string) && text(p.key.record->name) == i.text))
        return p.value;
    report(Code::bad_index, index, "no such key", fmt::format("there is no key {}", display(i)));
    return poison();
  }
  report(Code::bad_index, index, "cannot be looked up",
         fmt::format("{} has no element {}", display(o), display(i)));
  return poison();
}

Value Engine::compute_list(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const TypeRef list = types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::list; });
  std::vector<Value> items;
  for (const NodeRef c : program_.children(n)) {
    const Value v = eval(c, env, list == nullptr ? nullptr : list->element, context);
    if (v.poisoned()) return poison();
    items.push_back(v);
  }
  return make_list(items, n);
}

Value Engine::resources_as_map(const Schema* schema, Origin origin) {
  std::vector<Pair> items;
  const auto add = [&](Record* r) {
    Value v(Tag::record, origin);
    v.record = r;
    items.push_back({make_string(text(r->name), r->origin), v});
  };
  std::vector<const std::vector<Record*>*> kinds;  // a kind, and those that are like it
  for (const auto& [name, records] : by_kind_)
    if (!records.empty() && records.front()->schema->is_a(schema)) kinds.push_back(&records);
  if (kinds.size() == 1)
    for (Record* r : *kinds.front()) add(r);
  else if (!kinds.empty())
    for (Record* r : existing_)
      if (r->schema->is_a(schema)) add(r);
  return make_map(items, origin);
}

bool Engine::iterate(const Value& c, NodeRef at, const Each& each) {
  const auto number = [&](std::int64_t i) {
    Value v(Tag::integer, at);
    v.i = i;
    return v;
  };
  switch (c.tag) {
    case Tag::poison:
    case Tag::none:
      return true;
    case Tag::list: {
      std::int64_t i = 0;
      for (const Value& v : c.list) each(number(i++), v);
      return true;
    }
    case Tag::map:
      for (const Pair& p : c.map) each(p.key, p.value);
      return true;
    case Tag::kind: {
      const Value map = resources_as_map(c.schema, at);
      for (const Pair& p : map.map) each(p.key, p.value);
      return true;
    }
    case Tag::range: {
      const Value a = c.pair[0], b = c.pair[1];
      if (a.is(Tag::integer) && b.is(Tag::integer)) {
        if (b.i - a.i >= max_elements) {
          report(Code::limit_exceeded, at, "too many",
                 fmt::format("a range of more than {} elements cannot be walked", max_elements));
          return false;
        }
        for (std::int64_t i = a.i; i <= b.i; ++i) each(number(i - a.i), number(i));
        return true;
      }
      break;
    }
    default:
      break;
  }
  if (holds_secret(c)) {
    refuse_secret(at, "a secret is gone over here", "a secret cannot decide how many there are of something");
    return false;
  }
  report(Code::bad_operands, at, "not a list",
         fmt::format("`for` goes over lists, maps, ranges of numbers and kinds, not over {}", display(c)));
  return false;
}

Value Engine::compute_comprehension(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const Node node = program_[n];
  const NodeRef list = n + 1;
  const Value c = eval(list, env, nullptr, {});
  if (c.poisoned()) return c;
  NodeRef condition = 0, element = list + program_[list].size;
  if (node.has(syntax::has_value)) {
    condition = element;
    element = condition + program_[condition].size;
  }
  const TypeRef wanted =
      types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::list; });
  std::vector<Value> items;
  bool broken = false;
  const bool walked = iterate(c, list, [&](const Value& k, const Value& v) {
    if (broken) return;
    Env* own = loop_env(n, env);
    own->variables[0] = node.op == 2 ? k : v;
    if (node.op == 2) own->variables[1] = v;
    if (condition != 0) {
      const Value t = eval(condition, own, types_.simple(TypeKind::boolean), {});
      if (t.poisoned()) broken = true;
      if (!t.is(Tag::boolean) || !t.b) return;
    }
    const Value e = eval(element, own, wanted == nullptr ? nullptr : wanted->element, context);
    if (e.poisoned()) broken = true;
    items.push_back(e);
  });
  return broken || !walked ? poison() : make_list(items, n);
}

Value Engine::compute_body(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  Field anonymous;
  anonymous.type = expected != nullptr
                       ? expected
                       : types_.map(types_.simple(TypeKind::string), types_.simple(TypeKind::any));
  Item item;
  item.kind = Item::Kind::body;
  item.node = n;
  item.env = env;
  // Free-form data needs no owner; records remember the one they are written in.
  static Record nowhere;
  Record& owner = context.owner != nullptr ? *context.owner : env->self != nullptr ? *env->self : nowhere;
  Item* kept = arena_.make<Item>(item);
  return resolve(anonymous.type, kept, anonymous, owner, context.key);
}

Value Engine::compute_interpolation(NodeRef n, Env* env) {
  std::string out;
  std::vector<SecretPart> secret;
  bool is_secret = false;
  for (const NodeRef c : program_.children(n)) {
    Value v = eval(c, env, nullptr, {});
    if (v.poisoned()) return v;
    // An element of a record that stands for its first field, as a port for its number.
    while (v.is(Tag::record) && !v.record->schema->fields.empty() && v.record->schema->name != word_.secret) {
      if (v.record->owner == nullptr && v.record->named) {
        report(Code::bad_operands, c, fmt::format("a {}", text(v.record->schema->name)),
               fmt::format("the {} `{}` is no text", text(v.record->schema->name), text(v.record->name)))
            .note("name one of its fields: `.name`, `.address`, `.url`");
        return poison();
      }
      v = field(*v.record, 0);
      if (v.poisoned()) return v;
    }
    if (v.is(Tag::record) || v.is(Tag::secret)) {
      is_secret = true;
      if (!out.empty()) secret.push_back({arena_.text(out), nullptr, Symbol::empty, '\0'});
      out.clear();
      if (v.is(Tag::record))
        secret.push_back({{}, v.record, Symbol::empty, '\0'});
      else
        secret.insert(secret.end(), v.secret->begin(), v.secret->end());
      continue;
    }
    switch (v.tag) {
      case Tag::string:
      case Tag::version:
        if (out.size() + v.text.size() > max_text) {
          report(Code::limit_exceeded, n, "too long",
                 fmt::format("a text of more than {} MiB cannot be put together", max_text >> 20));
          return poison();
        }
        out += v.text;
        break;
      case Tag::port:
        out += v.port->format_numbers();
        break;
      case Tag::list:
      case Tag::map:
      case Tag::none:
      case Tag::kind:
      case Tag::template_:
      case Tag::range:
      case Tag::host_part:
      case Tag::host_range:
        report(Code::bad_operands, c, fmt::format("this is {}", display(v)),
               fmt::format("{} cannot stand inside a text", v.is(Tag::none) ? "none" : display(v)));
        return poison();
      default:
        out += display(v);
    }
  }
  if (is_secret) {
    if (!out.empty()) secret.push_back({arena_.text(out), nullptr, Symbol::empty, '\0'});
    return make_secret(secret, n);
  }
  return make_string(arena_.text(out), n);
}

Value Engine::compute_call(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const Info info = info_[n];
  const NodeRef callee = n + 1;
  if (info.res == Res::tag || info.res == Res::constructor) {
    Record* r = new_record(static_cast<const Schema*>(info.object),
                           context.owner != nullptr ? context.owner : env->self, 0, n);
    r->resource = context.owner != nullptr ? context.owner->resource : env->self;
    spread_arguments(*r, n, env);
    Value v(Tag::record, n);
    v.record = r;
    return v;
  }
  std::vector<Value> arguments;
  const bool method = program_[callee].kind == NodeKind::Member;
  if (info.res == Res::function) {
    const Scope* scope = scope_of_.at(info.node);
    Env* own = make_env(scope, global_);
    std::vector<NodeRef> parameters;
    NodeRef result = 0, body = 0;
    for (const NodeRef c : program_.children(info.node)) {
      if (program_[c].kind == NodeKind::Parameter)
        parameters.push_back(c);
      else if (result == 0)
        result = c;
      else
        body = c;
    }
    std::vector<char> given(parameters.size(), 0);
    std::size_t position = 0;
    if (method && !parameters.empty()) {
      own->variables[0] = eval(callee + 1, env, scope->variables[0].second, {});
      given[0] = 1;
      position = 1;
    }
    for (const NodeRef c : program_.children(n)) {
      if (c == callee) continue;
      std::size_t at = position;
      if (program_[c].text != Symbol::empty) {
        at = 0;
        while (at < parameters.size() && program_[parameters[at]].text != program_[c].text) ++at;
      } else {
        ++position;
      }
      if (at >= parameters.size()) return poison();
      own->variables[at] = eval(c + 1, env, scope->variables[at].second, {});
      given[at] = 1;
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (given[i]) {
        if (own->variables[i].poisoned()) return poison();
        continue;
      }
      const NodeRef type = program_.child(parameters[i], 0);
      own->variables[i] = eval(type + program_[type].size, own, scope->variables[i].second, {});
    }
    if (std::count(stack_.begin(), stack_.end(), info.node) > 0) {
      report(Code::evaluation_cycle, n, "called again here",
             fmt::format("the function `{}` calls itself", text(program_[info.node].text)));
      return poison();
    }
    stack_.push_back(info.node);
    const Value v = eval(body, own, type_of(result, global_scope_), context);
    stack_.pop_back();
    return v;
  }
  if (info.res != Res::builtin) return poison();
  const Builtin& b = *static_cast<const Builtin*>(info.object);
  if (method) arguments.push_back(eval(callee + 1, env, nullptr, {}));
  for (const NodeRef c : program_.children(n))
    if (c != callee) arguments.push_back(eval(c + 1, env, nullptr, {}));
  for (const Value& a : arguments)
    if (a.poisoned()) return poison();
  (void)expected;
  return call_builtin(b, n, arguments);
}

Value Engine::compute_tagged(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const Info info = info_[n];
  if (info.res == Res::kind) {
    Value v(Tag::template_, n);
    v.tmpl = {n, env};
    return v;
  }
  const NodeRef callee = n + 1;
  const NodeRef body = callee + program_[callee].size;
  Record* r = new_record(static_cast<const Schema*>(info.object),
                         context.owner != nullptr ? context.owner : env->self, 0, n);
  r->resource = context.owner != nullptr ? context.owner->resource : env->self;
  if (info.res == Res::constructor) {
    Item item;
    item.kind = Item::Kind::expression;
    item.node = callee;
    item.env = env;
    add(*r, 0, item);
  }
  spread(*r, body, body_env(body, env, nullptr));
  (void)expected;
  Value v(Tag::record, n);
  v.record = r;
  return v;
}

}  // namespace lab::eval
