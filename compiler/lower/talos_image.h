// The image of a Talos node: schematic, installer and boot medium. Needed by the machine configuration, by
// whoever makes the machine, and by the plan.
#pragma once
#include <string>
#include <string_view>

#include "compiler/document/document.h"
#include "compiler/lower/schematic.h"
#include "compiler/model/node_facts.h"

namespace lab::lower {

struct TalosImage {
  Schematic parts;
  document::Node* document = nullptr;  // the canonical schematic
  std::string schematic;               // its id
  std::string version;                 // `v1.12.4`
  std::string_view platform;           // `nocloud` or `metal`
  std::string installer;               // `factory.talos.dev/nocloud-installer/<id>:v1.12.4`
  std::string medium;  // file in the factory: `nocloud-amd64.iso`, `metal-arm64-secureboot.qcow2`
  std::string url;     // where the medium is fetched
  std::string file;    // the medium's name in a storage: `talos-v1.12.4-nocloud-amd64-<8 digits of id>.iso`
};

/// The image of a node of a Talos cluster. A machine that is no VM boots as `metal`.
TalosImage talos_image(const model::Lab& lab, const model::Node& node, const model::NodeFacts& facts,
                       document::Arena& arena);

}  // namespace lab::lower
