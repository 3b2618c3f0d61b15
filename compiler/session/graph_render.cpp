#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/document/document.h"
#include "compiler/emit/yaml.h"
#include "compiler/session/graph.h"

namespace lab::session {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

/// Groups in the order in which they are met.
std::vector<std::string> groups(const Graph& graph) {
  std::vector<std::string> out;
  for (const GraphNode& n : graph.nodes)
    if (std::ranges::find(out, n.group) == out.end()) out.push_back(n.group);
  return out;
}

// The picture's measures, in pixels.
constexpr int box_width = 150, box_height = 26, gap = 8, column = 260, margin = 24, title = 20;

struct Box {
  int x = 0, y = 0;
};

struct Frame {
  std::string title;
  int x = 0, y = 0, height = 0;
};

struct Layout {
  std::map<std::string, Box> boxes;
  std::vector<Frame> frames;
  int width = 0, height = 0;
};

Layout lay_out(const Graph& graph) {
  Layout out;
  std::map<unsigned, int> columns;  // those in use, from the left
  for (const GraphNode& n : graph.nodes) columns.emplace(n.layer, 0);
  int number = 0;
  for (auto& [layer, x] : columns) x = margin + column * number++;
  std::map<unsigned, int> bottoms;
  for (const std::string& group : groups(graph)) {
    std::map<unsigned, Frame> frames;
    for (const GraphNode& n : graph.nodes) {
      if (n.group != group) continue;
      auto [bottom, first] = bottoms.try_emplace(n.layer, margin);
      auto [frame, fresh] = frames.try_emplace(n.layer, Frame{group, columns[n.layer], bottom->second, 0});
      if (fresh) bottom->second += title;
      out.boxes[n.id] = {columns[n.layer], bottom->second};
      bottom->second += box_height + gap;
      frame->second.height = bottom->second - frame->second.y;
    }
    for (auto& [layer, frame] : frames) {
      bottoms[layer] += gap;
      out.frames.push_back(frame);
    }
  }
  out.width = number == 0 ? 2 * margin : margin + column * (number - 1) + box_width + margin;
  for (const auto& [layer, bottom] : bottoms) out.height = std::max(out.height, bottom + margin);
  return out;
}

std::string_view colour(std::string_view kind) {
  if (kind == "calls") return "#7a869a";
  if (kind == "door") return "#c2410c";
  if (kind == "runs") return "#2563eb";
  return "#94a3b8";
}

}  // namespace

std::string render_dot(const Graph& graph) {
  std::string out = "digraph lab {\n  rankdir=LR\n  node [shape=box]\n";
  const auto to = std::back_inserter(out);
  unsigned number = 0;
  for (const std::string& group : groups(graph)) {
    fmt::format_to(to, "  subgraph cluster_{} {{\n    label={}\n", number++, quoted(group));
    for (const GraphNode& n : graph.nodes)
      if (n.group == group) fmt::format_to(to, "    {} [label={}]\n", quoted(n.id), quoted(n.label));
    out += "  }\n";
  }
  for (const GraphEdge& e : graph.edges) {
    fmt::format_to(to, "  {} -> {} [color={}{}]\n", quoted(e.from), quoted(e.to), quoted(colour(e.kind)),
                   e.label.empty() ? "" : ", label=" + quoted(e.label));
  }
  return out + "}\n";
}

std::string render_graph_json(const Graph& graph) {
  document::Arena arena;
  document::Map root = arena.map();
  root.set("format", "lab.graph/1");
  document::List nodes = root.list("nodes"), edges = root.list("edges");
  for (const GraphNode& n : graph.nodes)
    nodes.map().set("id", n.id).set("kind", n.kind).set("label", n.label).set("group", n.group);
  for (const GraphEdge& e : graph.edges)
    edges.map().set("from", e.from).set("to", e.to).set("kind", e.kind).set_nonempty("label", e.label);
  std::string out;
  std::uint32_t line = 1;
  std::vector<emit::LineOrigin> lines;
  emit::write_json(*root.node(), out, line, lines);
  return out;
}

std::string render_svg(const Graph& graph) {
  const Layout layout = lay_out(graph);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      layout.width, layout.height);
  const auto to = std::back_inserter(out);
  for (const Frame& f : layout.frames) {
    fmt::format_to(to,
                   "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"#f1f5f9\"/>\n<text "
                   "x=\"{}\" y=\"{}\" fill=\"#475569\">{}</text>\n",
                   f.x - gap, f.y, box_width + 2 * gap, f.height, f.x, f.y + 14, xml(f.title));
  }
  for (const GraphEdge& e : graph.edges) {
    const Box &a = layout.boxes.at(e.from), &b = layout.boxes.at(e.to);
    const bool same = a.x == b.x, forward = a.x < b.x;
    const int x1 = same || forward ? a.x + box_width : a.x, x2 = same || !forward ? b.x + box_width : b.x;
    const int bend = same ? 40 : (x2 - x1) / 2, y1 = a.y + box_height / 2, y2 = b.y + box_height / 2;
    fmt::format_to(
        to, "<path d=\"M{} {}C{} {} {} {} {} {}\" fill=\"none\" stroke=\"{}\"><title>{}</title></path>\n", x1,
        y1, x1 + bend, y1, same ? x2 + bend : x2 - bend, y2, x2, y2, colour(e.kind),
        xml(fmt::format("{} {} {} {}", e.from, e.kind, e.to, e.label)));
  }
  for (const GraphNode& n : graph.nodes) {
    const Box& box = layout.boxes.at(n.id);
    std::string label = n.label;
    if (label.size() > 22) label = label.substr(0, 21) + "…";
    fmt::format_to(to,
                   "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"#ffffff\" "
                   "stroke=\"#334155\"/>\n<text x=\"{}\" y=\"{}\"><title>{}</title>{}</text>\n",
                   box.x, box.y, box_width, box_height, box.x + 8, box.y + 17, xml(n.id), xml(label));
  }
  return out + "</svg>\n";
}

}  // namespace lab::session
