#include "crypto/sops/tree.h"

namespace lab::crypto::sops {

const Node* Node::find(std::string_view wanted) const {
  if (type != Type::map) return nullptr;
  for (const Node& child : children)
    if (child.type != Type::comment && child.key == wanted) return &child;
  return nullptr;
}

Node* Node::find(std::string_view wanted) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(wanted));
}

Node Node::clone() const {
  Node out;
  out.type = type;
  out.was_encrypted = was_encrypted;
  out.origin = origin;
  out.key = key;
  out.value = value.clone();
  out.cipher = cipher;
  out.children.reserve(children.size());
  for (const Node& child : children) out.children.push_back(child.clone());
  return out;
}

Node Node::map(std::string key) {
  Node node;
  node.type = Type::map;
  node.key = std::move(key);
  return node;
}

Node Node::list(std::string key) {
  Node node = map(std::move(key));
  node.type = Type::list;
  return node;
}

Node Node::text(std::string key, SecretBytes value) {
  Node node;
  node.type = Type::text;
  node.key = std::move(key);
  node.value = std::move(value);
  return node;
}

Node Node::text(std::string key, std::string_view value) {
  return text(std::move(key), SecretBytes::copy_text(value));
}

Node Node::boolean(std::string key, bool value) {
  Node node = text(std::move(key), value ? "True" : "False");
  node.type = Type::boolean;
  return node;
}

Node Node::integer(std::string key, std::int64_t value) {
  Node node = text(std::move(key), std::to_string(value));
  node.type = Type::integer;
  return node;
}

Node& Node::add(Node child) {
  children.push_back(std::move(child));
  return children.back();
}

}  // namespace lab::crypto::sops
