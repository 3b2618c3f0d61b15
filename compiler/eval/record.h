// Records of the evaluator: resources, labelled blocks, tagged values and plain records.
#pragma once
#include <cstdint>

#include "compiler/eval/value.h"
#include "compiler/types/schema.h"

namespace lab::eval {

struct Slot;
struct Env;

/// A record whose fields are evaluated when first read, through `Evaluation::field`.
struct Record {
  const types::Schema* schema = nullptr;
  Record* owner = nullptr;             // the record it is a field of; null for resources
  Record* resource = nullptr;          // the resource it belongs to (itself for one); what `self` is
  Symbol name{};                       // label of a resource or labelled block
  Value key;                           // label as a value: a string or a reference (`nic k8s`)
  Origin origin = 0;                   // its header
  Slot* slots = nullptr;               // one a field of the schema
  Env* env = nullptr;                  // of its declaration, made when first needed
  Record* base = nullptr;              // whose values it starts from (`f = template`)
  std::uint32_t model_index = 0xffffffff;  // in the store of its kind, once the model is being built
  std::uint32_t field = 0;             // of `owner`: which field holds it
  bool named = false;                  // a resource or labelled block: equality is identity
};

}  // namespace lab::eval
