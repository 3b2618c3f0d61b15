#include "compiler/document/document.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace lab::document {

namespace {

constexpr std::size_t first_block = std::size_t{16} << 10;
constexpr std::size_t largest_block = std::size_t{1} << 20;

void append_child(Node& parent, Node& child) {
  if (parent.last != nullptr) {
    parent.last->next = &child;
  } else {
    parent.first = &child;
  }
  parent.last = &child;
  child.held = true;
  ++parent.size;
}

Node* find_child(const Node& map, std::string_view key) {
  if (map.kind != Kind::map) return nullptr;
  // Most keys that are not it differ in length or in the first byte; a literal is often the same one.
  for (Node* n = map.first; n != nullptr; n = n->next) {
    if (n->key_size != key.size()) continue;
    if (n->key_data == key.data() || key.empty()) return n;
    if (*n->key_data == key.front() && std::memcmp(n->key_data, key.data(), key.size()) == 0) return n;
  }
  return nullptr;
}

}  // namespace

const Node* Node::find(std::string_view wanted) const {
  return find_child(*this, wanted);
}

const Node* Node::find_path(std::initializer_list<std::string_view> keys) const {
  const Node* at = this;
  for (const std::string_view key : keys) {
    if (at == nullptr) return nullptr;
    at = at->find(key);
  }
  return at;
}

// ---- Arena

void* Arena::allocate(std::size_t bytes) {
  bytes = (bytes + 7) & ~std::size_t{7};
  if (bytes > left_) {
    block_ = std::clamp(block_ * 2, first_block, largest_block);
    const std::size_t size = std::max(bytes, block_);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    at_ = blocks_.back().get();
    left_ = size;
  }
  void* result = at_;
  at_ += bytes;
  left_ -= bytes;
  return result;
}

std::string_view Arena::keep(std::string_view text) {
  if (text.empty()) return {};
  char* to = static_cast<char*>(allocate(text.size()));
  std::memcpy(to, text.data(), text.size());
  return {to, text.size()};
}

Node* Arena::make(Kind kind, Origin origin) {
  Node* node = new (allocate(sizeof(Node))) Node();
  node->kind = kind;
  node->origin = origin;
  if (node->is_collection()) node->first = nullptr;
  return node;
}

Map Arena::map(Origin origin) {
  return {this, make(Kind::map, origin)};
}

List Arena::list(Origin origin) {
  return {this, make(Kind::list, origin)};
}

void Arena::assign(Node& node, const Value& value, Origin origin) {
  const Node& from = value.attached_ != nullptr ? *value.attached_ : value.node_;
  node.kind = from.kind;
  node.size = from.size;
  node.last = from.last;
  node.origin = origin != no_origin ? origin : from.origin;
  if (from.comments != nullptr) node.comments = from.comments;
  switch (from.kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      node.boolean = from.boolean;
      break;
    case Kind::integer:
      node.integer = from.integer;
      break;
    case Kind::plain:
    case Kind::string:
      node.text_data = value.copied_ ? keep(from.text()).data() : from.text_data;
      break;
    case Kind::map:
    case Kind::list:
      node.first = from.first;
      break;
    case Kind::secret:
      node.secret = from.secret;
      break;
  }
}

Node* Arena::node(const Value& value, Origin origin) {
  Node* made = make(Kind::null, origin);
  assign(*made, value, origin);
  return made;
}

const SecretText* Arena::secret(std::span<const SecretPiece> pieces, std::string_view transform,
                                std::string_view parameters) {
  SecretPiece* kept = static_cast<SecretPiece*>(allocate(pieces.size() * sizeof(SecretPiece)));
  for (std::size_t i = 0; i < pieces.size(); ++i)
    new (kept + i) SecretPiece{keep(pieces[i].text), keep(pieces[i].handle), pieces[i].quote};
  return new (allocate(sizeof(SecretText)))
      SecretText{kept, static_cast<std::uint32_t>(pieces.size()), keep(transform), keep(parameters)};
}

Node* Arena::clone(const Node& node) {
  Node* copy = new (allocate(sizeof(Node))) Node(node);
  copy->next = nullptr;
  copy->key_data = nullptr;
  copy->key_size = 0;
  copy->held = false;
  if (!node.is_collection()) return copy;
  copy->first = copy->last = nullptr;
  copy->size = 0;
  for (const Node* child = node.first; child != nullptr; child = child->next) {
    Node* made = clone(*child);
    made->key_data = child->key_data;
    made->key_size = child->key_size;
    append_child(*copy, *made);
  }
  return copy;
}

Comments& Arena::comments(Node& node) {
  Comments* made = new (allocate(sizeof(Comments))) Comments();
  if (node.comments != nullptr) *made = *node.comments;
  node.comments = made;
  return *made;
}

Node* Arena::detached(const Value& value, Origin origin) {
  Node* node = value.attached_;
  if (node == nullptr || !node->is_collection()) return nullptr;
  if (node->held) node = clone(*node);
  node->held = true;
  node->next = nullptr;
  if (origin != no_origin) node->origin = origin;
  return node;
}

// ---- Map

void Map::name(Node& child, Text key) {
  const std::string_view kept = arena_->keep(key);
  child.key_data = kept.data();
  child.key_size = static_cast<std::uint32_t>(kept.size());
}

Node* Map::append(Text key, Kind kind, Origin origin) {
  Node* child = arena_->make(kind, origin);
  name(*child, key);
  append_child(*node_, *child);
  return child;
}

void Map::replace(Node& child, Node& by) {
  by.key_data = child.key_data;
  by.key_size = child.key_size;
  by.next = child.next;
  Node* before = nullptr;
  for (Node* n = node_->first; n != &child; n = n->next) before = n;
  (before != nullptr ? before->next : node_->first) = &by;
  if (node_->last == &child) node_->last = &by;
}

Map& Map::set(Text key, const Value& value, Origin origin) {
  Node* child = find_child(*node_, key.view);
  if (Node* moved = arena_->detached(value, origin)) {
    if (child != nullptr) {
      replace(*child, *moved);
    } else {
      name(*moved, key);
      append_child(*node_, *moved);
    }
    return *this;
  }
  if (child == nullptr) child = append(key, Kind::null, no_origin);
  arena_->assign(*child, value, origin);
  return *this;
}

Map& Map::set_nonempty(Text key, std::string_view text, Origin origin) {
  return text.empty() ? *this : set(key, text, origin);
}

Node* Map::collection(Text key, Kind kind, Origin origin) {
  Node* child = find_child(*node_, key.view);
  if (child == nullptr) return append(key, kind, origin);
  if (child->kind == kind) return child;
  Node* made = arena_->make(kind, origin);
  made->held = true;
  replace(*child, *made);
  return made;
}

Map Map::map(Text key, Origin origin) {
  return {arena_, collection(key, Kind::map, origin)};
}

List Map::list(Text key, Origin origin) {
  return {arena_, collection(key, Kind::list, origin)};
}

void Map::remove(std::string_view key) {
  Node* before = nullptr;
  for (Node* n = node_->first; n != nullptr; before = n, n = n->next) {
    if (n->key() != key) continue;
    (before != nullptr ? before->next : node_->first) = n->next;
    if (node_->last == n) node_->last = before;
    --node_->size;
    return;
  }
}

Map& Map::merge(const Node& other) {
  for (const Node* theirs = other.child(); theirs != nullptr; theirs = theirs->next) {
    Node* ours = find_child(*node_, theirs->key());
    if (ours != nullptr && ours->kind == Kind::map && theirs->kind == Kind::map) {
      Map(arena_, ours).merge(*theirs);
    } else {
      set(theirs->key(), arena_->clone(*theirs), theirs->origin);
    }
  }
  return *this;
}

Map& Map::comment_above(std::string_view key, Text text) {
  if (Node* child = find_child(*node_, key)) arena_->comments(*child).above = arena_->keep(text);
  return *this;
}

Map& Map::comment_beside(std::string_view key, Text text) {
  if (Node* child = find_child(*node_, key)) arena_->comments(*child).beside = arena_->keep(text);
  return *this;
}

Map& Map::comment_above(Text text) {
  arena_->comments(*node_).above = arena_->keep(text);
  return *this;
}

Map& Map::origin(Origin origin) {
  node_->origin = origin;
  return *this;
}

// ---- List

List& List::add(const Value& value, Origin origin) {
  if (Node* moved = arena_->detached(value, origin)) {
    append_child(*node_, *moved);
    return *this;
  }
  append_child(*node_, *arena_->node(value, origin));
  return *this;
}

Map List::map(Origin origin) {
  const Map made = arena_->map(origin);
  append_child(*node_, *made.node());
  return made;
}

List& List::origin(Origin origin) {
  node_->origin = origin;
  return *this;
}

List& List::comment_above(Text text) {
  if (node_->last != nullptr) arena_->comments(*node_->last).above = arena_->keep(text);
  return *this;
}

List& List::comment_beside(Text text) {
  if (node_->last != nullptr) arena_->comments(*node_->last).beside = arena_->keep(text);
  return *this;
}

// ---- Bundle

Arena& Bundle::arena() {
  if (arenas_.empty()) arenas_.push_back(std::make_unique<Arena>());
  return *arenas_.front();
}

Artifact& Bundle::add(std::string path, std::string_view rule, std::initializer_list<Map> documents,
                      Format format) {
  Artifact& made = artifacts.emplace_back();
  made.path = std::move(path);
  made.rule = rule;
  made.format = format;
  for (const Map& document : documents) made.documents.push_back(document.node());
  return made;
}

Artifact& Bundle::add_sealed(std::string path, std::string_view rule, std::initializer_list<Map> documents,
                             Sealing sealing) {
  Artifact& made = add(std::move(path), rule, documents, Format::sops);
  made.sealing = std::move(sealing);
  return made;
}

Artifact& Bundle::add_text(std::string path, std::string_view rule, std::string bytes) {
  Artifact& made = artifacts.emplace_back();
  made.path = std::move(path);
  made.rule = rule;
  made.format = Format::text;
  made.raw = std::move(bytes);
  return made;
}

const Node* find_secret(const Node& node) {
  if (node.kind == Kind::secret) return &node;
  for (const Node* child = node.child(); child != nullptr; child = child->next)
    if (const Node* found = find_secret(*child)) return found;
  return nullptr;
}

void Bundle::absorb(Bundle&& other) {
  std::move(other.artifacts.begin(), other.artifacts.end(), std::back_inserter(artifacts));
  if (arenas_.empty() && !other.arenas_.empty()) arenas_.push_back(std::make_unique<Arena>());
  std::move(other.arenas_.begin(), other.arenas_.end(), std::back_inserter(arenas_));
  other.artifacts.clear();
  other.arenas_.clear();
}

}  // namespace lab::document
