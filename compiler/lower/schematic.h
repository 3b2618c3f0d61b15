// Schematics of the Talos image factory, and their ids without asking it.
//
// The factory's id of a schematic is the SHA-256 of its YAML as go-yaml writes it from the Go struct
// (image-factory pkg/schematic/schematic.go, Schematic.ID): keys in the struct's order, fields without a
// value left out except `customization`, indentation 4, sequences indented under their key. Order in lists
// counts, so extensions are sorted here.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/document/document.h"

namespace lab::lower {

/// A text of a schematic and where it was written.
struct SchematicText {
  std::string text;
  document::Origin at = document::no_origin;
};

/// What an image is made of.
struct Schematic {
  std::vector<SchematicText> kernel_args;  // in order
  std::vector<SchematicText> extensions;   // `siderolabs/qemu-guest-agent`, in any order
};

/// The canonical document; texts are plain scalars spelled by `types::schematic_text`, those it refuses are
/// left out. Extensions are sorted and stand once.
document::Map schematic_document(document::Arena& arena, const Schematic& schematic);

/// The bytes that the factory hashes, of a document whose texts are plain scalars.
std::string canonical_yaml(const document::Node& document);

/// 64 hexadecimal digits.
std::string schematic_id(const document::Node& document);

}  // namespace lab::lower
