// Evaluation of `object.member` and `object[index]`.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

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
        return r.schema->label == types::Label::optional && r.name == Symbol::empty
                   ? Value(Tag::none, r.origin)
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

}  // namespace lab::eval
