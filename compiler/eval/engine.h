// The evaluator's inside: elaboration (names and types, once a node) and demand-driven evaluation.
//
// A node is elaborated when it is first evaluated, or by `sweep` when nothing evaluates it; what was
// found is kept in `Info`, so a loop over a thousand resources resolves its body once.
#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/eval/arena.h"
#include "compiler/eval/evaluate.h"
#include "compiler/eval/limits.h"
#include "compiler/eval/record.h"
#include "compiler/names/program.h"
#include "compiler/types/text.h"
#include "compiler/types/type_table.h"

namespace lab::eval {

using diagnostics::Code;
using names::NodeRef;
using syntax::NodeKind;
using types::Field;
using types::Schema;
using types::SchemaKind;
using types::Type;
using types::TypeKind;
using types::TypeRef;

/// What elaboration found out about a node.
struct Info {
  TypeRef type = nullptr;  // null: not elaborated yet
  Res res = Res::none;
  std::uint8_t depth = 0;        // hops through the environments
  std::uint16_t index = 0;       // variable, own field
  std::uint32_t node = 0;        // let, param, function, local let, copy, constant
  const void* object = nullptr;  // Schema, Record, Builtin
};

/// Static scope; each has an Env at run time.
struct Scope {
  const Scope* parent = nullptr;
  const Schema* self = nullptr;    // what `self` is; null at the top and in free types
  TypeRef self_type = nullptr;     // or this, where a record type says so (`nodes`)
  const Schema* fields = nullptr;  // fields in scope by bare name
  std::vector<std::pair<Symbol, TypeRef>> variables;
  std::vector<std::pair<Symbol, NodeRef>> lets;
  NodeRef component = 0;  // the Component whose declarations are in scope
};

struct Env {
  const Scope* scope = nullptr;
  Env* parent = nullptr;
  Record* self = nullptr;
  Record* record = nullptr;    // whose fields are in scope
  Value* variables = nullptr;  // then the memo of lets
  Record* instance = nullptr;  // component instance whose declarations these are
};

/// Where a value is going: what `of on`, `of key` and `of self` mean.
struct Context {
  Record* owner = nullptr;
  const Value* key = nullptr;
};

/// One contribution to a field: an Entry or ClauseArg, an expression, or a ready value.
struct Item {
  enum class Kind : std::uint8_t { entry, expression, body, ready, principal, rest } kind = Kind::entry;
  NodeRef node = 0;
  Env* env = nullptr;
  Value value;  // ready; the label of an entry once evaluated
  Item* next = nullptr;
};

struct Slot {
  enum class State : std::uint8_t { waiting, evaluating, done } state = State::waiting;
  Item* first = nullptr;
  Item* last = nullptr;
  Value value;
};

/// A resource with what the registry knows of it.
struct Resource {
  Record record;
  std::vector<std::pair<NodeRef, Env*>> layers;  // templates first, its own header last
  std::vector<NodeRef> like_path;                // to find circles
  NodeRef header = 0;
  Record* instance = nullptr;  // the component instance that declared it
  Symbol label{};              // as written, before the instance's name came in front
  bool removed = false;
  NodeRef removal = 0;  // the `remove` that says so; 0: nothing used it
  bool expanded = false;
  bool layered = false;
};

struct Builtin;

class Engine final : public Evaluation {
 public:
  Engine(names::Program& program, source::Symbols& symbols, diagnostics::Sink& sink, const Options& options);

  void run();
  /// Elaborates what no evaluation touched: unused templates, functions, branches.
  void sweep() override;
  void check_assertions() override;
  void set_oracle(Oracle* oracle) override { oracle_ = oracle; }

  // ---- Evaluation
  std::span<Record* const> resources(std::string_view kind) const override;
  Record* with_self(const Record& record, Record& self) override;
  std::span<Record* const> all() const override { return existing_; }
  std::vector<Record*> parts(const Record& instance) const override;
  Value field(Record& record, std::uint32_t index) override;
  [[nodiscard]] std::vector<Origin> contributions(const Record& record, std::uint32_t index) const;
  std::string_view text(Symbol s) const override { return symbols_.text(s); }
  std::span<const Relaxation> relaxations() const override { return relaxations_; }
  source::Span span(Origin origin) const override { return program_.header(origin); }
  std::string display(const Value& value) const override;
  std::string describe(const Schema& schema) const override;
  std::string describe(TypeRef type) const override { return types_.describe(type); }
  const names::Program& program() const override { return program_; }
  std::span<const InputFile> inputs() const override { return inputs_; }
  Value evaluate_root(NodeRef expression) override;
  Meaning meaning(NodeRef n) const override;
  const names::Declarations& declarations() const override { return declarations_; }
  const std::vector<TestCase>& tests() const override { return tests_; }
  std::vector<std::string_view> fails() const override { return fails_; }
  const Schema* kind_named(std::string_view name) override;
  std::span<const Assumption> assumptions() const override { return assumptions_; }
  std::span<const Reading> readings() const override { return readings_; }
  std::span<const Disclosure> disclosures() const override { return disclosures_; }

 private:
  // ---- types.cpp: schemas and types from their declarations
  const Schema* schema_of(NodeRef declaration);
  const Schema* kind(Symbol name);
  [[nodiscard]] types::Label label_of(const Schema& schema, NodeRef field) const;
  void declare_fields(Schema& schema, NodeRef parent, const Scope* scope);
  void settle_types();
  TypeRef type_of(NodeRef node, const Scope* scope, bool in_union = false);
  TypeRef declared_type(NodeRef declared);
  TypeRef record_type(Symbol name);
  TypeRef builtin_type(std::string_view name) const;
  const Scope* fields_scope(const Schema* schema);

  // ---- scopes.cpp
  Scope* new_scope(const Scope* parent);
  const Scope* body_scope(NodeRef body, const Scope* parent, const Schema* self,
                          const Schema* record = nullptr);
  Env* body_env(NodeRef body, Env* parent, Record* self, const Schema* record = nullptr);
  Env* loop_env(NodeRef loop, Env* parent);
  const Scope* loop_scope(NodeRef loop, const Scope* parent, TypeRef list);
  Env* record_env(Record& record);
  Env* make_env(const Scope* scope, Env* parent);

  // ---- check_*.cpp: elaboration
  TypeRef check(NodeRef n, TypeRef expected, const Scope* scope);
  TypeRef check_new(NodeRef n, TypeRef expected, const Scope* scope, Info& out);
  TypeRef check_name(NodeRef n, TypeRef expected, const Scope* scope, Info& out);
  TypeRef check_literal(NodeRef n, TypeRef expected, Info& out);
  TypeRef check_member(NodeRef n, const Scope* scope, Info& out);
  /// A call taken apart; of `a.f(b)` the receiver is `a`.
  struct Call {
    NodeRef callee = 0, receiver = 0;
    Symbol name{};
    std::vector<NodeRef> arguments;
    [[nodiscard]] std::size_t given() const { return arguments.size() + (receiver != 0 ? 1 : 0); }
  };
  /// A function taken apart.
  struct Callable {
    std::vector<NodeRef> parameters;
    NodeRef result = 0, body = 0;
    /// Which parameter an argument is for: the one it names, else the next; beyond the last when there is
    /// none.
    std::size_t place(const names::Program& program, NodeRef argument, std::size_t& position) const;
  };
  [[nodiscard]] Call call_at(NodeRef n) const;
  [[nodiscard]] Callable callable(NodeRef fn) const;
  /// The scope of its parameters.
  const Scope* function_scope(NodeRef fn, const Callable& function);
  /// Elaborates its body once; what it yields.
  TypeRef check_function_body(NodeRef fn, const Callable& function, const Scope* own);
  TypeRef check_call(NodeRef n, TypeRef expected, const Scope* scope, Info& out);
  TypeRef check_construction(NodeRef n, const Call& call, TypeRef expected, Info& out);
  TypeRef check_function(NodeRef n, const Call& call, NodeRef fn, const Scope* scope, Info& out);
  TypeRef check_builtin(NodeRef n, const Call& call, const Builtin& builtin, const Scope* scope, Info& out);
  void unknown_function(const Call& call, TypeRef expected);
  /// The arguments of `public-key`, `certificate` and `declassify`.
  [[nodiscard]] bool is_secret(TypeRef t) const {
    return t->kind == TypeKind::secret || (t->kind == TypeKind::reference && t->schema->name == word_.secret);
  }
  bool check_disclosure(NodeRef n, const Builtin& builtin, TypeRef given);
  TypeRef check_tagged(NodeRef n, TypeRef expected, const Scope* scope, Info& out);
  TypeRef check_binary(NodeRef n, const Scope* scope, TypeRef expected, Info& out);
  TypeRef check_comprehension(NodeRef n, TypeRef expected, const Scope* scope);
  /// The field that an argument of a call of a record or component fills: the one it names, else the next at
  /// `position` that is not computed; null, reported, when there is none.
  const Field* argument_field(NodeRef argument, const Schema& schema, std::size_t& position);
  void check_arguments(NodeRef call, unsigned first, const Schema& schema, const Scope* scope);
  void sweep_body(NodeRef body, const Schema* schema, const Scope* scope);
  void sweep_member(NodeRef member, const Schema* schema, const Scope* scope);
  void sweep_value(NodeRef value, TypeRef type, const Scope* scope);
  bool fits(TypeRef from, TypeRef to);
  TypeRef join(TypeRef a, TypeRef b);
  TypeRef element_type(TypeRef list, bool key);
  void unknown_name(NodeRef n, TypeRef expected, const Scope* scope);
  void unknown_field(NodeRef n, const Schema& schema, Symbol name);
  void mismatch(NodeRef n, TypeRef expected, TypeRef found);
  Record* find_resource(const Schema* schema, Symbol name, NodeRef at, const Record* near, bool report);
  Record* find_any_resource(Symbol name);
  Record* find_removed(const Schema* schema, Symbol name);
  bool is_removed(const Record& record, NodeRef at);
  Value literal(NodeRef n, TypeRef expected);

  // ---- eval_*.cpp
  Value eval(NodeRef n, Env* env, TypeRef expected, const Context& context);
  Value compute(NodeRef n, Env* env, TypeRef expected, const Context& context);
  Value compute_name(NodeRef n, Env* env, const Context& context);
  Value compute_member(NodeRef n, Env* env);
  Value compute_index(NodeRef n, Env* env);
  Value compute_call(NodeRef n, Env* env, const Context& context);
  Value compute_function(NodeRef n, NodeRef fn, Env* env, const Context& context);
  Value compute_tagged(NodeRef n, Env* env, const Context& context);
  /// The record that a call or braces behind a tag or record type make.
  Value construct(NodeRef n, Env* env, const Context& context);
  Value compute_binary(NodeRef n, Env* env);
  Value compute_interpolation(NodeRef n, Env* env);
  Value compute_list(NodeRef n, Env* env, TypeRef expected, const Context& context);
  Value compute_comprehension(NodeRef n, Env* env, TypeRef expected, const Context& context);
  Value compute_body(NodeRef n, Env* env, TypeRef expected, const Context& context);
  Value call_builtin(const Builtin& builtin, NodeRef n, std::vector<Value>& arguments);
  Value as_secret(const Value& v);
  bool holds_secret(const Value& v);
  Value refuse_secret(NodeRef at, std::string label, std::string message);
  Value join_texts(NodeRef n, const Value& list, const Value* between);
  Value disclose(const Builtin& builtin, NodeRef n, const std::vector<Value>& arguments);
  Value mark_secrets(const Value& v, std::vector<const SecretText*>& found);
  Value restore_secrets(std::string_view text, const std::vector<const SecretText*>& found, NodeRef n);
  Value coerce(Value v, TypeRef type, const Context& context, NodeRef at);
  bool matches(const Value& v, TypeRef type, bool exact);
  Value dependent(const Value& v, TypeRef type, const Context& context, NodeRef at, bool report);
  Value member_of(const Value& object, Symbol name, NodeRef at);
  void note_reading(const Record& target, Symbol name, NodeRef at);
  Value arithmetic(NodeRef at, syntax::Op op, Value a, Value b);
  int compare(NodeRef at, const Value& a, const Value& b, bool& ok);
  bool equal(const Value& a, const Value& b);
  bool contains(NodeRef at, const Value& collection, const Value& item);
  Value resources_as_map(const Schema* schema, Origin origin);
  using Each = std::function<void(const Value& key, const Value& value)>;
  /// False, and reported, when it is nothing to go over.
  bool iterate(const Value& collection, NodeRef at, const Each& each);

  // ---- generate.cpp: `for` and `if` among members
  using Turn = std::function<void(NodeRef body, Env* env)>;
  void generate(NodeRef member, Env* env, const Turn& turn);

  // ---- spread.cpp: bodies to contributions
  Record* new_record(const Schema* schema, Record* owner, std::uint32_t field, Origin origin);
  void add(Record& record, std::uint32_t field, const Item& item);
  void add_poison(Record& record, const Field& field);
  void spread(Record& record, NodeRef body, Env* env);
  void spread_member(Record& record, NodeRef member, Env* env);
  void spread_entry(Record& record, NodeRef entry, Env* env);
  void spread_header(Record& record, NodeRef entry, Env* env, bool skip_like);
  [[nodiscard]] std::string_view clause_name(NodeRef clause) const;
  void spread_arguments(Record& record, NodeRef call, Env* env);
  /// `claim { … }`, and what stands before the braces where it is a value: `vlan(20) { … }`.
  void spread_tagged(Record& record, NodeRef tagged, Env* env);
  // ---- join*.cpp: several contributions to one value
  Value resolve(TypeRef type, Item* items, const Field& field, Record& owner, const Value* key);
  Value resolve_scalar(TypeRef type, Item* items, const Field& field, Record& owner, const Value* key);
  Value resolve_record(TypeRef type, Item* items, const Field& field, Record& owner, const Value* key);
  Value resolve_list(TypeRef list, Item* items, const Field& field, Record& owner, const Value* key);
  Value resolve_map(TypeRef type, TypeRef map, Item* items, const Field& field, Record& owner,
                    const Value* key);
  Value label_value(NodeRef label, Env* env, TypeRef key, Record& owner);
  bool reset_by_none(const Item& item);
  bool sibling(NodeRef a, NodeRef b) const;

  // ---- fields.cpp
  Value initial(Record& record, const Field& field);
  void note_reason(const Record& owner, const Field& field, NodeRef reason, Env* env, Origin at);
  void want_reason(TypeRef type, const Value& v, const Item& item, const Field& field);
  Value& shared_default(const Schema& schema, std::uint32_t index);
  [[nodiscard]] bool is_shareable(const Field& field, const Value& v) const;
  static types::Check check_flavour(types::Flavour flavour, std::string_view text);
  /// Reports a text that its type refuses.
  Value refuse_text(const Value& value, NodeRef at, TypeRef type, const types::Problem& problem);
  bool check_predicate(TypeRef refined, const Value& v, NodeRef at);

  // ---- resources.cpp: structure
  void register_members(const std::vector<NodeRef>& members, Env* env, Record* instance);
  void register_member(NodeRef member, Env* env, Record* instance, bool loops);
  void register_resource(NodeRef entry, Env* env, Record* instance);
  void report_nameless(NodeRef entry);
  void report_common_kind(NodeRef entry, const Schema& common);
  void take_away(Record& record);
  void expand_components();
  void add_likes_of(Resource& into, NodeRef body, Env* env);
  Env* header_env(Env* env, Record& record);
  [[nodiscard]] std::uint32_t principal_of(const Schema& schema) const;
  [[nodiscard]] bool only_assertions(NodeRef member) const;
  void check_unique();
  void set_up_layers(Resource& resource);
  void add_like(Resource& into, NodeRef expression, Env* env, NodeRef from);
  void expand(Resource& resource);
  Resource* resource_of(const Record& record) const;
  // ---- when_used.cpp
  bool exists_when_used(Record& record);
  void drop_unused();
  Symbol name_from(NodeRef label, Env* env);

  // ---- environments.cpp: what an environment or a test changes
  /// An `override` or `remove`, and what it names.
  struct Change {
    NodeRef node;
    Env* env;
    const Schema* schema;
    Symbol name;
  };
  std::vector<NodeRef> chosen_environments();
  [[nodiscard]] NodeRef environment_before(NodeRef environment) const;
  [[nodiscard]] NodeRef parameter_set_by(NodeRef member);
  void apply_changes(NodeRef body, Env* env, bool declarations);
  std::optional<Change> change_at(NodeRef node, Env* env);
  void apply(const Change& change, Resource& to);
  void apply_waiting_changes(Resource& to);
  void report_waiting_changes();
  void report_nothing(const Change& change);
  std::vector<Record*> lend_declarations(NodeRef environment);
  bool is_there(const Change& change, NodeRef environment);
  void sweep_environment(NodeRef member, NodeRef environment);

  void assert_one(NodeRef assertion, Env* env, const Record* resource);
  /// Says that `what` cannot be decided, and why.
  diagnostics::Diagnostic& report_unknown(NodeRef at, std::string_view what, const Finding& finding);
  void decide(NodeRef assertion, std::string_view function, Env* env, std::string_view words);
  Value ask(const Builtin& builtin, NodeRef n, const std::vector<Value>& arguments);
  [[nodiscard]] bool asks_for_a_set(NodeRef n) const;
  void check_rules(Record& resource);
  void assert_members(NodeRef member, Env* env, const Record* resource);
  void show_parts(NodeRef n, Env* env, diagnostics::Diagnostic& d, unsigned depth);

  Value make_string(std::string_view s, Origin o);
  Value make_list(const std::vector<Value>& items, Origin o);
  Value make_map(const std::vector<Pair>& items, Origin o);
  Value make_secret(const std::vector<SecretPart>& parts, Origin o);
  Value poison() const { return Value{}; }
  /// False, and reported, when evaluation is too deep or takes too long.
  bool enter(NodeRef n) { return (depth_ < max_depth && ++steps_ < max_steps) || refuse_to_enter(n); }
  bool refuse_to_enter(NodeRef n);
  /// Notes what a name outside the standard library means, when somebody asked.
  void note(NodeRef at, NodeRef target) {
    if (options_.uses != nullptr && at != 0 && target != 0 && !program_.standard(at))
      options_.uses->push_back({at, target});
  }
  diagnostics::Diagnostic& report(Code code, NodeRef at, std::string label, std::string message);

  names::Program& program_;
  source::Symbols& symbols_;
  diagnostics::Sink& sink_;
  const Options& options_;
  names::Declarations declarations_;
  types::TypeTable types_;
  Arena arena_;
  std::vector<Info> info_;
  std::deque<Value> constants_;
  std::vector<std::vector<Value>> shared_defaults_;  // by schema and field
  std::deque<Scope> scopes_;
  std::unordered_map<NodeRef, const Scope*> scope_of_;
  std::unordered_map<const Schema*, const Scope*> scope_of_fields_;
  std::unordered_map<NodeRef, TypeRef> declared_types_;
  std::unordered_map<NodeRef, Schema*> schemas_;
  struct PendingTypes {
    Schema* schema;
    NodeRef parent;
    const Scope* scope;
  };
  std::vector<PendingTypes> pending_types_;
  bool making_types_ = false;
  std::unordered_map<NodeRef, Value> let_values_;
  std::unordered_map<NodeRef, Value> param_values_;
  std::unordered_map<NodeRef, NodeRef> param_overrides_;
  std::unordered_set<NodeRef> evaluating_;
  std::unordered_map<std::uint64_t, NodeRef> copies_;
  std::vector<std::uint32_t> parts_of_;  // index + 1 into parts_, by node
  std::deque<names::EntryParts> parts_;
  std::deque<Resource> store_;
  std::unordered_map<const Record*, Resource*> by_record_;
  std::unordered_map<const Record*, std::vector<Resource*>> by_instance_;  // parts of a component's instance
  std::vector<Record*> existing_;
  std::unordered_map<std::uint32_t, std::vector<Record*>> by_kind_;  // schema's name
  std::unordered_map<std::uint32_t, std::vector<Record*>> by_name_;
  std::unordered_map<std::uint32_t, std::vector<Record*>>
      removed_;                          // by name, what the environment takes away
  std::vector<NodeRef> applied_;         // bodies of the chosen environments and of the test
  std::vector<Change> waiting_changes_;  // of what components and packages are yet to declare
  std::vector<std::pair<NodeRef, Env*>> assertions_;
  std::unordered_set<const Record*> ruled_, broken_;  // whose kind's rules were looked at; who breaks one
  std::unordered_set<const void*> without_secret_;    // elements of lists and maps that hold none
  std::vector<Relaxation> relaxations_;
  std::set<std::pair<Origin, const Record*>> relaxed_;  // those that are in relaxations_
  std::vector<InputFile> inputs_;
  std::vector<TestCase> tests_;
  std::vector<std::string_view> fails_;
  std::vector<Assumption> assumptions_;
  std::vector<Reading> readings_;
  std::vector<Disclosure> disclosures_;
  Oracle* oracle_ = nullptr;
  std::vector<Finding>* findings_ = nullptr;                      // of the assertion being decided
  std::vector<NodeRef> stack_;                                    // functions being called
  std::vector<std::pair<const Record*, std::uint32_t>> reading_;  // fields being evaluated
  std::unordered_set<const Record*> used_;
  std::unordered_set<NodeRef> read_lets_, used_templates_;
  Scope* global_scope_ = nullptr;
  Env* global_ = nullptr;
  unsigned depth_ = 0;
  std::uint64_t steps_ = 0;
  bool tracking_uses_ = false;
  friend struct Builtin;

  const names::EntryParts& entry_parts(NodeRef entry);
  TypeRef fail(Info& out) {
    out.res = Res::none;
    return types_.simple(TypeKind::poison);
  }
  Symbol sym(std::string_view s) { return symbols_.intern(s); }
  struct {
    Symbol name, like, self, key, it, in, secret, port, lab, on, exists, network, rest, cidr, resource;
  } word_;
};

}  // namespace lab::eval
