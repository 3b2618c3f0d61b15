#include "compiler/syntax/ast.h"

namespace lab::syntax {

std::string_view name(NodeKind kind) {
  static constexpr std::string_view names[] = {
#define LAB_NODE(name) #name,
#include "compiler/syntax/nodes.def"
#undef LAB_NODE
  };
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace lab::syntax
