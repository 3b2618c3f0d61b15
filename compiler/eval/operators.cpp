// Operators on values: arithmetic that respects units, comparison, membership.
#include <fmt/format.h>

#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"
#include "compiler/types/net.h"
#include "compiler/types/quantity.h"
#include "compiler/types/version.h"

namespace lab::eval {

using syntax::Op;

namespace {

constexpr std::string_view spelled(Op op) {
  constexpr std::string_view names[] = {
      "??", "or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "..", "+", "-", "*", "/", "not", "-"};
  return names[static_cast<std::size_t>(op)];
}

bool unit(Tag t) {
  return t == Tag::size || t == Tag::duration || t == Tag::rate || t == Tag::cores || t == Tag::percent;
}

double number(const Value& v) {
  return v.is(Tag::real) ? v.d : static_cast<double>(v.i);
}

}  // namespace

bool Engine::equal(const Value& a, const Value& b) {
  if (a.is(Tag::record) && b.is(Tag::word))
    return a.record->schema->kind == SchemaKind::tag && a.record->schema->name == b.word;
  if (a.is(Tag::word) && b.is(Tag::record)) return equal(b, a);
  if (a.is(Tag::word) && b.is(Tag::boolean)) return text(a.word) == (b.b ? "true" : "false");
  if (a.is(Tag::boolean) && b.is(Tag::word)) return equal(b, a);
  if ((a.is(Tag::integer) && b.is(Tag::real)) || (a.is(Tag::real) && b.is(Tag::integer)))
    return number(a) == number(b);
  if (a.tag != b.tag) {
    // A record stands for its first field.
    if (a.is(Tag::record) && !a.record->named && !a.record->schema->fields.empty() && !b.is(Tag::none))
      return equal(field(*a.record, 0), b);
    if (b.is(Tag::record) && !b.record->named && !b.record->schema->fields.empty() && !a.is(Tag::none))
      return equal(a, field(*b.record, 0));
    return false;
  }
  switch (a.tag) {
    case Tag::none:
      return true;
    case Tag::boolean:
      return a.b == b.b;
    case Tag::real:
      return a.d == b.d;
    case Tag::string:
      return a.text == b.text;
    case Tag::version: {
      const auto x = types::Version::parse(a.text), y = types::Version::parse(b.text);
      return x && y ? *x == *y : a.text == b.text;
    }
    case Tag::word:
      return a.word == b.word;
    case Tag::ip:
      return *a.ip == *b.ip;
    case Tag::cidr:
      return *a.cidr == *b.cidr;
    case Tag::ip_range:
      return *a.ip_range == *b.ip_range;
    case Tag::port:
      return *a.port == *b.port;
    case Tag::host_range:
      return a.hosts.first == b.hosts.first && a.hosts.last == b.hosts.last;
    case Tag::list:
      if (a.list.size != b.list.size) return false;
      for (std::uint32_t i = 0; i < a.list.size; ++i)
        if (!enter(a.origin) || !equal(a.list.data[i], b.list.data[i])) return false;
      return true;
    case Tag::map:
      if (a.map.size != b.map.size) return false;
      for (const Pair& p : a.map) {
        bool found = false;
        for (const Pair& q : b.map) found = found || (equal(p.key, q.key) && equal(p.value, q.value));
        if (!found) return false;
      }
      return true;
    case Tag::record: {
      if (a.record == b.record) return true;
      if (a.record->named || b.record->named || a.record->schema != b.record->schema) return false;
      for (const Field& f : a.record->schema->fields)
        if (!f.computed && !equal(field(*a.record, f.index), field(*b.record, f.index))) return false;
      return true;
    }
    case Tag::range:
      return equal(a.pair[0], b.pair[0]) && equal(a.pair[1], b.pair[1]);
    case Tag::kind:
      return a.schema == b.schema;
    case Tag::secret:
    case Tag::template_:
    case Tag::poison:
      return false;
    default:
      return a.i == b.i;
  }
}

int Engine::compare(NodeRef at, const Value& a, const Value& b, bool& ok) {
  ok = true;
  const auto three = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
  if ((a.is(Tag::integer) || a.is(Tag::real) || a.is(Tag::cores)) &&
      (b.is(Tag::integer) || b.is(Tag::real) || b.is(Tag::cores))) {
    const double x = a.is(Tag::cores) ? static_cast<double>(a.i) / 1000 : number(a),
                 y = b.is(Tag::cores) ? static_cast<double>(b.i) / 1000 : number(b);
    if (a.is(Tag::integer) && b.is(Tag::integer)) return three(a.i, b.i);
    return three(x, y);
  }
  if (a.tag == b.tag && unit(a.tag)) return three(a.i, b.i);
  if (a.is(Tag::ip) && b.is(Tag::ip)) return three(*a.ip, *b.ip);
  if (a.is(Tag::string) && b.is(Tag::string)) return three(a.text, b.text);
  if ((a.is(Tag::version) || a.is(Tag::real) || a.is(Tag::integer)) &&
      (b.is(Tag::version) || b.is(Tag::real) || b.is(Tag::integer))) {
    const auto spelling = [&](const Value& v) {
      return v.is(Tag::version) ? std::string(v.text) : std::string(text(program_[v.origin].text));
    };
    const std::string left = spelling(a), right = spelling(b);
    const auto x = types::Version::parse(left), y = types::Version::parse(right);
    if (x && y) return *x < *y ? -1 : *x == *y ? 0 : 1;
  }
  if (a.is(Tag::record) && !a.record->named && !a.record->schema->fields.empty())
    return compare(at, field(*a.record, 0), b, ok);
  if (b.is(Tag::record) && !b.record->named && !b.record->schema->fields.empty())
    return compare(at, a, field(*b.record, 0), ok);
  ok = false;
  if (!a.poisoned() && !b.poisoned())
    report(Code::bad_operands, at, "no order between them",
           fmt::format("{} and {} cannot be compared", display(a), display(b)));
  return 0;
}

bool Engine::contains(NodeRef at, const Value& c, const Value& item) {
  switch (c.tag) {
    case Tag::list:
      for (const Value& v : c.list)
        if (equal(v, item)) return true;
      return false;
    case Tag::map:
      for (const Pair& p : c.map)
        if (equal(p.key, item) ||
            (item.is(Tag::string) && p.key.is(Tag::record) && text(p.key.record->name) == item.text))
          return true;
      return false;
    case Tag::kind:
      return item.is(Tag::record) && item.record->schema->is_a(c.schema);
    case Tag::string:
      return item.is(Tag::string) && c.text.find(item.text) != std::string_view::npos;
    case Tag::cidr:
      return item.is(Tag::ip)     ? c.cidr->contains(*item.ip)
             : item.is(Tag::cidr) ? c.cidr->contains(*item.cidr)
                                  : item.is(Tag::ip_range) && c.cidr->contains(*item.ip_range);
    case Tag::ip_range:
      return item.is(Tag::ip) ? c.ip_range->contains(*item.ip)
                              : item.is(Tag::ip_range) && c.ip_range->contains(*item.ip_range);
    case Tag::range: {
      bool ok = true;
      if (compare(at, c.pair[0], item, ok) > 0 || !ok) return false;
      return compare(at, item, c.pair[1], ok) <= 0 && ok;
    }
    case Tag::poison:
      return false;
    default:
      report(Code::bad_operands, at, "not a collection", fmt::format("nothing is `in` {}", display(c)));
      return false;
  }
}

Value Engine::compute_binary(NodeRef n, Env* env) {
  const Op op = static_cast<Op>(program_[n].op);
  const NodeRef left = n + 1, right = left + program_[left].size;
  Value out(Tag::boolean, n);
  const Value a = eval(left, env, nullptr, {});
  const auto decides = [&](NodeRef at, const Value& v) {
    return holds_secret(v) ? refuse_secret(at, "a secret", "a secret cannot decide anything") : poison();
  };
  if (op == Op::and_ || op == Op::or_) {
    if (!a.is(Tag::boolean)) return decides(left, a);
    if (a.b == (op == Op::or_)) {
      out.b = a.b;
      return out;
    }
    const Value b = eval(right, env, nullptr, {});
    if (!b.is(Tag::boolean)) return decides(right, b);
    out.b = b.b;
    return out;
  }
  if (op == Op::coalesce) return a.is(Tag::none) ? eval(right, env, nullptr, {}) : a;
  const Value b = eval(right, env, nullptr, {});
  if (a.poisoned() || b.poisoned()) return poison();
  bool ok = true;
  const auto open = [](const Value& v) {  // whether there is one, or any, is public
    return v.is(Tag::none) || (v.is(Tag::list) && v.list.size == 0) || (v.is(Tag::map) && v.map.size == 0);
  };
  const bool compares = op == Op::eq || op == Op::ne || op == Op::in || op == Op::lt || op == Op::le ||
                        op == Op::gt || op == Op::ge;
  if (compares && !open(a) && !open(b) && (holds_secret(a) || holds_secret(b)))
    return refuse_secret(n, "a secret is compared here",
                         "a secret cannot decide anything: it cannot be compared");
  if ((op == Op::eq || op == Op::ne) && a.is(Tag::list) && b.is(Tag::list) &&
      (asks_for_a_set(left) || asks_for_a_set(right))) {
    const auto holds = [&](const List& all, const Value& v) {
      return std::any_of(all.begin(), all.end(), [&](const Value& e) { return equal(e, v); });
    };
    const auto within = [&](const List& x, const List& y) {
      return std::all_of(x.begin(), x.end(), [&](const Value& v) { return holds(y, v); });
    };
    out.b = (within(a.list, b.list) && within(b.list, a.list)) == (op == Op::eq);
    return out;
  }
  switch (op) {
    case Op::eq:
      out.b = equal(a, b);
      return out;
    case Op::ne:
      out.b = !equal(a, b);
      return out;
    case Op::lt:
      out.b = compare(n, a, b, ok) < 0;
      return ok ? out : poison();
    case Op::le:
      out.b = compare(n, a, b, ok) <= 0;
      return ok ? out : poison();
    case Op::gt:
      out.b = compare(n, a, b, ok) > 0;
      return ok ? out : poison();
    case Op::ge:
      out.b = compare(n, a, b, ok) >= 0;
      return ok ? out : poison();
    case Op::in:
      out.b = contains(n, b, a);
      return out;
    case Op::range: {
      Value* pair = arena_.array<Value>(2);
      pair[0] = a;
      pair[1] = b;
      Value v(Tag::range, n);
      v.pair = pair;
      return v;
    }
    default:
      break;
  }
  const Value x = as_secret(a), y = as_secret(b);
  const auto text_or_secret = [](const Value& v) { return v.is(Tag::string) || v.is(Tag::secret); };
  if (op == Op::add && (x.is(Tag::secret) || y.is(Tag::secret)) && text_or_secret(x) && text_or_secret(y))
    return join_texts(n, make_list({x, y}, n), nullptr);
  if (x.is(Tag::secret) || y.is(Tag::secret))
    return refuse_secret(n, "a secret goes in here",
                         "nothing can be computed from a secret but a longer text");
  return arithmetic(n, op, x, y);
}

Value Engine::arithmetic(NodeRef at, Op op, Value a, Value b) {
  const auto principal = [&](Value& v) {
    while (v.is(Tag::record) && !v.record->schema->fields.empty() &&
           !(v.record->named && v.record->owner == nullptr))
      v = field(*v.record, 0);
  };
  principal(a);
  principal(b);
  if (a.poisoned() || b.poisoned()) return poison();
  const auto wrong = [&](std::string_view why) {
    report(Code::arithmetic_error, at, std::string(why),
           fmt::format("{} {} {} has no result: {}", display(a), spelled(op), display(b), why));
    return poison();
  };
  const auto whole = [&](Tag tag, types::Result<std::int64_t> r) -> Value {
    if (!r) return wrong(r.problem().reason);
    Value v(tag, at);
    v.i = *r;
    v.decimal = static_cast<std::uint8_t>(a.decimal & b.decimal);
    return v;
  };
  const auto calculate = [&](std::int64_t x, std::int64_t y) {
    switch (op) {
      case Op::add:
        return types::checked_plus(x, y);
      case Op::sub:
        return types::checked_minus(x, y);
      case Op::mul:
        return types::checked_times(x, y);
      default:
        return types::checked_divided(x, y);
    }
  };
  if (a.is(Tag::integer) && b.is(Tag::integer)) return whole(Tag::integer, calculate(a.i, b.i));
  if ((a.is(Tag::real) || a.is(Tag::integer)) && (b.is(Tag::real) || b.is(Tag::integer))) {
    Value v(Tag::real, at);
    const double x = number(a), y = number(b);
    if (op == Op::div && y == 0) return wrong("division by zero");
    v.d = op == Op::add ? x + y : op == Op::sub ? x - y : op == Op::mul ? x * y : x / y;
    return v;
  }
  if (a.tag == b.tag && unit(a.tag)) {
    if (op == Op::add || op == Op::sub) return whole(a.tag, calculate(a.i, b.i));
    if (op == Op::div) {
      if (b.i == 0) return wrong("division by zero");
      Value v(Tag::real, at);
      v.d = static_cast<double>(a.i) / static_cast<double>(b.i);
      return v;
    }
  }
  if (unit(a.tag) && b.is(Tag::integer) && (op == Op::mul || op == Op::div))
    return whole(a.tag, calculate(a.i, b.i));
  if (a.is(Tag::integer) && unit(b.tag) && op == Op::mul) return whole(b.tag, calculate(a.i, b.i));
  if (a.is(Tag::host_part) && b.is(Tag::integer) && (op == Op::add || op == Op::sub)) {
    const auto moved =
        types::plus(types::HostPart{static_cast<std::uint16_t>(a.i)}, op == Op::add ? b.i : -b.i);
    if (!moved) return wrong(moved.problem().reason);
    Value v(Tag::host_part, at);
    v.i = moved->offset;
    return v;
  }
  if (a.is(Tag::ip) && b.is(Tag::integer) && (op == Op::add || op == Op::sub)) {
    const auto moved = types::plus(*a.ip, op == Op::add ? b.i : -b.i);
    if (!moved) return wrong(moved.problem().reason);
    Value v(Tag::ip, at);
    v.ip = arena_.make<types::Ip>(*moved);
    return v;
  }
  if (a.is(Tag::ip) && b.is(Tag::ip) && op == Op::sub) {
    const auto d = types::distance(*b.ip, *a.ip);
    if (!d) return wrong("they are too far apart");
    Value v(Tag::integer, at);
    v.i = *d;
    return v;
  }
  const auto too_much = [&](std::string_view what) {
    report(Code::limit_exceeded, at, "too much", fmt::format("{} cannot be put together", what));
    return poison();
  };
  if (a.is(Tag::string) && b.is(Tag::string) && op == Op::add && a.text.size() + b.text.size() > max_text)
    return too_much(fmt::format("a text of more than {} MiB", max_text >> 20));
  if (a.is(Tag::string) && b.is(Tag::string) && op == Op::add)
    return make_string(arena_.text(std::string(a.text) + std::string(b.text)), at);
  if (op == Op::add && (a.is(Tag::secret) || b.is(Tag::secret))) {
    std::vector<SecretPart> parts;
    for (const Value* v : {&a, &b}) {
      if (v->is(Tag::secret))
        parts.insert(parts.end(), v->secret->begin(), v->secret->end());
      else if (v->is(Tag::string))
        parts.push_back({v->text, nullptr, Symbol::empty, '\0'});
      else
        return wrong("only texts join a secret");
    }
    return make_secret(parts, at);
  }
  if (a.is(Tag::list) && b.is(Tag::list) && op == Op::add) {
    if (std::int64_t{a.list.size} + b.list.size > max_elements)
      return too_much(fmt::format("a list of more than {} elements", max_elements));
    std::vector<Value> items(a.list.begin(), a.list.end());
    items.insert(items.end(), b.list.begin(), b.list.end());
    return make_list(items, at);
  }
  auto& d = report(Code::bad_operands, at, "no such arithmetic",
                   fmt::format("{} {} {} is not defined", display(a), spelled(op), display(b)));
  if (op == Op::add && (a.is(Tag::string) || b.is(Tag::string)))
    d.note("`+` joins two texts: write the other one as `\"${…}\"`");
  return poison();
}

}  // namespace lab::eval
