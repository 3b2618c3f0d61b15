#include "compiler/diagnostics/shown.h"

#include <algorithm>

namespace lab::diagnostics {

Shown shown(std::span<const Diagnostic> all, std::size_t most) {
  std::map<source::FileId, std::vector<std::size_t>> of_file;
  for (std::size_t i = 0; i < all.size(); ++i) of_file[all[i].primary.file].push_back(i);
  Shown out;
  std::vector<std::size_t> kept;
  for (auto& [file, indices] : of_file) {
    if (file != source::FileId::none && indices.size() > most + 1) {
      std::ranges::stable_sort(indices, {}, [&](std::size_t i) { return all[i].severity; });
      out.left_out[file] = indices.size() - most;
      indices.resize(most);
    }
    kept.insert(kept.end(), indices.begin(), indices.end());
  }
  std::ranges::sort(kept);
  for (const std::size_t i : kept) out.kept.push_back(&all[i]);
  return out;
}

}  // namespace lab::diagnostics
