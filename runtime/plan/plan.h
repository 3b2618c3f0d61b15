// plan.json, format `lab.plan/1`: what `labc` writes and `labrun` makes true.
//
// A plan is read strictly: a field that is not in the format, a text of the wrong form, a duplicate id, a
// cycle, a reference to nothing, or a plan_id that is not the hash of the rest refuses the whole plan, and
// every reason is reported. Numbers are integers. Paths are relative to the folder of plan.json.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/kinds.h"

namespace lab::plan {

/// Objects are sorted by key, so that equal values are written as equal bytes.
using Json = nlohmann::json;

inline constexpr std::string_view format = "lab.plan/1";

/// A place in the lab that a step comes from. Line counts from 1; an empty file means no place.
struct Place {
  std::string file;
  unsigned line = 0;
};

/// A file that the plan reads. A sealed one is named without its hash, which would follow the values in it: a
/// plan says the same whatever the lab's secrets are.
struct Artifact {
  std::string path;
  std::string sha256;   // 64 lower-case hexadecimal digits; "" for a sealed file that was not loaded yet
  bool sealed = false;  // SOPS: decrypted in memory by the step that needs it, named by {"$sops": path}
};

/// A file of the lab that the plan was made of. For information: labrun does not need it.
struct Input {
  std::string path;
  std::string sha256;
};

/// Where the value of {"$secret": ref} comes from.
struct Secret {
  enum class From : std::uint8_t { sops, env };
  std::string ref;
  From from = From::sops;
  std::string file;      // sops: a sealed artifact
  std::string key;       // sops: the key of its top-level map
  std::string variable;  // env
};

/// How many steps that need it may run at a time.
struct Pool {
  std::string name;
  unsigned limit = 1;
};

/// A part of the plan that can be run alone (`labrun apply --only NAME`): a host, a cluster, a site.
struct Group {
  std::string name;
  std::string title;
};

/// What to do about a field whose value is not the desired one.
enum class OnChange : std::uint8_t { update, replace, refuse };
/// What `labrun destroy` does.
enum class Destroy : std::uint8_t { remove, retain };  // "delete", "retain"
/// none: any failure is final. request: requests are repeated by the rules of their protocol. task: the same,
/// and a task of the server is awaited. poll: not ready yet is no failure before the timeout.
enum class Retry : std::uint8_t { none, request, task, poll };
/// In which state the object may be found: `absent` is ours to make (absent, or already ours); `present` is
/// made by somebody else, and missing is a failure.
enum class Expect : std::uint8_t { absent, present };

struct Step {
  std::string id;                  // stable: made of names, never of positions
  const KindInfo* kind = nullptr;  // never null in a plan that was accepted
  std::vector<std::string> after;
  std::vector<std::uint32_t> after_index;  // the same as places in Plan::steps, ascending
  std::string group;
  std::string title;  // for people: "VM talos-cp02 on pve-lenovo"
  Json key;           // how the object is found again
  Json desired;       // what it shall be
  Expect expect = Expect::absent;
  std::vector<std::pair<std::string, OnChange>> on_change;  // by field, sorted
  Destroy destroy = Destroy::retain;
  bool protect = false;  // never replaced or destroyed
  Retry retry = Retry::none;
  unsigned timeout_s = 0;
  std::vector<std::string> needs;  // names of pools
  std::optional<std::string> approve;
  std::vector<std::string> outputs;
  Place origin;

  /// What to do when `field` differs. A field is the path of a value in `desired`, joined by dots, with the
  /// name of a list's record for its number ("params.cores", "resize.scsi0"). The longest entry that is the
  /// path or stands before one of its dots decides; without one the answer is refuse.
  [[nodiscard]] OnChange change(std::string_view field) const;
};

struct Plan {
  std::string id;                                // "sha256:…"
  std::string lab;                               // its name
  std::string compiler;                          // version of labc
  std::map<std::string, std::string> requires_;  // "requires": versions, by product: {"labrun": ">=0.1 <1"}
  std::vector<Input> inputs;
  std::vector<Artifact> artifacts;
  std::vector<Secret> secrets;
  std::vector<Pool> pools;
  std::vector<Group> groups;
  std::vector<Step> steps;

  [[nodiscard]] const Step* find_step(std::string_view id) const;
  [[nodiscard]] const Artifact* find_artifact(std::string_view path) const;
  [[nodiscard]] const Secret* find_secret(std::string_view ref) const;
  [[nodiscard]] const Pool* find_pool(std::string_view name) const;
};

/// Why a plan is refused.
struct Problem {
  std::string at;  // JSON pointer: "/steps/3/after/0"; empty for the whole
  std::string message;
};

/// A plan, or the reasons against it.
struct Parsed {
  Plan plan;  // whole when there are no problems
  std::vector<Problem> problems;
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// Reads and checks the text of plan.json, everything but the bytes of its artifacts.
[[nodiscard]] Parsed parse(std::string_view text);

/// The bytes of a file below the folder of plan.json; nothing when it cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;
/// Looks at every artifact before the first step: those that are missing, are not the ones the plan was made
/// with, or are no whole files of SOPS. Sealed ones that are good get the hash they are found with, which
/// they keep to the end of the run.
[[nodiscard]] std::vector<Problem> load_artifacts(Plan& plan, const ReadFile& read);
/// One line a problem, as people read it: "plan.json: steps/3 (vm/cp1): …".
[[nodiscard]] std::string render(const std::vector<Problem>& problems, std::string_view file);

// ---- identity
/// The canonical form of a plan: without plan_id, keys sorted by their bytes, no space between tokens, UTF-8
/// unescaped but for what JSON demands. Every number in it is an integer.
[[nodiscard]] std::string canonical(const Json& plan);
/// "sha256:" and the hash of the canonical form.
[[nodiscard]] std::string identify(const Json& plan);
/// "sha256:" and the hash of paths and hashes of the sealed files as they were loaded: what `identify` leaves
/// open.
[[nodiscard]] std::string identify_sealed(const Plan& plan);
/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// ---- references in `desired` and `key`
enum class RefKind : std::uint8_t { secret, artifact, sops, output };
struct Reference {
  RefKind kind = RefKind::secret;
  std::string target;  // name of the secret, path of the file, id of the step
  std::string output;  // of outputs: the name after the last dot
};
/// The reference that a value is: an object with one of the keys $secret, $artifact, $sops, $output and a
/// text. Nothing for any other value.
[[nodiscard]] std::optional<Reference> as_reference(const Json& value);
/// The files that `key` and `desired` of a step name by $artifact and $sops, by path.
[[nodiscard]] std::vector<const Artifact*> files_of(const Plan& plan, const Step& step);

}  // namespace lab::plan
