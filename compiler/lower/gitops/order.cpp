// Waves: topological levels of the units.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/gitops/units.h"

namespace lab::lower::gitops {

namespace {

using Graph = std::vector<std::vector<Edge>>;
constexpr std::uint32_t unseen = 0xffffffff;

/// Strongly connected components (Tarjan, without recursion): the number of each node's component.
std::vector<std::uint32_t> components(const Graph& graph) {
  const std::size_t n = graph.size();
  std::vector<std::uint32_t> number(n, unseen), low(n), component(n, unseen), stack;
  struct Frame {
    UnitIndex node;
    std::size_t edge;
  };
  std::vector<Frame> frames;
  std::uint32_t next = 0, count = 0;
  for (UnitIndex start = 0; start < n; ++start) {
    if (number[start] != unseen) continue;
    frames.push_back({start, 0});
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const UnitIndex v = frame.node;
      if (frame.edge == 0) {
        number[v] = low[v] = next++;
        stack.push_back(v);
      }
      if (frame.edge < graph[v].size()) {
        const UnitIndex w = graph[v][frame.edge++].to;
        if (number[w] == unseen)
          frames.push_back({w, 0});
        else if (component[w] == unseen)
          low[v] = std::min(low[v], number[w]);
        continue;
      }
      if (low[v] == number[v]) {
        UnitIndex w = unseen;
        do {
          w = stack.back();
          stack.pop_back();
          component[w] = count;
        } while (w != v);
        ++count;
      }
      frames.pop_back();
      if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[v]);
    }
  }
  return component;
}

/// Removes the edges inside components that `drop` takes; whether any was.
template <class Drop>
bool remove_inside(Graph& graph, const Drop& drop) {
  const std::vector<std::uint32_t> component = components(graph);
  bool removed = false;
  for (UnitIndex v = 0; v < graph.size(); ++v)
    removed |= std::erase_if(graph[v], [&](const Edge& e) {
                 return component[v] == component[e.to] && drop(v, e);
               }) > 0;
  return removed;
}

std::vector<std::int32_t> levels_of_acyclic(const Graph& graph) {
  const std::size_t n = graph.size();
  std::vector<std::int32_t> level(n, 0);
  std::vector<std::vector<UnitIndex>> before(n);
  std::vector<std::size_t> open(n);
  std::vector<UnitIndex> ready;
  for (UnitIndex v = 0; v < n; ++v) {
    open[v] = graph[v].size();
    for (const Edge& e : graph[v]) before[e.to].push_back(v);
    if (open[v] == 0) ready.push_back(v);
  }
  for (std::size_t i = 0; i < ready.size(); ++i)
    for (const UnitIndex v : before[ready[i]]) {
      level[v] = std::max(level[v], level[ready[i]] + 1);
      if (--open[v] == 0) ready.push_back(v);
    }
  return level;
}

/// A circle inside the component of `start`, from it back to it.
std::vector<Edge> circle(const Graph& graph, const std::vector<std::uint32_t>& component, UnitIndex start) {
  std::vector<UnitIndex> parent(graph.size(), unseen);
  std::vector<Edge> by(graph.size());
  std::vector<UnitIndex> queue = {start};
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (const Edge& e : graph[queue[i]]) {
      if (component[e.to] != component[start]) continue;
      if (e.to == start) {
        std::vector<Edge> path = {e};
        for (UnitIndex v = queue[i]; v != start; v = parent[v]) path.push_back(by[v]);
        std::reverse(path.begin(), path.end());
        return path;
      }
      if (parent[e.to] != unseen) continue;
      parent[e.to] = queue[i];
      by[e.to] = e;
      queue.push_back(e.to);
    }
  return {};
}

void report_circle(const std::vector<Unit>& units, UnitIndex start, const std::vector<Edge>& path,
                   diagnostics::Sink& sink, const Options& options) {
  using namespace diagnostics;
  std::string names = fmt::format("`{}`", units[start].name);
  for (const Edge& e : path) names += fmt::format(" after `{}`", units[e.to].name);
  Diagnostic d = make(Code::order_cycle, options.locate(units[start].at), "part of the circle",
                      "no order of application: {}", names);
  UnitIndex from = start;
  for (const Edge& e : path) {
    const source::Span span = options.locate(e.at);
    if (span.valid()) d.at(span, fmt::format("`{}` needs `{}`", units[from].name, units[e.to].name));
    from = e.to;
  }
  sink.report(std::move(d));
}

/// Waves order what is in one tree, and trees as wholes. So between two trees an edge holds only when the one
/// tree does not wait for the other already.
void check_trees(const std::vector<Unit>& units, diagnostics::Sink& sink, const Options& options) {
  const auto declared = [](const Edge& e) { return e.declared; };
  if (std::ranges::none_of(units, [&](const Unit& u) { return std::ranges::any_of(u.after, declared); }))
    return;
  std::vector<Text> trees;
  const auto number = [&](Text tree) {
    const auto at = std::ranges::find(trees, tree);
    if (at == trees.end()) trees.push_back(tree);
    return static_cast<UnitIndex>(std::ranges::find(trees, tree) - trees.begin());
  };
  for (const Unit& unit : units) number(unit.root);
  Graph graph(trees.size());
  for (const Unit& unit : units)
    for (const Edge& e : unit.after)
      if (!e.soft && units[e.to].root != unit.root)
        graph[number(unit.root)].push_back({number(units[e.to].root), e.at, false, e.declared});
  const std::vector<std::uint32_t> component = components(graph);
  for (const Unit& unit : units)
    for (const Edge& e : unit.after) {
      const Unit& to = units[e.to];
      if (!e.declared || to.root == unit.root || component[number(unit.root)] != component[number(to.root)])
        continue;
      using namespace diagnostics;
      std::string path = fmt::format("`{}`", to.root);
      for (const Edge& step : circle(graph, component, number(to.root)))
        path += fmt::format(" after `{}`", trees[step.to]);
      Diagnostic d = make(Code::order_cycle, options.locate(e.at), "this order cannot be kept",
                          "no order of application: `{}` is in the tree `{}`, `{}` in `{}`", unit.name,
                          unit.root, to.name, to.root);
      d.note(fmt::format("trees are applied one after the other: {}", path));
      d.note("`root` of a namespace says which tree it is in");
      sink.report(std::move(d));
    }
}

}  // namespace

std::vector<std::int32_t> levels(const std::vector<std::vector<Edge>>& after) {
  Graph graph = after;
  remove_inside(graph, [](UnitIndex, const Edge&) { return true; });
  return levels_of_acyclic(graph);
}

void order(std::vector<Unit>& units, diagnostics::Sink& sink, const Options& options) {
  Graph graph(units.size());
  for (UnitIndex i = 0; i < units.size(); ++i) graph[i] = units[i].after;
  remove_inside(graph, [](UnitIndex, const Edge& e) { return e.soft; });
  const std::vector<std::uint32_t> component = components(graph);
  std::vector<std::uint32_t> reported;
  for (UnitIndex v = 0; v < graph.size(); ++v) {
    const auto inside = [&](const Edge& e) { return component[e.to] == component[v]; };
    if (std::none_of(graph[v].begin(), graph[v].end(), inside)) continue;
    if (std::find(reported.begin(), reported.end(), component[v]) != reported.end()) continue;
    reported.push_back(component[v]);
    report_circle(units, v, circle(graph, component, v), sink, options);
  }
  if (reported.empty()) check_trees(units, sink, options);
  if (!reported.empty()) remove_inside(graph, [](UnitIndex, const Edge&) { return true; });
  const std::vector<std::int32_t> level = levels_of_acyclic(graph);
  for (UnitIndex i = 0; i < units.size(); ++i) units[i].wave = level[i];
}

}  // namespace lab::lower::gitops
