// The tree of a SOPS file: as its YAML says it, with comments, in order.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret_bytes.h"

namespace lab::crypto::sops {

enum class Type : std::uint8_t { null, boolean, integer, real, text, time, comment, map, list };

/// One node. A leaf has `value` when it is plain or was decrypted, `cipher` when it stands encrypted in the
/// file; a value that is changed loses its `cipher`.
struct Node {
  Type type = Type::null;
  bool was_encrypted = false;  // read as `ENC[…]`: `value` comes with `unlock`
  std::uint32_t origin = 0;    // whatever the caller keeps there; reported for the lines of the node
  std::string key;             // of an entry of a map
  std::vector<Node> children;  // of a map or list, comments among them
  SecretBytes value;   // the bytes that SOPS hashes: `True`, `42`, the text itself, a comment without `#`
  std::string cipher;  // `ENC[AES256_GCM,…]`

  [[nodiscard]] bool is_collection() const { return type == Type::map || type == Type::list; }
  [[nodiscard]] bool is_leaf() const {
    return !is_collection() && type != Type::comment && type != Type::null;
  }
  /// The entry of a map; null when there is none.
  [[nodiscard]] const Node* find(std::string_view wanted) const;
  [[nodiscard]] Node* find(std::string_view wanted);
  /// The text of a plain leaf; empty for others.
  [[nodiscard]] std::string_view plain() const {
    return is_leaf() && cipher.empty() && !was_encrypted ? value.expose_text() : std::string_view{};
  }
  [[nodiscard]] Node clone() const;

  [[nodiscard]] static Node map(std::string key = {});
  [[nodiscard]] static Node list(std::string key = {});
  [[nodiscard]] static Node text(std::string key, std::string_view value);
  [[nodiscard]] static Node text(std::string key, SecretBytes value);
  [[nodiscard]] static Node boolean(std::string key, bool value);
  [[nodiscard]] static Node integer(std::string key, std::int64_t value);
  /// Appends to a map or list and gives back what was appended.
  Node& add(Node child);
};

/// Reads YAML as go-yaml v3 writes it: block maps and lists, plain, quoted and literal scalars, `{}`, `[]`,
/// comments, several documents. Anchors, tags, flow collections, folded text and keys that are no strings are
/// refused. Plain scalars are typed as go-yaml does it. On failure `problem` says which line, never what is
/// on it.
[[nodiscard]] bool read_yaml(std::string_view text, std::vector<Node>& documents, std::string& problem);

/// From this line (1-based) on, the text comes from `origin`.
struct Line {
  std::uint32_t line = 0;
  std::uint32_t origin = 0;
};
/// Appends a map at the top of a document, indented by four. `cipher` is written where there is one. `line`
/// is the number of the first line and is advanced.
void write_yaml(const Node& document, SecretBuilder& out, std::uint32_t& line, std::vector<Line>& lines);

/// How go-yaml v3 (resolve.go) takes a plain scalar, and the bytes that SOPS hashes for it.
[[nodiscard]] Type resolve(std::string_view plain, std::string& canonical);
/// `strconv.FormatFloat(f, 'f', -1, 64)` of Go: the shortest digits that give the number back, no exponent.
[[nodiscard]] std::string format_real(double number);

}  // namespace lab::crypto::sops
