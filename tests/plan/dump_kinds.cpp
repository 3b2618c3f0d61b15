// The table of step kinds as JSON, for the tests that hold schema and documentation to it.
#include <iostream>

#include "runtime/plan/plan.h"

using namespace lab::plan;

namespace {

Json fields_of(std::span<const Field> fields) {
  Json out = Json::array();
  for (const Field& field : fields)
    out.push_back({{"name", field.name},
                   {"shape", name_of(field.shape)},
                   {"required", field.required},
                   {"doc", field.doc},
                   {"choices", field.choices},
                   {"fields", fields_of(field.fields)}});
  return out;
}

}  // namespace

int main() {
  Json out = Json::array();
  for (const KindInfo& kind : kinds()) {
    Json outputs = Json::array();
    for (const Output& output : kind.outputs)
      outputs.push_back({{"name", output.name}, {"secret", output.secret}, {"doc", output.doc}});
    out.push_back({{"kind", kind.kind},
                   {"doc", kind.doc},
                   {"key", fields_of(kind.key)},
                   {"desired", fields_of(kind.desired)},
                   {"outputs", outputs}});
  }
  std::cout << out.dump(1) << '\n';
}
