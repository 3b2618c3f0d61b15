// Building blocks of the model: plain values, each with its provenance.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/document/document.h"
#include "compiler/eval/value.h"
#include "compiler/types/net.h"
#include "compiler/types/quantity.h"

namespace lab::model {

using eval::Origin;
using eval::SecretText;

/// A field that always has a value (given or default). Converts to it.
template <class T>
struct Prop {
  T value{};
  Origin at = 0;
  operator const T&() const { return value; }
  const T* operator->() const { return &value; }
  const T& operator*() const { return value; }
};

/// A field that may be absent (`T?`).
template <class T>
struct Opt {
  bool set = false;
  T value{};
  Origin at = 0;
  explicit operator bool() const { return set; }
  const T* operator->() const { return &value; }
  const T& operator*() const { return value; }
};

/// `list<T>`; scalars as Prop<T>, records as they are.
template <class T>
using List = std::vector<T>;

/// An entry of `map<string, T>` or `map<name, T>` of scalars and unions; in the order of declaration.
template <class T>
struct Entry {
  std::string_view name;
  T value{};
  Origin at = 0;
};
template <class T>
using Map = std::vector<Entry<T>>;

// Scalars, one C++ type a type of the language.
using Text = std::string_view;  // string and all its flavours, words, versions
using types::Cidr;
using types::Cores;
using types::Duration;
using types::Ip;
using types::IpRange;
using types::Mac;
using types::Percent;
using types::PortSpec;
using types::Rate;
using types::Size;
template <class T>
struct Bounds {  // range<T>; a single value gives low == high
  T low{}, high{};
  bool range = false;  // written as a range
};

/// A string that may be secret: `text` when it is public, else `secret` (text is then empty).
struct MaybeSecret {
  Text text;
  const SecretText* secret = nullptr;
};

/// Free-form data (`any`): a document of maps, lists and scalars with origins; resources in it stand as their
/// names. Null when nothing was given.
using Data = const document::Node*;

/// Index into the store of one kind. T is the kind's struct; `Lab::get` follows it.
template <class T>
struct Ref {
  std::uint32_t index = 0xffffffff;  // 0xffffffff: none
  [[nodiscard]] bool valid() const { return index != 0xffffffff; }
  bool operator==(const Ref&) const = default;
};

/// A resource of one of several kinds: which store, which index. For labelled blocks (`port http`, `export
/// media`, `range lb`) `owner` is the resource and `block` the label.
struct AnyRef {
  Text kind;                         // "host", "app", "port": the schema's name
  std::uint32_t index = 0xffffffff;  // in the store of `kind`, or of `owner_kind` for a block
  Text owner_kind;                   // set for blocks: kind of the resource that holds it
  Text block;                        // set for blocks: its label
  Text within;  // set for blocks of blocks: label of the outer one (`workload server` of a chart's port)
  [[nodiscard]] bool valid() const { return index != 0xffffffff; }
  [[nodiscard]] bool is_block() const { return !owner_kind.empty(); }
  /// Kind of the resource whose store `index` counts in.
  [[nodiscard]] Text store_kind() const { return is_block() ? owner_kind : kind; }
  bool operator==(const AnyRef&) const = default;
};

/// What every resource and labelled block has.
struct Named {
  Text name;           // label: "sonarr", "lb"
  Origin at = 0;       // its header; of a block that is one value, the value
  Origin name_at = 0;  // of a block: its label
};

}  // namespace lab::model
