// sourcemap.json: where each line of the emitted tree comes from.
//
//   {"format": "lab.sourcemap/1",
//    "sources": ["cluster.lab", "std/core/app.lab"],
//    "files": {
//      "kubernetes/media/sonarr/deployment.yaml": [[1,0,120,260],[9],[12,1,40,52]]}}
//
// Each entry says: from this line on, source number, first byte, byte after the last; an entry of the
// line alone says that what follows comes from no place in the lab.
#pragma once
#include <functional>
#include <string>

#include "compiler/emit/render.h"

namespace lab::emit {

/// A place in the lab; an empty path for none.
struct Place {
  std::string_view path;  // must stay valid while the map is written
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Asked once for each run of lines of one origin, never for 0.
using Locate = std::function<Place(document::Origin)>;

[[nodiscard]] std::string render_sourcemap(const Rendered& rendered, const Locate& locate);

}  // namespace lab::emit
