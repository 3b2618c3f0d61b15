// The standard library as trees: written when labc is built (precompile.cpp), loaded without parsing.
//
// Layout, in native byte order, every part aligned to four bytes: the number of symbols and their texts
// in the order of their numbers; the number of files, and of each its path, text, nodes and docs. A
// text is its length, its bytes and padding.
#pragma once
#include <span>
#include <string_view>
#include <type_traits>

#include "compiler/names/program.h"
#include "compiler/source/sources.h"
#include "compiler/source/symbols.h"
#include "compiler/syntax/ast.h"

namespace lab::session {

static_assert(std::is_trivially_copyable_v<syntax::Node> && sizeof(syntax::Node) == 24);
static_assert(std::is_trivially_copyable_v<syntax::Doc> && sizeof(syntax::Doc) == 8);

/// Adds the standard library to a program. `symbols` must be fresh: numbers in the trees are its numbers.
void load_standard_library(source::Sources& sources, source::Symbols& symbols, names::Program& program);

}  // namespace lab::session
