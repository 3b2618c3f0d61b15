// What a build would change, by meaning: fields, not lines; and what that does to what runs.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/emit/tree.h"
#include "compiler/session/build.h"

namespace lab::session {

/// What putting a change in force does to the thing, from least to most.
enum class Effect : std::uint8_t { nothing, reload, restart, reboot, replace };
[[nodiscard]] std::string_view spelled(Effect effect);

struct Difference {
  std::string path;    // `spec.replicas`, `spec.containers[sonarr].image`; empty for a whole document
  std::string before;  // as text; empty when it is new
  std::string after;   // empty when it goes
  Effect effect = Effect::nothing;
};

struct ChangedFile {
  std::string path;
  char mark = '~';                      // '+', '~', '-'
  std::vector<Difference> differences;  // of a changed file; none: written differently, meaning the same
  Effect effect = Effect::nothing;      // the greatest of its differences
};

struct DiffResult {
  std::vector<ChangedFile> files;  // by path; without build.json and sourcemap.json
  std::string error;               // the system's words; "" when all went well
};

/// Compares a build with what stands in `out`. Quantities are compared by amount, lists whose elements have a
/// name by name.
[[nodiscard]] DiffResult diff(const Built& built, const std::string& out, const source::FileSystem& files);

/// As people read it; `colour` for terminals.
[[nodiscard]] std::string render_diff(const DiffResult& result, bool colour);

}  // namespace lab::session
