// Literals to values: read once a node, kept as constants.
#include <fmt/format.h>

#include "compiler/eval/engine.h"
#include "compiler/types/net.h"
#include "compiler/types/quantity.h"
#include "compiler/types/version.h"

namespace lab::eval {

using syntax::Node;

namespace {

bool wants(TypeRef expected, TypeKind kind) {
  return types::find_alternative(expected, [kind](TypeRef t) {
           return t->kind == kind || (t->kind == TypeKind::record && t->schema->kind != SchemaKind::tag &&
                                      !t->schema->fields.empty() && t->schema->fields[0].type->kind == kind);
         }) != nullptr;
}

Value scalar(Tag tag, std::int64_t i, Origin at) {
  Value v(tag, at);
  v.i = i;
  return v;
}

}  // namespace

Value Engine::literal(NodeRef n, TypeRef expected) {
  const Node node = program_[n];
  const std::string_view spelled = text(node.text);
  const auto bad = [&](const types::Problem& problem) {
    auto& d = report(Code::bad_literal, n, problem.reason,
                     fmt::format("`{}` is not a right literal: {}", spelled, problem.reason));
    if (!problem.suggestion.empty())
      d.replace(program_.span(n), problem.suggestion, fmt::format("write `{}`", problem.suggestion));
    return poison();
  };
  const auto version = [&] {
    const auto parsed = types::Version::parse(spelled);
    if (!parsed) return bad(parsed.problem());
    return make_string(spelled, n);
  };
  switch (node.kind) {
    case NodeKind::True:
    case NodeKind::False: {
      Value v(Tag::boolean, n);
      v.b = node.kind == NodeKind::True;
      return v;
    }
    case NodeKind::None:
      return Value(Tag::none, n);
    case NodeKind::String:
      return make_string(spelled, n);
    case NodeKind::Int:
    case NodeKind::Decimal: {
      // Where only a version is expected a number is read by its spelling.
      if (wants(expected, TypeKind::version) && !wants(expected, TypeKind::integer)) {
        Value v = version();
        if (!v.poisoned()) v.tag = Tag::version;
        return v;
      }
      if (node.kind == NodeKind::Int) {
        std::int64_t i = 0;
        for (const char c : spelled) {
          if (i > (INT64_MAX - 9) / 10) return bad({"the number is too large", ""});
          i = i * 10 + (c - '0');
        }
        return scalar(Tag::integer, i, n);
      }
      Value v(Tag::real, n);
      v.d = std::strtod(std::string(spelled).c_str(), nullptr);
      return v;
    }
    case NodeKind::Version: {
      Value v = version();
      if (!v.poisoned()) v.tag = Tag::version;
      return v;
    }
    case NodeKind::Quantity: {
      const auto parsed = types::parse_quantity(spelled);
      if (!parsed) return bad(parsed.problem());
      const types::Quantity& q = *parsed;
      Value v;
      if (const auto* s = std::get_if<types::Size>(&q)) {
        v = scalar(Tag::size, s->bytes, n);
        v.decimal = s->decimal ? 1 : 0;
      } else if (const auto* d = std::get_if<types::Duration>(&q))
        v = scalar(Tag::duration, d->ms, n);
      else if (const auto* r = std::get_if<types::Rate>(&q))
        v = scalar(Tag::rate, r->bits, n);
      else if (const auto* c = std::get_if<types::Cores>(&q))
        v = scalar(Tag::cores, c->millicpu, n);
      else if (const auto* p = std::get_if<types::Percent>(&q))
        v = scalar(Tag::percent, p->hundredths, n);
      return v;
    }
    case NodeKind::Ip: {
      const auto parsed = types::Ip::parse(spelled);
      if (!parsed) return bad(parsed.problem());
      Value v(Tag::ip, n);
      v.ip = arena_.make<types::Ip>(*parsed);
      return v;
    }
    case NodeKind::Prefix: {
      const auto parsed = types::Cidr::parse(spelled);
      if (!parsed) return bad(parsed.problem());
      Value v(Tag::cidr, n);
      v.cidr = arena_.make<types::Cidr>(*parsed);
      return v;
    }
    case NodeKind::IpRange: {
      const auto parsed = types::IpRange::parse(spelled);
      if (!parsed) return bad(parsed.problem());
      Value v(Tag::ip_range, n);
      v.ip_range = arena_.make<PlacedRange>(PlacedRange{*parsed, nullptr});
      return v;
    }
    case NodeKind::HostPart: {
      const auto parsed = types::HostPart::parse(spelled);
      if (!parsed) return bad(parsed.problem());
      return scalar(Tag::host_part, parsed->offset, n);
    }
    case NodeKind::HostRange: {
      const auto parsed = types::HostRange::parse(spelled);
      if (!parsed) return bad(parsed.problem());
      Value v(Tag::host_range, n);
      v.hosts = {parsed->first.offset, parsed->last.offset};
      return v;
    }
    case NodeKind::Mac: {
      const auto parsed = types::Mac::parse(spelled);
      if (!parsed) return bad(parsed.problem());
      std::int64_t bits = 0;
      for (const std::uint8_t b : parsed->bytes) bits = bits << 8 | b;
      return scalar(Tag::mac, bits, n);
    }
    case NodeKind::PortLiteral: {
      const auto parsed = types::PortSpec::parse(spelled);
      if (!parsed) return bad(parsed.problem());
      Value v(Tag::port, n);
      v.port = arena_.make<types::PortSpec>(*parsed);
      return v;
    }
    default:
      return poison();
  }
}

TypeRef Engine::check_literal(NodeRef n, TypeRef expected, Info& out) {
  const Value v = literal(n, expected);
  out.res = Res::constant;
  out.node = static_cast<std::uint32_t>(constants_.size());
  constants_.push_back(v);
  switch (v.tag) {
    case Tag::none:
      return types_.simple(TypeKind::none);
    case Tag::boolean:
      return types_.simple(TypeKind::boolean);
    case Tag::integer:
      return types_.simple(TypeKind::integer);
    case Tag::real:
      return types_.simple(TypeKind::real);
    case Tag::string:
      return types_.simple(TypeKind::string);
    case Tag::size:
      return types_.simple(TypeKind::size);
    case Tag::duration:
      return types_.simple(TypeKind::duration);
    case Tag::rate:
      return types_.simple(TypeKind::rate);
    case Tag::cores:
      return types_.simple(TypeKind::cores);
    case Tag::percent:
      return types_.simple(TypeKind::percent);
    case Tag::version:
      return types_.simple(TypeKind::version);
    case Tag::ip:
      return types_.simple(TypeKind::ip);
    case Tag::cidr:
      return types_.simple(TypeKind::cidr);
    case Tag::ip_range:
      return types_.simple(TypeKind::ip_range);
    case Tag::host_part:
      return types_.simple(TypeKind::host_part);
    case Tag::host_range:
      return types_.simple(TypeKind::host_range);
    case Tag::mac:
      return types_.simple(TypeKind::mac);
    case Tag::port:
      return types_.simple(TypeKind::port);
    default:
      return fail(out);
  }
}

Value Engine::make_string(std::string_view s, Origin o) {
  Value v(Tag::string, o);
  v.text = s;
  return v;
}

Value Engine::make_list(const std::vector<Value>& items, Origin o) {
  Value v(Tag::list, o);
  v.list = {arena_.copy(items), static_cast<std::uint32_t>(items.size())};
  return v;
}

Value Engine::make_map(const std::vector<Pair>& items, Origin o) {
  Value v(Tag::map, o);
  v.map = {arena_.copy(items), static_cast<std::uint32_t>(items.size())};
  return v;
}

Value Engine::make_secret(const std::vector<SecretPart>& parts, Origin o) {
  Value v(Tag::secret, o);
  v.secret =
      arena_.make<SecretText>(SecretText{arena_.copy(parts), static_cast<std::uint32_t>(parts.size())});
  return v;
}

}  // namespace lab::eval
