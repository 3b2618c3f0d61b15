// The lab as a picture: machines and where they run, apps and what they call, doors and what is behind them.
#pragma once
#include <string>
#include <vector>

#include "compiler/session/session.h"

namespace lab::session {

struct GraphNode {
  std::string id;      // "app:media.sonarr"
  std::string label;   // "sonarr"
  std::string kind;    // "app", "host", …, "internet"
  std::string group;   // "namespace media", "networks", …
  unsigned layer = 0;  // column, from the outside to the hardware
};

struct GraphEdge {
  std::string from, to;
  std::string kind;  // "on", "runs", "calls", "door"
  std::string label;
};

struct Graph {
  std::vector<GraphNode> nodes;  // in order of declaration
  std::vector<GraphEdge> edges;
};

[[nodiscard]] Graph graph(const Snapshot& snapshot);
/// Graphviz' language.
[[nodiscard]] std::string render_dot(const Graph& graph);
[[nodiscard]] std::string render_graph_json(const Graph& graph);
/// One picture without scripts or fonts of its own: columns by layer, boxes by group, lines between.
[[nodiscard]] std::string render_svg(const Graph& graph);

}  // namespace lab::session
