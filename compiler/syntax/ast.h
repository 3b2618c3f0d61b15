// The syntax tree of Lab: a flat array in preorder, children directly behind their parent.
//
// A tree knows no absolute positions: a node is an index, its children follow it, `size` skips it.
// So a tree can be copied, concatenated and embedded as bytes (the standard library is).
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/source/span.h"
#include "compiler/source/symbols.h"

namespace lab::syntax {

using source::Symbol;

enum class NodeKind : std::uint8_t {
#define LAB_NODE(name) name,
#include "compiler/syntax/nodes.def"
#undef LAB_NODE
};

/// Name of a kind of node, for dumps and tests.
[[nodiscard]] std::string_view name(NodeKind kind);

/// Bits of `Node::flags`; which kind uses which stands in nodes.def.
enum Flag : std::uint8_t {
  has_label = 1,    // Entry: the first child is its label
  has_value = 2,    // Entry: `= value`; FieldDecl: a default; Param, Parameter: a default
  has_body = 4,     // Entry: the last child is a Body
  has_reason = 8,   // Entry, Arg: `because "…"`; Type nodes: `because` demands one
  append = 16,      // Entry: `+=`
  string_key = 32,  // Entry: the word was written as a string
  computed = 64,    // FieldDecl: `=> expr`
  damaged = 128,  // the innermost member with a syntax error (and the File): checks of meaning leave it alone
};

enum class Clause : std::uint8_t { on, at, via, to, from, of, in, like };
enum class Op : std::uint8_t {
  coalesce,
  or_,
  and_,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  in,
  range,
  add,
  sub,
  mul,
  div,
  not_,
  neg
};

struct Node {
  NodeKind kind{};
  std::uint8_t flags = 0;
  std::uint8_t op = 0;       // Op, Clause, or the number of names a for binds
  std::uint8_t clauses = 0;  // Entry: how many Clause children follow the label
  std::uint32_t size = 1;    // nodes of this subtree, this one included
  std::uint32_t begin = 0;   // bytes in the file
  std::uint32_t end = 0;
  Symbol text{};   // names, operators' words, literal text; strings without escapes
  Symbol text2{};  // For, Comprehension: the second name; Import: the alias

  [[nodiscard]] bool has(Flag f) const { return (flags & f) != 0; }
};

/// Documentation comment (`///` lines joined by \n, the marker and one space removed) of a declaration.
struct Doc {
  std::uint32_t node;  // index in the tree
  Symbol text;
};

/// Comments as they stand, for tools; the formatter works on tokens.
struct Comment {
  std::uint32_t begin;
  std::uint32_t end;
};

/// One file's tree. Node 0 is the File node and spans the file.
struct Tree {
  std::vector<Node> nodes;
  std::vector<Doc> docs;  // ordered by node
  std::vector<Comment> comments;
};

/// The children of a node by iteration: `for (std::uint32_t c : children(nodes, n))`.
class Children {
 public:
  class Iterator {
   public:
    Iterator(const Node* nodes, std::uint32_t at) : nodes_(nodes), at_(at) {}
    std::uint32_t operator*() const { return at_; }
    Iterator& operator++() {
      at_ += nodes_[at_].size;
      return *this;
    }
    bool operator!=(const Iterator& o) const { return at_ != o.at_; }

   private:
    const Node* nodes_;
    std::uint32_t at_;
  };
  Children(const Node* nodes, std::uint32_t parent)
      : nodes_(nodes), first_(parent + 1), end_(parent + nodes[parent].size) {}
  [[nodiscard]] Iterator begin() const { return {nodes_, first_}; }
  [[nodiscard]] Iterator end() const { return {nodes_, end_}; }
  [[nodiscard]] bool empty() const { return first_ == end_; }

 private:
  const Node* nodes_;
  std::uint32_t first_;
  std::uint32_t end_;
};

}  // namespace lab::syntax
