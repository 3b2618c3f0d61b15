// Values as a person would write them in Lab: for messages, `labc eval`, hover.
#include <fmt/format.h>

#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"
#include "compiler/types/net.h"
#include "compiler/types/quantity.h"

namespace lab::eval {

std::string Engine::describe(const Schema& schema) const {
  return std::string(text(schema.name));
}

std::string Engine::display(const Value& v) const {
  switch (v.tag) {
    case Tag::poison:
      return "an error";
    case Tag::none:
      return "none";
    case Tag::boolean:
      return v.b ? "true" : "false";
    case Tag::integer:
      return fmt::format("{}", v.i);
    case Tag::real:
      return fmt::format("{}", v.d);
    case Tag::string: {
      std::string out = "\"";
      for (const char c : v.text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
          out += "\\n";
        else if (c == '\t')
          out += "\\t";
        else
          out += c;
      }
      return out + '"';
    }
    case Tag::word:
      return std::string(text(v.word));
    case Tag::size:
      return types::Size{v.i, v.decimal != 0}.format();
    case Tag::duration:
      return types::Duration{v.i}.format();
    case Tag::rate:
      return types::Rate{v.i}.format();
    case Tag::cores:
      return types::Cores{v.i}.format();
    case Tag::percent:
      return types::Percent{v.i}.format();
    case Tag::version:
      return std::string(v.text);
    case Tag::ip:
      return v.ip->format();
    case Tag::cidr:
      return v.cidr->format();
    case Tag::ip_range:
      return v.ip_range->format();
    case Tag::host_part:
      return v.i > 255 ? fmt::format(".{}.{}", v.i / 256, v.i % 256) : fmt::format(".{}", v.i);
    case Tag::host_range:
      return fmt::format(".{}-.{}", v.hosts.first, v.hosts.last);
    case Tag::mac: {
      std::string out;
      for (int i = 5; i >= 0; --i)
        out += fmt::format("{}{:02x}", out.empty() ? "" : ":", (v.i >> (8 * i)) & 0xff);
      return out;
    }
    case Tag::port:
      return v.port->format();
    case Tag::list: {
      std::string out = "[";
      for (const Value& e : v.list) {
        if (out.size() > 1) out += ", ";
        if (out.size() > max_display) return out + "…]";
        out += display(e);
      }
      return out + "]";
    }
    case Tag::map: {
      std::string out = "{";
      for (const Pair& p : v.map)
        out +=
            fmt::format("{} {} = {}", out.size() > 1 ? "," : "",
                        p.key.is(Tag::string) ? std::string(p.key.text) : display(p.key), display(p.value));
      return out + (out.size() > 1 ? " }" : "}");
    }
    case Tag::record: {
      const Record& r = *v.record;
      if (r.named)
        return r.owner == nullptr
                   ? std::string(text(r.name))
                   : fmt::format("{}.{}",
                                 r.resource == nullptr ? std::string_view("") : text(r.resource->name),
                                 text(r.name));
      std::string out = r.schema->kind == SchemaKind::tag ? std::string(text(r.schema->name)) + " {" : "{";
      const std::size_t start = out.size();
      for (const Field& f : r.schema->fields) {
        if (f.computed) continue;
        const Value field_value = const_cast<Engine*>(this)->field(*v.record, f.index);
        if (field_value.is(Tag::none) || field_value.poisoned()) continue;
        out += fmt::format("{} {} = {}", out.size() > start ? "," : "", text(f.name), display(field_value));
      }
      return out + (out.size() > start ? " }" : "}");
    }
    case Tag::range:
      return fmt::format("{}..{}", display(v.pair[0]), display(v.pair[1]));
    case Tag::secret:
      return "a secret";
    case Tag::kind:
      return fmt::format("all of kind {}", text(v.schema->name));
    case Tag::template_:
      return "a template";
  }
  return {};
}

}  // namespace lab::eval
