#include "compiler/eval/builtins.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "compiler/eval/engine.h"
#include "compiler/types/net.h"

namespace lab::eval {
namespace {

using K = TypeKind;

constexpr Builtin table[] = {
    {"len", Function::len, 1, 1, Result::fixed, K::integer},
    {"first", Function::first, 1, 1, Result::element},
    {"last", Function::last, 1, 1, Result::element},
    {"sort", Function::sort, 1, 1, Result::same},
    {"unique", Function::unique, 1, 1, Result::same},
    {"flatten", Function::flatten, 1, 1, Result::element},
    {"sum", Function::sum, 1, 1, Result::element},
    {"min", Function::min, 1, 255, Result::unknown},
    {"max", Function::max, 1, 255, Result::unknown},
    {"keys", Function::keys, 1, 1, Result::list_of_keys},
    {"values", Function::values, 1, 1, Result::list_of_elements},
    {"contains", Function::contains, 2, 2, Result::fixed, K::boolean},
    {"lower", Function::lower, 1, 1, Result::text},
    {"upper", Function::upper, 1, 1, Result::text},
    {"trim", Function::trim, 1, 1, Result::text},
    {"split", Function::split, 2, 2, Result::strings},
    {"join", Function::join, 1, 2, Result::text},
    {"replace", Function::replace, 3, 3, Result::text},
    {"starts-with", Function::starts_with, 2, 2, Result::fixed, K::boolean},
    {"ends-with", Function::ends_with, 2, 2, Result::fixed, K::boolean},
    {"matches", Function::matches, 2, 2, Result::fixed, K::boolean},
    {"host", Function::host, 2, 2, Result::fixed, K::ip},
    {"subnets", Function::subnets, 1, 2, Result::unknown},
    {"overlaps", Function::overlaps, 2, 2, Result::fixed, K::boolean},
    {"size", Function::size, 1, 1, Result::fixed, K::integer},
    {"yaml", Function::yaml, 1, 1, Result::text},
    {"json", Function::json, 1, 1, Result::text},
    {"toml", Function::toml, 1, 1, Result::text},
    {"ini", Function::ini, 1, 1, Result::text},
    {"text", Function::file_text, 1, 1, Result::text},
    {"template", Function::template_, 2, 2, Result::text},
    {"public-key", Function::public_key, 1, 1, Result::text},
    {"certificate", Function::certificate, 1, 1, Result::text},
    {"declassify", Function::declassify, 2, 2, Result::text},
    {"reachable", Function::reachable, 2, 3, Result::fixed, K::boolean, true},
    {"unreachable", Function::unreachable, 2, 3, Result::fixed, K::boolean, true},
    {"exposed", Function::exposed, 1, 1, Result::unknown, K::any, true},
    {"survives", Function::survives, 2, 2, Result::fixed, K::boolean, true},
    {"loss", Function::loss, 1, 1, Result::unknown, K::any, true},
    {"derived-mac", Function::derived_mac, 2, 2, Result::fixed, K::mac},
    {"derived-id", Function::derived_id, 1, 1, Result::fixed, K::integer},
};

}  // namespace

const Builtin* find_builtin(std::string_view name) {
  for (const Builtin& b : table)
    if (b.name == name) return &b;
  return nullptr;
}

std::vector<std::string_view> builtin_names() {
  std::vector<std::string_view> out;
  for (const Builtin& b : table) out.push_back(b.name);
  return out;
}

Value Engine::call_builtin(const Builtin& b, NodeRef n, std::vector<Value>& a) {
  const auto wrong = [&](std::string_view what, const Value& v) {
    report(Code::wrong_arguments, n, fmt::format("this is {}", display(v)),
           fmt::format("`{}` takes {}", b.name, what));
    return poison();
  };
  const auto number = [&](std::int64_t i) {
    Value v(Tag::integer, n);
    v.i = i;
    return v;
  };
  const auto boolean = [&](bool x) {
    Value v(Tag::boolean, n);
    v.b = x;
    return v;
  };
  const auto string = [&](std::string_view s) { return make_string(arena_.text(s), n); };
  for (Value& v : a) {
    v = as_secret(v);
    const bool allowed = b.discloses() || b.carries_secrets() || (b.hands_on() && !v.is(Tag::secret));
    if (!allowed && !b.deferred && holds_secret(v))
      return refuse_secret(n, "a secret goes in here", fmt::format("`{}` cannot look at a secret", b.name));
  }
  if (a[0].is(Tag::kind)) a[0] = resources_as_map(a[0].schema, n);
  if (a[0].is(Tag::record) && !(a[0].record->named && a[0].record->owner == nullptr) &&
      b.result == Result::text && b.function != Function::yaml && b.function != Function::json &&
      !a[0].record->schema->fields.empty())
    a[0] = field(*a[0].record, 0);
  const Value& x = a[0];
  const auto elements = [&]() -> std::vector<Value> {
    std::vector<Value> out;
    if (x.is(Tag::list)) out.assign(x.list.begin(), x.list.end());
    if (x.is(Tag::map))
      for (const Pair& p : x.map) out.push_back(p.value);
    return out;
  };
  const bool collection = x.is(Tag::list) || x.is(Tag::map);
  switch (b.function) {
    case Function::len:
      if (collection) return number(x.is(Tag::list) ? x.list.size : x.map.size);
      if (x.is(Tag::string))
        return number(static_cast<std::int64_t>(
            std::count_if(x.text.begin(), x.text.end(), [](char c) { return (c & 0xc0) != 0x80; })));
      return wrong("a list, a map or a text", x);
    case Function::first:
    case Function::last: {
      if (x.is(Tag::ip_range) || x.is(Tag::cidr)) {
        Value v(Tag::ip, n);
        const types::IpRange r =
            x.is(Tag::cidr) ? x.cidr->range() : static_cast<const types::IpRange&>(*x.ip_range);
        v.ip = arena_.make<types::Ip>(b.function == Function::first ? r.first : r.last);
        return v;
      }
      if (!collection) return wrong("a list, a map or a range", x);
      const auto e = elements();
      if (e.empty()) return Value(Tag::none, n);
      return b.function == Function::first ? e.front() : e.back();
    }
    case Function::sort: {
      if (!x.is(Tag::list)) return wrong("a list", x);
      auto e = elements();
      bool ok = true;
      std::stable_sort(e.begin(), e.end(),
                       [&](const Value& p, const Value& q) { return ok && compare(n, p, q, ok) < 0; });
      return ok ? make_list(e, n) : poison();
    }
    case Function::unique: {
      if (!x.is(Tag::list)) return wrong("a list", x);
      std::vector<Value> out;
      for (const Value& v : x.list)
        if (std::none_of(out.begin(), out.end(), [&](const Value& o) { return equal(o, v); }))
          out.push_back(v);
      return make_list(out, n);
    }
    case Function::flatten: {
      if (!x.is(Tag::list)) return wrong("a list of lists", x);
      std::vector<Value> out;
      for (const Value& v : x.list) {
        if (!v.is(Tag::list)) return wrong("a list of lists", v);
        out.insert(out.end(), v.list.begin(), v.list.end());
      }
      return make_list(out, n);
    }
    case Function::sum: {
      if (!collection) return wrong("a list", x);
      const auto e = elements();
      if (e.empty()) return number(0);
      Value total = e.front();
      for (std::size_t i = 1; i < e.size() && !total.poisoned(); ++i)
        total = arithmetic(n, syntax::Op::add, total, e[i]);
      return total;
    }
    case Function::min:
    case Function::max: {
      const auto e = a.size() == 1 ? elements() : a;
      if (e.empty()) return Value(Tag::none, n);
      Value best = e.front();
      for (const Value& v : e) {
        bool ok = true;
        const int c = compare(n, v, best, ok);
        if (!ok) return poison();
        if (b.function == Function::min ? c < 0 : c > 0) best = v;
      }
      return best;
    }
    case Function::keys: {
      if (!x.is(Tag::map)) return wrong("a map", x);
      std::vector<Value> out;
      for (const Pair& p : x.map) out.push_back(p.key);
      return make_list(out, n);
    }
    case Function::values:
      return collection ? make_list(elements(), n) : wrong("a map", x);
    case Function::contains:
      return boolean(contains(n, x, a[1]));
    case Function::lower:
    case Function::upper: {
      if (!x.is(Tag::string)) return wrong("a text", x);
      std::string s(x.text);
      for (char& c : s)
        if (b.function == Function::lower ? (c >= 'A' && c <= 'Z') : (c >= 'a' && c <= 'z'))
          c = static_cast<char>(c ^ 0x20);
      return string(s);
    }
    case Function::trim: {
      if (!x.is(Tag::string)) return wrong("a text", x);
      std::string_view s = x.text;
      while (!s.empty() && std::string_view(" \t\r\n").find(s.front()) != std::string_view::npos)
        s.remove_prefix(1);
      while (!s.empty() && std::string_view(" \t\r\n").find(s.back()) != std::string_view::npos)
        s.remove_suffix(1);
      return make_string(s, n);
    }
    case Function::split: {
      if (!x.is(Tag::string) || !a[1].is(Tag::string) || a[1].text.empty())
        return wrong("a text and what separates its parts", x);
      std::vector<Value> out;
      std::string_view rest = x.text;
      for (std::size_t at; (at = rest.find(a[1].text)) != std::string_view::npos;
           rest.remove_prefix(at + a[1].text.size()))
        out.push_back(make_string(rest.substr(0, at), n));
      out.push_back(make_string(rest, n));
      return make_list(out, n);
    }
    case Function::join: {
      if (!x.is(Tag::list)) return wrong("a list of texts", x);
      if (a.size() > 1 && !a[1].is(Tag::string) && !a[1].is(Tag::secret))
        return wrong("a text that stands between the others", a[1]);
      return join_texts(n, x, a.size() > 1 ? &a[1] : nullptr);
    }
    case Function::replace: {
      if (!x.is(Tag::string) || !a[1].is(Tag::string) || !a[2].is(Tag::string) || a[1].text.empty())
        return wrong("three texts", x);
      std::string out;
      std::string_view rest = x.text;
      for (std::size_t at; (at = rest.find(a[1].text)) != std::string_view::npos;
           rest.remove_prefix(at + a[1].text.size())) {
        out += rest.substr(0, at);
        out += a[2].text;
      }
      return string(out + std::string(rest));
    }
    case Function::starts_with:
      return x.is(Tag::string) && a[1].is(Tag::string)
                 ? boolean(x.text.substr(0, a[1].text.size()) == a[1].text)
                 : wrong("two texts", x);
    case Function::ends_with:
      return x.is(Tag::string) && a[1].is(Tag::string)
                 ? boolean(x.text.size() >= a[1].text.size() &&
                           x.text.substr(x.text.size() - a[1].text.size()) == a[1].text)
                 : wrong("two texts", x);
    case Function::matches: {
      if (!x.is(Tag::string) || !a[1].is(Tag::string)) return wrong("two texts", x);
      if (x.text.size() > 4096 || a[1].text.size() > 512)
        return wrong("a text of at most 4096 and a pattern of at most 512 characters", x);
      try {
        return boolean(
            std::regex_search(std::string(x.text), std::regex(std::string(a[1].text), std::regex::extended)));
      } catch (const std::regex_error& e) {
        report(Code::bad_literal, n, "not a pattern", fmt::format("the pattern is wrong: {}", e.what()));
        return poison();
      }
    }
    case Function::host: {
      if (!a[1].is(Tag::integer)) return wrong("a prefix and a number", a[1]);
      const auto ip = x.is(Tag::cidr)       ? x.cidr->host(a[1].i)
                      : x.is(Tag::ip_range) ? x.ip_range->host(a[1].i)
                                            : types::Result<types::Ip>(types::Problem{"not a prefix", ""});
      if (!ip) {
        report(Code::bad_index, n, ip.problem().reason, ip.problem().reason);
        return poison();
      }
      Value v(Tag::ip, n);
      v.ip = arena_.make<types::Ip>(*ip);
      return v;
    }
    case Function::subnets: {
      if (a.size() == 1) {
        // The fewest prefixes that hold exactly these addresses.
        Value whole = x;
        if (x.is(Tag::record))
          if (const Field* f = x.record->schema->find(word_.cidr)) whole = field(*x.record, f->index);
        if (whole.is(Tag::cidr)) return make_list({whole}, n);
        if (!whole.is(Tag::ip_range)) return wrong("a network, a prefix or a range", x);
        std::vector<Value> out;
        types::Ip from = whole.ip_range->first;
        for (;;) {
          types::Cidr fit{from, static_cast<std::uint8_t>(from.bits())};
          while (fit.length > 0) {
            const types::Cidr wider{from, static_cast<std::uint8_t>(fit.length - 1)};
            if (!wider.is_canonical() || wider.broadcast() > whole.ip_range->last) break;
            fit = wider;
          }
          Value v(Tag::cidr, n);
          v.cidr = arena_.make<types::Cidr>(fit);
          out.push_back(v);
          if (fit.broadcast() == whole.ip_range->last) return make_list(out, n);
          from = *types::plus(fit.broadcast(), 1);
        }
      }
      if (!x.is(Tag::cidr) || !a[1].is(Tag::integer)) return wrong("a prefix and a length", x);
      const std::uint64_t count = x.cidr->subnet_count(a[1].i);
      if (count == 0 || count > 4096) return wrong("a length that gives 1 to 4096 prefixes", a[1]);
      std::vector<Value> out;
      for (std::uint64_t i = 0; i < count; ++i) {
        Value v(Tag::cidr, n);
        v.cidr = arena_.make<types::Cidr>(*x.cidr->subnet(a[1].i, static_cast<std::int64_t>(i)));
        out.push_back(v);
      }
      return make_list(out, n);
    }
    case Function::overlaps: {
      const auto overlap = [&](const Value& p, const Value& q) {
        const auto range = [](const Value& v) {
          return v.is(Tag::cidr) ? v.cidr->range() : static_cast<const types::IpRange&>(*v.ip_range);
        };
        return (p.is(Tag::cidr) || p.is(Tag::ip_range)) && (q.is(Tag::cidr) || q.is(Tag::ip_range)) &&
               range(p).overlaps(range(q));
      };
      if (a[1].is(Tag::list) || a[1].is(Tag::map)) {
        bool any = false;
        iterate(a[1], n, [&](const Value&, const Value& v) { any = any || overlap(x, v); });
        return boolean(any);
      }
      return boolean(overlap(x, a[1]));
    }
    case Function::size: {
      if (x.is(Tag::cidr))
        return number(static_cast<std::int64_t>(std::min<std::uint64_t>(x.cidr->size(), INT64_MAX)));
      if (x.is(Tag::ip_range))
        return number(static_cast<std::int64_t>(std::min<std::uint64_t>(x.ip_range->size(), INT64_MAX)));
      return wrong("a prefix or a range", x);
    }
    case Function::yaml:
    case Function::json:
    case Function::toml:
    case Function::ini: {
      // Secrets leave the value as marks, and come back as parts of the text.
      std::vector<const SecretText*> found;
      const Value open = mark_secrets(x, found);
      std::string problem;
      const std::string text =
          options_.render ? options_.render(*this, open, b.name, problem) : std::string();
      if (!problem.empty()) {
        report(Code::wrong_arguments, n, problem, fmt::format("`{}` cannot write this: {}", b.name, problem));
        return poison();
      }
      if (found.empty()) return string(text);
      return restore_secrets(text, found, n);
    }
    case Function::file_text:
    case Function::template_: {
      if (x.is(Tag::secret))
        return refuse_secret(n, "a secret names a file here",
                             fmt::format("`{}` cannot look at a secret", b.name));
      if (!x.is(Tag::string)) return wrong("a path beside the file that says so", x);
      const auto bytes =
          options_.read_file ? options_.read_file(program_.span(n).file, x.text) : std::nullopt;
      if (!bytes) {
        report(Code::file_not_readable, n, "cannot be read",
               fmt::format("the file \"{}\" cannot be read", x.text))
            .note("paths are beside the file that names them");
        return poison();
      }
      inputs_.push_back({std::string(x.text), *bytes});
      if (b.function == Function::file_text) return string(*bytes);
      std::string out;
      std::vector<SecretPart> secret;
      std::string_view rest = *bytes;
      for (std::size_t at; (at = rest.find("${")) != std::string_view::npos;) {
        if (at > 0 && rest[at - 1] == '$') {  // $${ is a plain ${
          out += rest.substr(0, at - 1);
          out += "${";
          rest.remove_prefix(at + 2);
          continue;
        }
        const std::size_t close = rest.find('}', at);
        if (close == std::string_view::npos) break;
        out += rest.substr(0, at);
        const std::string_view key = rest.substr(at + 2, close - at - 2);
        const Value v = as_secret(member_of(a[1], symbols_.intern(key), n));
        if (v.poisoned()) return poison();
        if (v.is(Tag::secret)) {
          secret.push_back({arena_.text(out), nullptr, Symbol::empty, '\0'});
          out.clear();
          secret.insert(secret.end(), v.secret->begin(), v.secret->end());
        } else if (v.is(Tag::string)) {
          out += v.text;
        } else {
          out += display(v);
        }
        rest.remove_prefix(close + 1);
      }
      out += rest;
      if (secret.empty()) return string(out);
      secret.push_back({arena_.text(out), nullptr, Symbol::empty, '\0'});
      return make_secret(secret, n);
    }
    case Function::public_key:
    case Function::certificate:
    case Function::declassify:
      return disclose(b, n, a);
    case Function::reachable:
    case Function::unreachable:
    case Function::exposed:
    case Function::survives:
    case Function::loss:
      return ask(b, n, a);
    case Function::derived_mac: {
      if (!x.is(Tag::integer) || !(a[1].is(Tag::integer) || a[1].is(Tag::none)))
        return wrong("a VM's id and a VLAN", x);
      const types::Mac mac = types::derived_mac(static_cast<std::uint32_t>(x.i),
                                                a[1].is(Tag::none) ? 0 : static_cast<std::uint32_t>(a[1].i));
      Value v(Tag::mac, n);
      v.i = 0;
      for (const std::uint8_t byte : mac.bytes) v.i = v.i << 8 | byte;
      return v;
    }
    case Function::derived_id: {
      if (!x.is(Tag::string)) return wrong("a text", x);
      // A VMID of six digits that follows from names alone (FNV-1a, 64 bits), so that it is the same whatever
      // else there is; checks find the rare two that are alike.
      std::uint64_t hash = 0xcbf29ce484222325;
      for (const char c : x.text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
      Value v(Tag::integer, n);
      v.i = 100000 + static_cast<std::int64_t>(hash % 900000);
      return v;
    }
  }
  return poison();
}

namespace {
constexpr std::string_view mark_start = "@lab-secret:", mark_end = "@";
}

Value Engine::mark_secrets(const Value& v, std::vector<const SecretText*>& found) {
  switch (v.tag) {
    case Tag::secret:
      found.push_back(v.secret);
      return make_string(arena_.text(fmt::format("{}{}{}", mark_start, found.size() - 1, mark_end)),
                         v.origin);
    case Tag::list: {
      std::vector<Value> items;
      for (const Value& e : v.list) items.push_back(mark_secrets(e, found));
      return make_list(items, v.origin);
    }
    case Tag::map: {
      std::vector<Pair> items;
      for (const Pair& p : v.map) items.push_back({p.key, mark_secrets(p.value, found)});
      return make_map(items, v.origin);
    }
    case Tag::record:
      if (const Value secret = as_secret(v); secret.is(Tag::secret)) return mark_secrets(secret, found);
      return v;
    default:
      return v;
  }
}

Value Engine::restore_secrets(std::string_view text, const std::vector<const SecretText*>& found, NodeRef n) {
  std::vector<SecretPart> parts;
  for (std::size_t at; (at = text.find(mark_start)) != std::string_view::npos;) {
    const char quote = at > 0 ? text[at - 1] : ' ';
    const std::size_t digits = at + mark_start.size(), close = text.find(mark_end, digits);
    parts.push_back({arena_.text(text.substr(0, at)), nullptr, Symbol::empty, '\0'});
    const auto index = static_cast<std::size_t>(std::stoul(std::string(text.substr(digits, close - digits))));
    for (SecretPart p : *found[index]) {
      p.quote = quote == '"' || quote == '\'' ? quote : '\0';
      parts.push_back(p);
    }
    text.remove_prefix(close + mark_end.size());
  }
  parts.push_back({arena_.text(text), nullptr, Symbol::empty, '\0'});
  return make_secret(parts, n);
}

}  // namespace lab::eval
