// Types of the language and the schemas of kinds, as the elaborator builds them from stdlib and the lab.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/source/symbols.h"

namespace lab::types {

using source::Symbol;
/// Number of a node in the program's one node array. 0: nowhere.
using Origin = std::uint32_t;

enum class TypeKind : std::uint8_t {
  poison,      // an error was reported
  any,         // free-form data
  none,        // the type of `none`
  empty,       // element type of `[]`: fits everything
  boolean, integer, real, string, size, duration, rate, cores, percent, version,
  ip, cidr, ip_range, mac, port,
  host_part,   // of `.51` where no network is known
  host_range,
  word,        // one word of a union; `name`
  list,        // element
  map,         // key, element
  range,       // element
  optional,    // element
  union_,      // alternatives
  record,      // schema: a record type, the members of a tag
  reference,   // schema: a kind; values are its resources
  dependent,   // `T of FIELD`; name is T, path the FIELD
  secret,      // element
  refined,     // element where predicate
  kind,        // schema: a kind used as a value: the map of its resources
  template_,   // schema: `let x = KIND { … }`
};

/// Strings that are checked for a form; `plain` is any text.
enum class Flavour : std::uint8_t { plain, url, image, hostname, path, mode, time, cron, regex };

struct Type;
struct Schema;
using TypeRef = const Type*;

struct Type {
  TypeKind kind = TypeKind::poison;
  Flavour flavour = Flavour::plain;
  bool wants_reason = false;            // `because` in the schema: a value given wants a reason
  Symbol name{};                        // word; T of a dependent type; name of a declared type
  TypeRef element = nullptr;            // list, map value, range, optional, secret, refined
  TypeRef key = nullptr;                // map
  std::vector<TypeRef> alternatives;    // union
  const Schema* schema = nullptr;       // record, reference, kind, template
  std::vector<Symbol> path;             // dependent: `key`, `self`, or a field (with members)
  Origin predicate = 0;                 // refined: the expression after `where`
  Origin where = 0;                     // where it was written
};

struct Field {
  Symbol name{};
  TypeRef type = nullptr;
  std::uint32_t index = 0;
  Origin decl = 0;                      // its FieldDecl node
  Origin initial = 0;                   // default or computed expression; 0: none
  bool computed = false;
};

enum class SchemaKind : std::uint8_t { schema, component, record, tag };

/// What a kind says of the names of its resources: nothing, `name: name?` (they may go without), `name: none`
/// (there are none: other kinds are like it).
enum class Label : std::uint8_t { wanted, optional, no_resources };

/// A kind, a record type, or the members of a tag of a tagged union.
struct Schema {
  SchemaKind kind = SchemaKind::record;
  Symbol name{};                        // `vm`; for a tag the tag; for a record type its declared name or empty
  std::vector<Field> fields;            // inherited ones first
  std::unordered_map<std::uint32_t, std::uint32_t> by_name;
  const Schema* like = nullptr;         // the kind it extends
  Label label = Label::wanted;
  TypeRef self = nullptr;               // what `self` is in its bodies, when that is not the resource (`nodes`)
  Origin decl = 0;
  std::uint32_t id = 0;
  [[nodiscard]] const Field* find(Symbol field) const {
    const auto it = by_name.find(static_cast<std::uint32_t>(field));
    return it == by_name.end() ? nullptr : &fields[it->second];
  }
  /// Whether a resource of this kind is accepted where one of `other` is.
  [[nodiscard]] bool is_a(const Schema* other) const {
    for (const Schema* s = this; s != nullptr; s = s->like)
      if (s == other) return true;
    return false;
  }
};

}  // namespace lab::types
