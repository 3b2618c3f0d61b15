#include "compiler/lower/plan/json.h"

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

}  // namespace lab::lower::plan
