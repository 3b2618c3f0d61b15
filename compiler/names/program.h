// All trees of a lab and its packages as one program, and what they declare.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/source/sources.h"
#include "compiler/source/symbols.h"
#include "compiler/syntax/ast.h"

namespace lab::names {

using source::Span;
using source::Symbol;
/// Number of a node in the program's one array; 0 is no node.
using NodeRef = std::uint32_t;

/// Where a file's declarations belong.
enum class Home : std::uint8_t { standard, package, lab };

/// A file's share of the node array.
struct Unit {
  source::FileId file;
  NodeRef base;        // its File node
  Home home;
};

/// The concatenation of all trees. Nodes never change; copies of subtrees may be appended
/// (`instantiate`), and keep their place in the source.
class Program {
 public:
  explicit Program(const source::Sources& sources);
  /// Appends a tree; returns the number of its File node.
  NodeRef add(const syntax::Tree& tree, source::FileId file, Home home) { return add(tree.nodes, tree.docs, file, home); }
  NodeRef add(std::span<const syntax::Node> nodes, std::span<const syntax::Doc> docs, source::FileId file, Home home);
  /// Appends a copy of the subtree at `node`: the same text, to be elaborated for another type.
  NodeRef instantiate(NodeRef node);

  [[nodiscard]] const syntax::Node& operator[](NodeRef n) const { return nodes_[n]; }
  [[nodiscard]] const syntax::Node* data() const { return nodes_.data(); }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  [[nodiscard]] syntax::Children children(NodeRef n) const { return {nodes_.data(), n}; }
  /// The i-th child; 0 when there are fewer.
  [[nodiscard]] NodeRef child(NodeRef n, unsigned i) const;
  [[nodiscard]] NodeRef last_child(NodeRef n) const;
  [[nodiscard]] Span span(NodeRef n) const;
  /// The place that stands for a declaration: of an Entry the part before its body, else the whole.
  [[nodiscard]] Span header(NodeRef n) const;
  [[nodiscard]] const Unit& unit(NodeRef n) const;
  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  [[nodiscard]] bool standard(NodeRef n) const { return unit(n).home == Home::standard; }
  /// Documentation comment of a declaration; empty when there is none.
  [[nodiscard]] Symbol doc(NodeRef n) const;
  [[nodiscard]] const source::Sources& sources() const { return *sources_; }

 private:
  const source::Sources* sources_;
  std::vector<syntax::Node> nodes_;
  std::vector<Unit> units_;
  std::unordered_map<NodeRef, Symbol> docs_;
};

/// The parts of an Entry, found once.
struct EntryParts {
  NodeRef label = 0;
  NodeRef first_clause = 0;
  unsigned clauses = 0;
  NodeRef value = 0;
  NodeRef reason = 0;
  NodeRef body = 0;
};
[[nodiscard]] EntryParts parts(const Program& program, NodeRef entry);

/// What the program declares, by name. Later declarations of a name already there are reported and left out.
struct Declarations {
  using Table = std::unordered_map<std::uint32_t, NodeRef>;
  Table lets, params, functions, types, kinds, environments;
  std::vector<NodeRef> tests;
  std::vector<NodeRef> imports;
  /// Top-level members that make resources or assertions, in order; those of the lab before those of packages.
  std::vector<NodeRef> members;
};
[[nodiscard]] inline NodeRef lookup(const Declarations::Table& table, Symbol name) {
  const auto it = table.find(static_cast<std::uint32_t>(name));
  return it == table.end() ? 0 : it->second;
}
Declarations collect(const Program& program, const source::Symbols& symbols, diagnostics::Sink& sink);

}  // namespace lab::names
