#include "compiler/lower/plan/json.h"

#include <algorithm>
#include <vector>

#include "compiler/document/json_text.h"

namespace lab::lower::plan {

using ::lab::plan::Json;

Json to_json(const document::Node& node) {
  using document::Kind;
  switch (node.kind) {
    case Kind::boolean:
      return node.boolean;
    case Kind::integer:
      return node.integer;
    case Kind::plain: {
      Json number = Json::parse(node.text(), nullptr, false);
      return number.is_number() ? number : Json(node.text());
    }
    case Kind::string:
      return node.text();
    case Kind::map: {
      Json out = Json::object();
      for (const document::Node* child = node.child(); child != nullptr; child = child->next)
        out[std::string(child->key())] = to_json(*child);
      return out;
    }
    case Kind::list: {
      Json out = Json::array();
      for (const document::Node* child = node.child(); child != nullptr; child = child->next)
        out.push_back(to_json(*child));
      return out;
    }
    default:
      return nullptr;
  }
}

namespace {

void append(const document::Node& node, std::string& out, std::string_view without = {}) {
  using document::Kind;
  const bool map = node.kind == Kind::map;
  if (!node.is_collection()) {
    if (node.kind == Kind::string)
      document::append_json_string(node.text(), out);
    else
      out += to_json(node).dump();
    return;
  }
  std::vector<const document::Node*> children;
  children.reserve(node.size);
  for (const document::Node* child = node.child(); child != nullptr; child = child->next)
    if (!map || child->key() != without) children.push_back(child);
  if (map) std::ranges::sort(children, {}, &document::Node::key);
  out += map ? '{' : '[';
  for (const document::Node* child : children) {
    if (child != children.front()) out += ',';
    if (map) {
      document::append_json_string(child->key(), out);
      out += ':';
    }
    append(*child, out);
  }
  out += map ? '}' : ']';
}

}  // namespace

std::string canonical(const document::Node& node) {
  std::string out;
  append(node, out, "plan_id");
  return out;
}

}  // namespace lab::lower::plan
