// Values of the evaluator: small, immutable, each with the place it came from.
#pragma once
#include <cstdint>
#include <string_view>

#include "compiler/source/symbols.h"
#include "compiler/types/net.h"

namespace lab::types {
struct Schema;
struct Version;
}  // namespace lab::types

namespace lab::eval {

using source::Symbol;

/// Number of a node in the program's one node array: where a value was written. 0: nowhere.
using Origin = std::uint32_t;

enum class Tag : std::uint8_t {
  poison,      // an error was reported; silences whatever depends on it
  none,
  boolean,     // b
  integer,     // i
  real,        // d
  string,      // text
  word,        // word: a word of a union, a tag without members
  size,        // i: bytes (flag decimal: written in decimal units)
  duration,    // i: milliseconds
  rate,        // i: bits per second
  cores,       // i: thousandths of a core
  percent,     // i: hundredths of a percent
  version,     // text: as spelled
  ip,          // ip
  cidr,        // cidr
  ip_range,    // ip_range
  host_part,   // i: offset in a network not known yet
  host_range,  // i: first offset, i2: last
  mac,         // i
  port,        // port
  list,        // list
  map,         // map: insertion order; free-form records are maps with string keys
  record,      // record: a record, a tagged value, a labelled block or a resource
  range,       // pair: lower and upper bound
  secret,      // secret: never the text, only what it is made of
  kind,        // schema: a kind by name, e.g. as the map of its resources
  template_,   // node and env: `let x = KIND { … }`
};

struct Value;
struct Record;

struct List {
  const Value* data = nullptr;
  std::uint32_t size = 0;
  [[nodiscard]] const Value* begin() const { return data; }
  [[nodiscard]] inline const Value* end() const;
};

struct Pair;
struct Map {
  const Pair* data = nullptr;
  std::uint32_t size = 0;
  [[nodiscard]] const Pair* begin() const { return data; }
  [[nodiscard]] inline const Pair* end() const;
};

/// A secret text as parts: public pieces and references to secrets. `source` is a resource of kind
/// `secret`, `key` one of its keys (empty for a secret without a body).
struct SecretPart {
  std::string_view text;
  const Record* source = nullptr;
  Symbol key{};
  char quote = '\0';      // `"` or `'`: stands between such quotes, so the value is escaped for them
};
struct SecretText {
  const SecretPart* parts = nullptr;
  std::uint32_t size = 0;
  [[nodiscard]] const SecretPart* begin() const { return parts; }
  [[nodiscard]] const SecretPart* end() const { return parts + size; }
  /// Whether it is one secret as it is, without text around it.
  [[nodiscard]] bool whole() const { return size == 1 && parts->source != nullptr; }
};

/// A range of addresses, with the network it was cut from if it is known.
struct PlacedRange : types::IpRange {
  const types::Cidr* within = nullptr;
};

/// `.60-.80` before a network is known.
struct Offsets {
  std::int64_t first, last;
};

/// The expression `KIND { … }` of a template and where it is evaluated.
struct TemplateRef {
  std::uint32_t node;
  struct Env* env;
};

struct Value {
  Tag tag = Tag::poison;
  std::uint8_t decimal = 0;
  Origin origin = 0;
  union {
    bool b;
    std::int64_t i;
    double d;
    Symbol word;
    std::string_view text;
    const types::Ip* ip;
    const types::Cidr* cidr;
    const PlacedRange* ip_range;
    const types::PortSpec* port;
    Offsets hosts;
    List list;
    Map map;
    Record* record;
    const Value* pair;          // two values
    const SecretText* secret;
    const types::Schema* schema;
    TemplateRef tmpl;
  };

  Value() : i(0) {}
  Value(Tag t, Origin o) : tag(t), origin(o), hosts{0, 0} {}
  [[nodiscard]] bool poisoned() const { return tag == Tag::poison; }
  [[nodiscard]] bool is(Tag t) const { return tag == t; }
};

struct Pair {
  Value key;
  Value value;
};

inline const Value* List::end() const { return data + size; }
inline const Pair* Map::end() const { return data + size; }

}  // namespace lab::eval
