// The kinds of step that a plan may hold: which fields each has, and what it yields.
//
// One table serves the reader of plans, the published schema (lab.plan-1.schema.json), docs/plan.md and the
// compiler; tests hold the four together. A field is spelled as the API behind it spells it.
#pragma once
#include <span>
#include <string_view>

namespace lab::plan {

/// What a field of `key` or `desired` may hold.
enum class Shape : unsigned char {
  text,       // a string, or a reference: {"$secret"|"$artifact"|"$sops"|"$output": …}
  integer,    //
  boolean,    //
  texts,      // a list of strings or references
  integers,   // a list of integers
  map,        // names and texts, integers, booleans, lists or maps of them: what an API takes as it stands
  record,     // the fields of `Field::fields`
  records,    // a list of such records
  reference,  // a reference and nothing else
  references  // a list of references
};

struct Field {
  std::string_view name;
  Shape shape = Shape::text;
  bool required = true;
  std::string_view doc;
  std::span<const Field> fields = {};              // of records
  std::span<const std::string_view> choices = {};  // the only texts, when there are any
};

struct Output {
  std::string_view name;
  bool secret = false;  // held in memory alone, never in the journal
  std::string_view doc;
};

struct KindInfo {
  std::string_view kind;  // with its version: "proxmox.vm/1"
  std::string_view doc;   // one line
  std::span<const Field> key;
  std::span<const Field> desired;
  std::span<const Output> outputs = {};
  bool makes = true;  // an object that can be found again: no second step may have its key
};

/// All kinds, sorted by name.
[[nodiscard]] std::span<const KindInfo> kinds();
/// The kind with this name and version; nothing when there is none.
[[nodiscard]] const KindInfo* find_kind(std::string_view kind);
/// The field of that name; nothing when there is none.
[[nodiscard]] const Field* find_field(std::span<const Field> fields, std::string_view name);
[[nodiscard]] std::string_view name_of(Shape shape);

}  // namespace lab::plan
