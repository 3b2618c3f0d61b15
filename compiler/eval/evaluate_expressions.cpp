// Evaluation of expressions. Every node was elaborated before; `Info` says what names mean.
#include <fmt/format.h>

#include "compiler/diagnostics/article.h"
#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

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
      return compute_name(n, env, context);
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
      return compute_call(n, env, context);
    case NodeKind::Tagged:
      return compute_tagged(n, env, context);
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

Value Engine::compute_name(NodeRef n, Env* env, const Context& context) {
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
        report(Code::bad_operands, c, diagnostics::with_article(text(v.record->schema->name)),
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

}  // namespace lab::eval
