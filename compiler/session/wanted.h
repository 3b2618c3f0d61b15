// What the vault has to hold for a lab.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/span.h"
#include "compiler/vault/vault.h"

namespace lab::session {

class Snapshot;

/// How a value comes to be.
enum class Source : std::uint8_t { given, generated, environment, file, command, remote };

/// One value, or one tree of values that a recipe makes at once.
struct Wanted {
  std::string handle;
  Source source = Source::given;
  std::string recipe;             // of `generated`: a word of crypto/recipes, or one of `bundles`
  std::int64_t size = 0;          // what the recipe takes
  std::string place;              // variable or path
  std::vector<std::string> argv;  // of a command
  source::Span at;                // where the lab declares it; none for labc's own
  [[nodiscard]] bool own() const { return !at.valid(); }
};

/// Everything, in the order of the lab; labc's own last. Complete for a complete snapshot.
[[nodiscard]] std::vector<Wanted> wanted(const Snapshot& snapshot);

/// Recipes that are no single random value, by their word.
struct BundleRecipe {
  std::string_view recipe;
  crypto::sops::Node (*make)(
      const Wanted& wanted);  // a value or a tree of values, which is put at the handle
  /// From a file that a person has; null when there is no such file. Nothing, with `problem` saying why, for
  /// another.
  std::optional<crypto::sops::Node> (*read)(const crypto::SecretBytes& text, std::string& problem) = nullptr;
  std::string_view kept = {};  // why it is not made anew while it is there; empty: it may be
};

/// The recipe of a value; null when it is of crypto/recipes, or the value is not generated.
[[nodiscard]] const BundleRecipe* bundle_of(const Wanted& one);

/// Makes every value that is generated and not there, in an unlocked or new vault; how many there were.
std::size_t make_missing(vault::Vault& vault, const std::vector<Wanted>& all);
/// Makes one value anew, whether it is there or not. False for one that is not generated.
bool make(vault::Vault& vault, const Wanted& one);

}  // namespace lab::session
