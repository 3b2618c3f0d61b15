// The kinds of the model, declared: what references point at.
#pragma once

namespace lab::model {

#define LAB_KIND(type, name, store) struct type;
#include "compiler/model/kinds.def"
#undef LAB_KIND

}  // namespace lab::model
