// The evaluated lab: which resources exist, and their fields on demand.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/eval/record.h"
#include "compiler/names/program.h"
#include "compiler/source/span.h"

namespace lab::eval {

/// A value that carries `because "…"`: a relaxation for the build report.
struct Relaxation {
  const Record* resource = nullptr;
  std::string_view field;              // name of the field, or of the path to it: `expose.auth`
  std::string_view reason;
  Origin origin = 0;
};

/// A file named by the source (`text("x.conf")`), for build.json.
struct InputFile {
  std::string path;
  std::string text;
};

struct TestCase {
  std::string_view title;
  names::NodeRef node = 0;
};

/// `assume E because "…"`, or an assertion that evaluation leaves to the engine of flows and losses.
struct Assumption {
  names::NodeRef node = 0;
  std::string_view reason;             // of `assume`; empty for an assertion
  std::string_view function;           // the undecided function: `survives`
  std::string said;                    // why it could not be decided; empty when it was never asked
};

/// What is said of an assertion that the model decides: why it holds, or why not.
struct Finding {
  /// `unknown`: neither proved nor refuted, with the reason in `said`.
  enum class Verdict : std::uint8_t { yes, no, unknown } verdict = Verdict::unknown;
  std::string said;                                          // one sentence, lower case, no full stop
  std::vector<std::pair<source::Span, std::string>> places;  // the path, or what stops it
  std::vector<std::string> notes;
  std::vector<Record*> resources;                            // of `exposed`: the answer
};

/// Answers what evaluation cannot know: `reachable`, `unreachable`, `exposed`, `survives`. The arguments are
/// the values of the call.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual Finding ask(std::string_view function, std::span<const Value> arguments) = 0;
};

/// A value of one resource that was made with the place of another: `${plex.internal-url}`.
struct Reading {
  const Record* reader = nullptr;
  const Record* target = nullptr;
  names::NodeRef at = 0;  // `plex.internal-url`
};

/// A use of a function that makes something of a secret public: `public-key`, `certificate`, `declassify`.
struct Disclosure {
  std::string_view function;
  std::string_view reason;         // of `declassify`
  const SecretText* of = nullptr;  // what it was given
  Origin at = 0;                   // the call
  bool known = false;              // whether there was an answer
};

/// The answer to it.
struct Disclosed {
  std::optional<std::string> value;  // nothing: not known here
  std::string problem;               // why there never is one, never with the secret's content
};

/// What a name was found to be.
enum class Res : std::uint8_t {
  none, variable, own_field, local_let, child, let, param, word, resource, dependent, kind, constant, builtin, function, tag, constructor, field, member_entry, copy
};

/// What elaboration found out about a node: the declaration it names, if it names one.
struct Meaning {
  Res res = Res::none;
  types::TypeRef type = nullptr;       // null: nothing elaborated the node
  names::NodeRef declaration = 0;      // FieldDecl, Entry, Let, Param, Fn, kind; 0: none, or a word
  const Record* record = nullptr;      // Res::resource
};

class Evaluation {
 public:
  virtual ~Evaluation() = default;
  /// All resources of exactly this kind, in order of declaration.
  [[nodiscard]] virtual std::span<Record* const> resources(std::string_view kind) const = 0;
  /// All resources, in order of declaration.
  [[nodiscard]] virtual std::span<Record* const> all() const = 0;
  /// What a component's instance declares and is there, its components' parts too; nothing of other resources.
  [[nodiscard]] virtual std::vector<Record*> parts(const Record& instance) const = 0;
  /// A copy of a record, not yet evaluated, in which `self` is another resource: a `nodes` block read for one machine.
  virtual Record* with_self(const Record& record, Record& self) = 0;
  /// The value of a field, evaluated when first asked; errors are reported once and give poison.
  virtual Value field(Record& record, std::uint32_t index) = 0;
  [[nodiscard]] virtual std::string_view text(Symbol s) const = 0;
  /// Reasons met so far (of fields that were read).
  [[nodiscard]] virtual std::span<const Relaxation> relaxations() const = 0;
  [[nodiscard]] virtual source::Span span(Origin origin) const = 0;
  /// A value as a person would write it in Lab.
  [[nodiscard]] virtual std::string display(const Value& value) const = 0;
  [[nodiscard]] virtual std::string describe(const types::Schema& schema) const = 0;
  /// A type as a person writes it: `list<network>`.
  [[nodiscard]] virtual std::string describe(types::TypeRef type) const = 0;
  [[nodiscard]] virtual const names::Program& program() const = 0;
  [[nodiscard]] virtual const names::Declarations& declarations() const = 0;
  [[nodiscard]] virtual Meaning meaning(names::NodeRef n) const = 0;
  [[nodiscard]] virtual std::span<const InputFile> inputs() const = 0;
  /// Evaluates an expression appended to the program (`labc eval`), in the lab's scope.
  virtual Value evaluate_root(names::NodeRef expression) = 0;
  [[nodiscard]] virtual const std::vector<TestCase>& tests() const = 0;
  /// Codes that the running test says must appear.
  [[nodiscard]] virtual std::vector<std::string_view> fails() const = 0;
  /// The schema of a kind; null when there is none.
  virtual const types::Schema* kind_named(std::string_view name) = 0;
  [[nodiscard]] virtual std::span<const Assumption> assumptions() const = 0;
  /// Who reads `service`, `host` or `internal-url` of whom, of the fields that were evaluated.
  [[nodiscard]] virtual std::span<const Reading> readings() const = 0;
  /// What was made public of secrets, each call and secret once, in the order in which they were met.
  [[nodiscard]] virtual std::span<const Disclosure> disclosures() const = 0;
  /// Who answers questions about the model; must outlive the evaluation's use. Null: nobody does.
  virtual void set_oracle(Oracle* oracle) = 0;
  /// Decides the assertions. What nobody could decide, and every `assume` about the model, is listed in
  /// `assumptions`.
  virtual void check_assertions() = 0;
  /// Elaborates what nothing evaluated, so that mistakes there are found too.
  virtual void sweep() = 0;
};

}  // namespace lab::eval
