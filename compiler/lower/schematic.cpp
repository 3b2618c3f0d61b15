#include "compiler/lower/schematic.h"

#include <set>

#include "compiler/lower/hash.h"
#include "compiler/types/schematic_text.h"

namespace lab::lower {

namespace {

using document::Kind;
using document::Node;

void write(const Node& node, std::size_t column, std::string& out, bool on_dash = false);

void write_value(const Node& node, std::size_t column, std::string& out) {
  if (node.is_collection() && node.size > 0) {
    out += '\n';
    write(node, column, out);
    return;
  }
  out += ' ';
  switch (node.kind) {
    case Kind::map:
      out += "{}";
      break;
    case Kind::list:
      out += "[]";
      break;
    case Kind::boolean:
      out += node.boolean ? "true" : "false";
      break;
    case Kind::integer:
      out += std::to_string(node.integer);
      break;
    case Kind::null:
    case Kind::secret:  // no field of a schematic takes one
      out += "null";
      break;
    case Kind::plain:
    case Kind::string:
      out += node.text();
      break;
  }
  out += '\n';
}

/// The entries of a map or list, each indented by `column`; the first one is not when it stands `on_dash`.
void write(const Node& node, std::size_t column, std::string& out, bool on_dash) {
  for (const Node* child = node.child(); child != nullptr; child = child->next) {
    if (!on_dash) out.append(column, ' ');
    on_dash = false;
    if (node.kind == Kind::map) {
      out += child->key();
      out += ':';
      write_value(*child, (column / 4 + 1) * 4, out);
    } else if (child->is_collection() && child->size > 0) {
      out += "- ";
      write(*child, column + 2, out, true);
    } else {
      out += '-';
      write_value(*child, column, out);
    }
  }
}

/// The texts that have a canonical spelling, as plain scalars.
template <class Texts>
void add_texts(document::List list, const Texts& texts) {
  for (const auto& [text, at] : texts) {
    if (const auto spelling = types::schematic_text(text)) list.add(document::plain(*spelling), at);
  }
}

}  // namespace

document::Map schematic_document(document::Arena& arena, const Schematic& schematic) {
  document::Map document = arena.map();
  document::Map customization = document.map("customization");
  if (!schematic.kernel_args.empty()) {
    add_texts(customization.list("extraKernelArgs"), schematic.kernel_args);
  }
  struct Earlier {
    bool operator()(const SchematicText& a, const SchematicText& b) const { return a.text < b.text; }
  };
  const std::set<SchematicText, Earlier> extensions(schematic.extensions.begin(), schematic.extensions.end());
  if (!extensions.empty()) {
    add_texts(customization.map("systemExtensions").list("officialExtensions"), extensions);
  }
  return document;
}

std::string canonical_yaml(const document::Node& document) {
  std::string out;
  write(document, 0, out);
  return out;
}

std::string schematic_id(const document::Node& document) {
  return sha256_hex(canonical_yaml(document));
}

}  // namespace lab::lower
