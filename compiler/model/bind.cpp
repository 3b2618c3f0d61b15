#include "compiler/model/bind.h"

#include <array>
#include <cstddef>
#include <unordered_map>

#include "compiler/model/data.h"

namespace lab::model {

using EvalRecord = eval::Record;
using eval::Tag;
using eval::Value;
using types::Schema;

namespace {

constexpr std::uint32_t absent = 0xffffffff;

template <class T>
concept HasFields = requires {
  T::fields([](std::string_view, auto) {});
};
template <class T>
concept IsUnion = requires(T t) {
  t.tag;
  t.at;
};
template <class T>
concept IsNamed = std::is_base_of_v<Named, T>;

template <class T>
struct is_ref : std::false_type {};
template <class T>
struct is_ref<Ref<T>> : std::true_type {};

class Binder {
 public:
  Binder(eval::Evaluation& evaluation, document::Arena& arena, const source::Symbols& symbols)
      : evaluation_(evaluation), arena_(arena), symbols_(symbols) {}

  Lab run() {
    lab_.symbols = &symbols_;
    number();
#define LAB_KIND(type, name, store) bind_store(lab_.store, name);
#include "compiler/model/kinds.def"
#undef LAB_KIND
    bind_nodes();
    bind_orders();
    return std::move(lab_);
  }
  /// One value, when the lab was built before.
  template <class T>
  T value(const Value& v) {
    T out{};
    read(out, v);
    return out;
  }

 private:
  /// The kind whose store holds resources of a schema: its own or the nearest it extends; empty for
  /// components.
  std::string_view store_of(const Schema* schema) {
    if (const auto it = stores_.find(schema); it != stores_.end()) return it->second;
    std::string_view found;
    for (const Schema* s = schema; s != nullptr && found.empty(); s = s->like) {
      const std::string_view kind = symbols_.text(s->name);
#define LAB_KIND(type, name, store) \
  if (kind == name) found = name;
#include "compiler/model/kinds.def"
#undef LAB_KIND
    }
    return stores_[schema] = found;
  }

  void number() {
    for (EvalRecord* r : evaluation_.all()) {
      const std::string_view kind = store_of(r->schema);
      if (kind.empty()) continue;
      auto& members = members_[kind];
      r->model_index = static_cast<std::uint32_t>(members.size());
      members.push_back(r);
    }
  }

  template <class T>
  void bind_store(std::vector<T>& store, std::string_view kind) {
    const auto& members = members_[kind];
    store.resize(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) read_record(store[i], *members[i]);
  }

  /// Where the fields of T stand in a schema, in the order of `T::fields`.
  template <class T>
  const std::vector<std::uint32_t>& indices(const Schema* schema) {
    static const char identity = 0;
    auto& known = indices_[{&identity, schema}];
    if (known.empty()) {
      T::fields([&](std::string_view name, auto) {
        const types::Field* f = schema->find(symbols_.find(name));
        known.push_back(f == nullptr ? absent : f->index);
      });
    }
    return known;
  }

  template <class T>
  void read_record(T& out, EvalRecord& record) {
    if constexpr (requires { out.label; }) read(out.label, record.key);
    out.at = record.origin;
    if constexpr (IsNamed<T>) out.name = name_of(record);
    const std::vector<std::uint32_t>& index = indices<T>(record.schema);
    std::size_t i = 0;
    T::fields([&](std::string_view, auto member) {
      const std::uint32_t field = index[i++];
      if (field == absent) return;
      const Value v = evaluation_.field(record, field);
      const bool not_given = v.is(Tag::none) && v.origin == record.schema->fields[field].decl;
      if (!v.poisoned() && !not_given) read(out.*member, v);
    });
  }

  std::string_view name_of(const EvalRecord& record) {
    if (record.name != source::Symbol::empty) return symbols_.text(record.name);
    if (record.key.is(Tag::string)) return record.key.text;
    if (record.key.is(Tag::record)) return symbols_.text(record.key.record->name);
    return {};
  }

  // ---- fields
  template <class T>
  void read(Prop<T>& out, const Value& v) {
    out.at = v.origin;
    read(out.value, v);
  }
  template <class T>
  void read(Opt<T>& out, const Value& v) {
    if (v.poisoned()) return;
    if constexpr (!requires { T::has_none; }) {  // `auth = none because …` is a choice, not its absence
      if (v.is(Tag::none)) return;
    }
    out.set = true;
    out.at = v.origin;
    read(out.value, v);
  }
  template <class T>
  void read(std::vector<T>& out, const Value& v) {
    if (v.is(Tag::list)) {
      out.reserve(v.list.size);
      for (const Value& e : v.list) {
        if (e.is(Tag::list))
          read(out, e);  // `homelab.nodes` among other endpoints
        else if (!e.poisoned() && (std::is_same_v<T, NodeGroup> || &e == v.list.begin() || !is_node_group(e)))
          read(out.emplace_back(), e);
      }
    } else if (v.is(Tag::map)) {
      if constexpr (HasFields<T>) {
        out.reserve(v.map.size);
        for (const eval::Pair& p : v.map)
          if (!p.value.poisoned()) read_labelled(out.emplace_back(), p);
      }
    } else if (!v.is(Tag::none)) {
      read(out.emplace_back(), v);
    }
  }
  /// `homelab.nodes`, as an end of flows, is a list of `nodes` blocks and means all nodes: one end.
  bool is_node_group(const Value& v) const {
    return v.is(Tag::record) && symbols_.text(v.record->schema->name) == NodeGroup::schema;
  }
  template <class T>
  void read(Map<T>& out, const Value& v) {
    if (!v.is(Tag::map)) return;
    out.reserve(v.map.size);
    for (const eval::Pair& p : v.map) {
      if (p.value.poisoned()) continue;
      Entry<T>& entry = out.emplace_back();
      entry.name = to_text(evaluation_, arena_, p.key).value_or("");
      entry.at = p.value.origin;
      read(entry.value, p.value);
    }
  }
  template <class T>
  void read_labelled(T& out, const eval::Pair& p) {
    read(out, p.value);
    if constexpr (IsNamed<T>) {
      if (out.name.empty()) out.name = to_text(evaluation_, arena_, p.key).value_or("");
    }
    if constexpr (requires { out.name_at; }) out.name_at = p.key.origin != 0 ? p.key.origin : p.value.origin;
    if constexpr (requires { out.label; }) {
      if (!out.label.valid()) read(out.label, p.key);
    }
  }

  // ---- records and unions
  template <class T>
  requires(HasFields<T> && !IsUnion<T>) void read(T& out, const Value& v) {
    if (v.is(Tag::record)) read_record(out, *v.record);
    out.at = v.origin;
  }
  template <IsUnion T>
  void read(T& out, const Value& v) {
    out.at = v.origin;
    if (v.is(Tag::word))
      out.tag = symbols_.text(v.word);
    else if (v.is(Tag::none))
      out.tag = "none";
    else if (v.is(Tag::record))
      out.tag = symbols_.text(v.record->schema->name);
    Alternatives<T> visitor{*this, out, v};
    T::alternatives(visitor);
  }
  template <class T>
  struct Alternatives {
    Binder& binder;
    T& out;
    const Value& value;
    bool taken = false;
    template <class M>
    void operator()(std::string_view tag, Opt<M> T::*member) {
      if (taken || out.tag != tag || !value.is(Tag::record)) return;
      taken = true;
      binder.read(out.*member, value);
    }
    template <class M>
    void scalar(M T::*member) {
      if (taken || !binder.holds(out.*member, value)) return;
      taken = true;
      binder.read(out.*member, value);
    }
    void reference(AnyRef T::*member) {
      if (taken || !value.is(Tag::record)) return;
      binder.read(out.*member, value);
      if ((out.*member).valid()) {
        taken = true;
        out.tag = (out.*member).kind;
      }
    }
  };

  // Which scalars of a union a value is.
  static bool holds(const Opt<Text>&, const Value& v) {
    return v.is(Tag::string) || v.is(Tag::version);
  }
  static bool holds(const Opt<bool>&, const Value& v) {
    return v.is(Tag::boolean);
  }
  static bool holds(const Opt<std::int64_t>&, const Value& v) {
    return v.is(Tag::integer);
  }
  static bool holds(const Opt<Ip>&, const Value& v) {
    return v.is(Tag::ip);
  }
  static bool holds(const Opt<Cidr>&, const Value& v) {
    return v.is(Tag::cidr);
  }
  static bool holds(const Opt<IpRange>&, const Value& v) {
    return v.is(Tag::ip_range);
  }
  static bool holds(const List<Prop<Ip>>&, const Value& v) {
    return v.is(Tag::list);
  }
  bool holds(const Opt<MaybeSecret>&, const Value& v) {
    return v.is(Tag::secret) || (!v.is(Tag::word) && to_text(evaluation_, arena_, v).has_value());
  }

  // ---- references
  template <class T>
  void read(Ref<T>& out, const Value& v) {
    if (v.is(Tag::record) && store_of(v.record->schema) == T::kind) out.index = v.record->model_index;
  }
  void read(AnyRef& out, const Value& v) {
    if (!v.is(Tag::record)) return;
    EvalRecord& record = *v.record;
    const EvalRecord* resource = record.resource;
    if (resource == nullptr) return;
    const std::string_view store = store_of(resource->schema);
    if (resource == &record) {
      out.kind = store.empty() ? symbols_.text(record.schema->name) : store;
      out.index = record.model_index;
      return;
    }
    out.kind = symbols_.text(record.schema->name);
    out.owner_kind = store;
    out.index = resource->model_index;
    out.block = name_of(record);
    if (out.kind == ClusterPart::schema) {
      read_field(out.block, record, "part");
    } else if (out.kind == NodeGroup::schema || out.kind == TalosAccess::schema) {
      out.block = out.kind == NodeGroup::schema ? "nodes" : "talos-api";
      out.kind = ClusterPart::schema;
    }
    if (record.owner != nullptr && record.owner != resource && record.owner->named)
      out.within = name_of(*record.owner);
  }
  template <class T>
  void read_field(T& out, EvalRecord& record, std::string_view name) {
    if (const types::Field* f = record.schema->find(symbols_.find(name)))
      read(out, evaluation_.field(record, f->index));
  }

  // ---- scalars
  void read(Text& out, const Value& v) {
    out = v.is(Tag::none) ? "none" : to_text(evaluation_, arena_, v).value_or("");
  }
  static void read(bool& out, const Value& v) {
    out = v.is(Tag::boolean) && v.b;
  }
  static void read(std::int64_t& out, const Value& v) {
    out = v.is(Tag::integer) ? v.i : 0;
  }
  static void read(double& out, const Value& v) {
    out = v.is(Tag::real) ? v.d : v.is(Tag::integer) ? static_cast<double>(v.i) : 0;
  }
  static void read(Size& out, const Value& v) {
    out = {v.is(Tag::size) ? v.i : 0, v.decimal != 0};
  }
  static void read(Duration& out, const Value& v) {
    out.ms = v.is(Tag::duration) ? v.i : 0;
  }
  static void read(Rate& out, const Value& v) {
    out.bits = v.is(Tag::rate) ? v.i : 0;
  }
  static void read(Percent& out, const Value& v) {
    out.hundredths = v.is(Tag::percent) ? v.i : 0;
  }
  static void read(Cores& out, const Value& v) {
    if (v.is(Tag::cores))
      out.millicpu = v.i;
    else if (v.is(Tag::integer))
      out.millicpu = v.i * 1000;
    else if (v.is(Tag::real))
      out.millicpu = static_cast<std::int64_t>(v.d * 1000 + 0.5);
  }
  static void read(Ip& out, const Value& v) {
    if (v.is(Tag::ip)) out = *v.ip;
  }
  static void read(Cidr& out, const Value& v) {
    if (v.is(Tag::cidr))
      out = *v.cidr;
    else if (v.is(Tag::ip))
      out = {*v.ip, static_cast<std::uint8_t>(v.ip->bits())};
  }
  static void read(IpRange& out, const Value& v) {
    if (v.is(Tag::ip_range)) out = *v.ip_range;
  }
  static void read(Mac& out, const Value& v) {
    if (!v.is(Tag::mac)) return;
    for (unsigned i = 0; i < out.bytes.size(); ++i)
      out.bytes[i] = static_cast<std::uint8_t>(v.i >> (40 - 8 * i));
  }
  static void read(PortSpec& out, const Value& v) {
    if (v.is(Tag::port)) {
      out = *v.port;
    } else if (v.is(Tag::integer)) {
      const auto number = static_cast<std::uint16_t>(v.i);
      out = {static_cast<std::uint8_t>(types::Protocol::tcp), number, number};
    }
  }
  void read(MaybeSecret& out, const Value& v) {
    if (v.is(Tag::secret))
      out.secret = v.secret;
    else
      out.text = to_text(evaluation_, arena_, v).value_or("");
  }
  template <class T>
  void read(Bounds<T>& out, const Value& v) {
    if (v.is(Tag::range)) {
      read(out.low, v.pair[0]);
      read(out.high, v.pair[1]);
      out.range = true;
    } else {
      read(out.low, v);
      out.high = out.low;
    }
  }
  void read(Data& out, const Value& v) {
    if (!v.is(Tag::none)) out = arena_.node(to_data(evaluation_, arena_, v), v.origin);
  }

  // ---- nodes of clusters
  void bind_nodes() {
    for (std::size_t c = 0; c < lab_.clusters.size(); ++c) {
      const Cluster& cluster = lab_.clusters[c];
      for (const auto& machine : cluster.control_plane) add_node(c, machine, true);
      for (const auto& machine : cluster.workers) add_node(c, machine, false);
    }
  }
  void add_node(std::size_t cluster, const Prop<AnyRef>& machine, bool control_plane) {
    if (!machine->valid()) return;
    Node& node = lab_.nodes.emplace_back();
    node.machine = machine;
    node.at = machine.at;
    node.control_plane = control_plane;
    node.cluster = {static_cast<std::uint32_t>(cluster)};
    node.ip = lab_.ip_of(machine);
    EvalRecord& self = *members_[machine->kind][machine->index];
    node.name = symbols_.text(self.name);
    EvalRecord& resource = *members_[Cluster::kind][cluster];
    const types::Field* field = resource.schema->find(symbols_.find("nodes"));
    if (field == nullptr) return;
    const Value groups = evaluation_.field(resource, field->index);
    if (!groups.is(Tag::list)) return;
    for (const Value& group : groups.list)
      if (group.is(Tag::record) && holds_for(*group.record, self, control_plane))
        read_record(node.groups.emplace_back(), *evaluation_.with_self(*group.record, self));
  }
  /// Whether a `nodes` block is about a machine.
  bool holds_for(EvalRecord& group, const EvalRecord& machine, bool control_plane) {
    const types::Field* machines = group.schema->find(symbols_.find("machines"));
    if (const Value v = machines == nullptr ? Value{} : evaluation_.field(group, machines->index);
        v.is(Tag::list) && v.list.size > 0) {
      for (const Value& m : v.list)
        if (m.is(Tag::record) && m.record == &machine) return true;
      return false;
    }
    Text name;
    read_field(name, group, "group");
    return name == "all" || name == (control_plane ? "control-plane" : "workers");
  }

  // ---- order
  void bind_orders() {
    const source::Symbol word = symbols_.find("after");
    for (EvalRecord* r : evaluation_.all()) {
      const types::Field* field = r->schema->find(word);
      if (field == nullptr) continue;
      const Value before = evaluation_.field(*r, field->index);
      if (!before.is(Tag::list)) continue;
      for (const Value& b : before.list)
        if (b.is(Tag::record)) add_order(*r, *b.record, b.origin);
    }
  }
  void add_order(EvalRecord& of, EvalRecord& after, Origin at) {
    for (const AnyRef& later : stored(of))
      for (const AnyRef& earlier : stored(after))
        lab_.orders.push_back({later, earlier, name_of(of), name_of(after), at});
  }
  /// A resource and its parts, as far as they have stores; one invalid reference when none has.
  std::vector<AnyRef> stored(EvalRecord& record) {
    std::vector<EvalRecord*> all = evaluation_.parts(record);
    all.insert(all.begin(), &record);
    std::vector<AnyRef> out;
    for (const EvalRecord* r : all)
      if (const std::string_view store = store_of(r->schema); !store.empty())
        out.push_back({store, r->model_index, {}, {}, {}});
    if (out.empty()) out.emplace_back();
    return out;
  }

  struct IndexKey {
    const void* type;
    const Schema* schema;
    bool operator==(const IndexKey&) const = default;
  };
  struct IndexHash {
    std::size_t operator()(const IndexKey& k) const {
      return std::hash<const void*>{}(k.type) * 31 + std::hash<const void*>{}(k.schema);
    }
  };

  eval::Evaluation& evaluation_;
  document::Arena& arena_;
  const source::Symbols& symbols_;
  Lab lab_;
  std::unordered_map<const Schema*, std::string_view> stores_;
  std::unordered_map<std::string_view, std::vector<EvalRecord*>> members_;
  std::unordered_map<IndexKey, std::vector<std::uint32_t>, IndexHash> indices_;
};

}  // namespace

Lab build(eval::Evaluation& evaluation, document::Arena& arena, const source::Symbols& symbols) {
  return Binder(evaluation, arena, symbols).run();
}

List<Endpoint> read_endpoints(eval::Evaluation& evaluation, document::Arena& arena,
                              const source::Symbols& symbols, const Value& value) {
  List<Endpoint> out = Binder(evaluation, arena, symbols).value<List<Endpoint>>(value);
  std::erase_if(out, [](const Endpoint& e) {
    return e.tag.empty() && !e.ref.valid() && !e.ip && !e.cidr && !e.range && !e.internet;
  });
  return out;
}

PortSpec read_port(eval::Evaluation& evaluation, document::Arena& arena, const source::Symbols& symbols,
                   const Value& value) {
  return Binder(evaluation, arena, symbols).value<PortSpec>(value);
}

}  // namespace lab::model
