// What lowering yields: ordered documents in an arena, each leaf knowing where it came from.
//
//   Map deployment = arena.map();
//   deployment.set("apiVersion", "apps/v1", origin).set("kind", "Deployment");
//   Map metadata = deployment.map("metadata");
//   metadata.set("name", app.name, app.origin);
//   deployment.list("args").add("--verbose").add(3);
//   bundle.add("kubernetes/media/sonarr/deployment.yaml", "kubernetes.workload", {deployment});
//
// Text: a literal or a `std::string_view` is kept as it is and must outlive the bundle (symbols, the
// model, embedded text do); a `std::string` is copied into the arena. So `fmt::format(…)` may be passed
// directly, and a view of a local string may not. A map or list put in a second place is copied there.
#pragma once
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lab::document {

/// Provenance of a node: a number that the caller of the emitter can turn into a place in the lab.
using Origin = std::uint32_t;
inline constexpr Origin no_origin = 0;

enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,
  plain,   // a number or another scalar whose spelling is written as it stands: 0.5
  string,  // written so that a YAML reader gives this text back, quoted where needed
  map,
  list,
  secret  // what a value of the vault is made of, never its bytes; in artifacts of Format::sops alone
};

/// A piece of a secret text: public text, or a place in the vault.
struct SecretPiece {
  std::string_view text;    // of a public piece
  std::string_view handle;  // `sonarr-key`, `grafana-admin/admin-password`; empty for a public piece
  char quote = '\0';        // `"` or `'`: it stands between such quotes, so the value is escaped for them
};

/// A text made of pieces, as what it becomes when the file is sealed.
struct SecretText {
  const SecretPiece* pieces = nullptr;
  std::uint32_t count = 0;
  std::string_view transform;   // of the joined pieces: a name that compiler/vault/transforms.h lists; "" for none
  std::string_view parameters;  // what the transform takes beside them; public
  [[nodiscard]] std::span<const SecretPiece> all() const { return {pieces, count}; }
};

struct Comments {
  std::string_view above;   // may have several lines; written `# …` before the node's own line
  std::string_view beside;  // one line, after the value (after the key, for maps and lists)
};

/// One node. Children of maps and lists are linked in order; `key` is set for children of a map.
/// Made by `Arena` alone; read by the emitter, tests and lowering rules that look at earlier results.
struct Node {
  Node* next = nullptr;
  const char* key_data = nullptr;
  union {
    std::int64_t integer = 0;
    bool boolean;
    const char* text_data;
    Node* first;
    const SecretText* secret;
  };
  Node* last = nullptr;
  const Comments* comments = nullptr;
  std::uint32_t key_size = 0;
  std::uint32_t size = 0;  // bytes of text, or number of children
  Origin origin = no_origin;
  Kind kind = Kind::null;
  bool held = false;  // stands in a parent

  [[nodiscard]] std::string_view key() const { return {key_data, key_size}; }
  /// Of a string or plain scalar.
  [[nodiscard]] std::string_view text() const { return {text_data, size}; }
  [[nodiscard]] bool is_collection() const { return kind == Kind::map || kind == Kind::list; }
  /// The first child of a map or list; nothing for scalars.
  [[nodiscard]] const Node* child() const { return is_collection() ? first : nullptr; }
  /// The value under `key` of a map; nothing when absent.
  [[nodiscard]] const Node* find(std::string_view key) const;
  /// Follows keys through maps; nothing when one is absent: `find_path({"metadata", "name"})`.
  [[nodiscard]] const Node* find_path(std::initializer_list<std::string_view> keys) const;
};

class Arena;
class Map;
class List;

/// A key or text argument: says whether the bytes must be copied.
struct Text {
  std::string_view view;
  bool copied = false;
  Text(std::string_view v) : view(v) {}
  Text(const char* literal) : view(literal) {}
  Text(const std::string& s) : view(s), copied(true) {}
};

/// A scalar written as it is spelled: `plain("0.5")`. The caller vouches for the spelling.
struct Plain {
  Text text;
};
[[nodiscard]] inline Plain plain(Text spelling) {
  return {spelling};
}

/// Anything that can stand under a key or in a list.
class Value {
 public:
  Value(std::nullptr_t) { node_.kind = Kind::null; }
  Value(std::same_as<bool> auto b) {
    node_.kind = Kind::boolean;
    node_.boolean = b;
  }
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Value(T number) {
    node_.kind = Kind::integer;
    node_.integer = static_cast<std::int64_t>(number);
  }
  Value(Text text) : Value(text, Kind::string) {}
  Value(std::string_view text) : Value(Text(text)) {}
  Value(const char* text) : Value(Text(text)) {}
  Value(const std::string& text) : Value(Text(text)) {}
  Value(Plain p) : Value(p.text, Kind::plain) {}
  Value(const Map& map);
  Value(const List& list);
  /// A node, for instance the result of `Arena::clone`; copied when a parent holds it already.
  Value(Node* detached) : attached_(detached) {}
  /// Made by `Arena::secret`.
  Value(const SecretText* secret) {
    node_.kind = Kind::secret;
    node_.secret = secret;
  }

 private:
  friend class Arena;
  friend class Map;
  friend class List;
  Value(Text text, Kind kind) : copied_(text.copied) {
    node_.kind = kind;
    node_.text_data = text.view.data();
    node_.size = static_cast<std::uint32_t>(text.view.size());
  }
  Node node_;
  Node* attached_ = nullptr;
  bool copied_ = false;
};

/// A map being built: a light handle, to be passed by value. Keys keep the order in which they came.
class Map {
 public:
  /// Puts `value` under `key`; an earlier value under that key is replaced in its place. Looks through
  /// the keys that are there.
  Map& set(Text key, const Value& value, Origin origin = no_origin);
  /// Like `set`, but leaves out an empty text.
  Map& set_nonempty(Text key, std::string_view text, Origin origin = no_origin);
  /// The map under `key`, made when absent (a value of another kind there is replaced).
  Map map(Text key, Origin origin = no_origin);
  /// The list under `key`, likewise.
  List list(Text key, Origin origin = no_origin);
  void remove(std::string_view key);
  /// Deep merge, as `raw { … }` does it: maps are joined, everything else of `other` (copied) replaces.
  Map& merge(const Node& other);
  /// Comments of the entry under `key`, which must exist; of the whole map without a key.
  Map& comment_above(std::string_view key, Text text);
  Map& comment_beside(std::string_view key, Text text);
  Map& comment_above(Text text);
  Map& origin(Origin origin);
  [[nodiscard]] const Node* find(std::string_view key) const { return node_->find(key); }
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] bool empty() const { return node_->size == 0; }
  [[nodiscard]] std::uint32_t size() const { return node_->size; }
  [[nodiscard]] Node* node() const { return node_; }

 private:
  friend class Arena;
  friend class List;
  Map(Arena* arena, Node* node) : arena_(arena), node_(node) {}
  void name(Node& child, Text key);
  Node* append(Text key, Kind kind, Origin origin);
  /// Puts `by` in the place of `child`, under its key.
  void replace(Node& child, Node& by);
  /// The collection under `key`: the one that is there, or a new one.
  Node* collection(Text key, Kind kind, Origin origin);
  Arena* arena_;
  Node* node_;
};

/// A list being built: a light handle, to be passed by value.
class List {
 public:
  List& add(const Value& value, Origin origin = no_origin);
  /// Appends an empty map and returns it.
  Map map(Origin origin = no_origin);
  List& origin(Origin origin);
  /// Comments of the element added last.
  List& comment_above(Text text);
  List& comment_beside(Text text);
  [[nodiscard]] bool empty() const { return node_->size == 0; }
  [[nodiscard]] std::uint32_t size() const { return node_->size; }
  [[nodiscard]] Node* node() const { return node_; }

 private:
  friend class Arena;
  friend class Map;
  List(Arena* arena, Node* node) : arena_(arena), node_(node) {}
  Arena* arena_;
  Node* node_;
};

/// Owns nodes and copied text; everything lives as long as the arena. One thread at a time.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  [[nodiscard]] Map map(Origin origin = no_origin);
  [[nodiscard]] List list(Origin origin = no_origin);
  /// A node of its own for a value.
  [[nodiscard]] Node* node(const Value& value, Origin origin = no_origin);
  /// A secret leaf; all texts are copied.
  [[nodiscard]] const SecretText* secret(std::span<const SecretPiece> pieces, std::string_view transform = {},
                                         std::string_view parameters = {});
  /// A deep copy without a parent; text is shared.
  [[nodiscard]] Node* clone(const Node& node);
  /// The handle of a map or list node of this arena; the node must be of that kind.
  [[nodiscard]] Map as_map(Node* node) { return {this, node}; }
  [[nodiscard]] List as_list(Node* node) { return {this, node}; }
  /// Copies the bytes.
  [[nodiscard]] std::string_view keep(std::string_view text);
  [[nodiscard]] std::string_view keep(Text text) { return text.copied ? keep(text.view) : text.view; }

 private:
  friend class Map;
  friend class List;
  void* allocate(std::size_t bytes);
  Node* make(Kind kind, Origin origin);
  Comments& comments(Node& node);
  /// The node of a map or list value, free to be linked into a parent; nothing for scalars.
  Node* detached(const Value& value, Origin origin);
  /// Takes over everything of `value` but key and place in the parent.
  void assign(Node& node, const Value& value, Origin origin);
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t block_ = 0;  // size of the next block
};

/// How the bytes of an artifact come about.
enum class Format : std::uint8_t {
  yaml,   // indentation 2, as kubectl users write it
  talos,  // indentation 4, sequences indented under their key: what talosctl writes
  json,   // one document, indentation 2
  text,   // `raw` as it stands
  sops    // YAML, encrypted for `sealing`'s readers; alone may hold secret leaves
};

/// For whom an artifact of Format::sops is encrypted, and what of it.
struct Sealing {
  std::vector<std::string> recipients;   // of age, as they are: `age1…`
  std::vector<std::string> readers;      // places in the vault of identities that read it too: `keys/age/home`
  std::string_view encrypted_regex;      // of keys whose values are encrypted; "" encrypts every value
};

/// One file of the emitted tree.
struct Artifact {
  std::string path;       // relative to the output folder, `/` between parts
  std::string_view rule;  // the lowering rule that made it, e.g. "kubernetes.workload"
  Format format = Format::yaml;
  std::vector<const Node*> documents;
  std::string raw;     // the bytes of Format::text
  std::string header;  // comment lines at the top of a YAML file, without `# `; "" for none
  Sealing sealing;     // of Format::sops
  bool late = false;   // holds hashes of others: written when they are
};

/// Everything that one build yields.
class Bundle {
 public:
  /// The arena for documents of this bundle.
  [[nodiscard]] Arena& arena();
  /// `node`s of maps: `bundle.add(path, rule, {deployment, service})`.
  Artifact& add(std::string path, std::string_view rule, std::initializer_list<Map> documents,
                Format format = Format::yaml);
  /// An encrypted file; its path ends with `.sops.yaml`.
  Artifact& add_sealed(std::string path, std::string_view rule, std::initializer_list<Map> documents,
                       Sealing sealing);
  Artifact& add_text(std::string path, std::string_view rule, std::string bytes);
  /// Takes over artifacts and arenas of another bundle, after this one's own.
  void absorb(Bundle&& other);
  std::vector<Artifact> artifacts;

 private:
  std::vector<std::unique_ptr<Arena>> arenas_;
};

/// The first secret leaf in a tree; nothing when there is none.
[[nodiscard]] const Node* find_secret(const Node& node);

inline Value::Value(const Map& map) : attached_(map.node()) {}
inline Value::Value(const List& list) : attached_(list.node()) {}

}  // namespace lab::document
