#include "crypto/sops/sops.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <regex>

#include "crypto/encoding.h"
#include "crypto/sops/cipher.h"

namespace lab::crypto::sops {

namespace {

constexpr std::string_view metadata_key = "sops";
constexpr std::string_view implied_suffix = "_unencrypted";
constexpr std::string_view written_version = "3.9.0";  // the lowest that knows every field that is written
constexpr std::size_t data_key_size = 32;
/// SHA-256 of "sops", which begins a MAC of encrypted values alone.
constexpr std::array<unsigned char, 32> only_encrypted = {
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b,
    0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69};

/// A rule, ready to be asked for each path (sops.go, Tree.Encrypt).
class Selector {
 public:
  explicit Selector(const Rule& rule) : rule_(rule) {
    const std::string& pattern = rule.encrypted_regex.empty() ? rule.unencrypted_regex : rule.encrypted_regex;
    if (pattern.empty()) return;
    try {
      regex_.assign(pattern, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error&) {
      valid_ = false;
    }
  }
  [[nodiscard]] bool valid() const { return valid_; }

  [[nodiscard]] bool encrypts(const std::vector<std::string_view>& path) const {
    const auto any = [&](const auto& test) { return std::any_of(path.begin(), path.end(), test); };
    const auto matches = [&](std::string_view key) {
      return std::regex_search(key.begin(), key.end(), regex_);
    };
    if (!rule_.encrypted_regex.empty()) return any(matches);
    if (!rule_.unencrypted_regex.empty()) return !any(matches);
    if (!rule_.encrypted_suffix.empty())
      return any([&](std::string_view key) { return key.ends_with(rule_.encrypted_suffix); });
    const std::string_view suffix =
        rule_.unencrypted_suffix.empty() ? implied_suffix : std::string_view(rule_.unencrypted_suffix);
    return !any([&](std::string_view key) { return key.ends_with(suffix); });
  }

 private:
  const Rule& rule_;
  std::regex regex_;
  bool valid_ = true;
};

std::string aad_of(const std::vector<std::string_view>& path) {
  std::string out;
  for (const std::string_view key : path) {
    out += key;
    out += ':';
  }
  return out;
}

/// Every leaf and comment in order, with its path of keys; ends at the first `false`.
template <class N, class Visit>
bool walk(N& node, std::vector<std::string_view>& path, const Visit& visit) {
  for (auto& child : node.children) {
    const bool keyed = node.type == Type::map && child.type != Type::comment;
    if (keyed) path.push_back(child.key);
    const bool on = child.is_collection() ? walk(child, path, visit) : visit(child, path);
    if (keyed) path.pop_back();
    if (!on) return false;
  }
  return true;
}

template <class F, class Visit>
bool walk_all(F& file, const Visit& visit) {
  std::vector<std::string_view> path;
  for (auto& document : file.documents)
    if (!walk(document, path, visit)) return false;
  return true;
}

using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

/// Upper-case hexadecimal SHA-512 over the values in their order.
SecretBytes mac_of(const File& file, const Selector& selector) {
  const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha512(), nullptr);
  if (file.mac_only_encrypted) EVP_DigestUpdate(digest.get(), only_encrypted.data(), only_encrypted.size());
  walk_all(file, [&](const Node& leaf, const std::vector<std::string_view>& path) {
    if (leaf.is_leaf() && (!file.mac_only_encrypted || selector.encrypts(path)))
      EVP_DigestUpdate(digest.get(), leaf.value.expose().data(), leaf.value.size());
    return true;
  });
  std::array<unsigned char, 64> sum{};
  EVP_DigestFinal_ex(digest.get(), sum.data(), nullptr);
  SecretBytes out = to_hex_secret(std::as_bytes(std::span(sum)));
  for (std::byte& b : out.writable())
    if (const char c = static_cast<char>(b); c >= 'a' && c <= 'f')
      b = static_cast<std::byte>(c - ('a' - 'A'));
  return out;
}

/// The time as Go formats it again: `Z` for UTC.
std::string mac_aad(std::string_view last_modified) {
  std::string out(last_modified);
  if (out.ends_with("+00:00") || out.ends_with("-00:00")) out.replace(out.size() - 6, 6, "Z");
  return out;
}

std::string text_at(const Node& map, std::string_view key) {
  const Node* node = map.find(key);
  return node == nullptr || !node->is_leaf() ? std::string()
         : node->was_encrypted               ? node->cipher
                                             : std::string(node->value.expose_text());
}

bool read_metadata(const Node& sops, File& into, std::string& problem) {
  const auto refuse = [&](std::string_view why) {
    problem = why;
    return false;
  };
  for (const std::string_view other :
       {"kms", "gcp_kms", "azure_kv", "hc_vault", "hckms", "pgp", "key_groups"})
    if (const Node* group = sops.find(other);
        group != nullptr && group->type != Type::null && !group->children.empty()) {
      if (other == "key_groups") return refuse("key groups are not supported");
      into.foreign_keys = true;
    }
  for (const std::string_view other : {"encrypted_comment_regex", "unencrypted_comment_regex"})
    if (!text_at(sops, other).empty()) return refuse("rules about comments are not supported");
  if (const Node* age = sops.find("age"))
    for (const Node& key : age->children)
      if (key.type == Type::map) into.readers.push_back({text_at(key, "recipient"), text_at(key, "enc")});
  into.rule = {text_at(sops, "encrypted_regex"), text_at(sops, "unencrypted_regex"),
               text_at(sops, "encrypted_suffix"), text_at(sops, "unencrypted_suffix")};
  if (into.rule.unencrypted_suffix == implied_suffix) into.rule.unencrypted_suffix.clear();
  into.mac_only_encrypted = text_at(sops, "mac_only_encrypted") == "True";
  into.last_modified = text_at(sops, "lastmodified");
  into.mac = text_at(sops, "mac");
  if (into.last_modified.empty()) return refuse("its metadata has no time of the last change");
  if (into.mac.empty()) return refuse("its metadata has no MAC");
  // The last field that is written, here and by sops: without it the text was cut off, perhaps before a rule.
  if (text_at(sops, "version").empty()) return refuse("its metadata has no version");
  return true;
}

Node metadata(const File& file) {
  Node sops = Node::map(std::string(metadata_key));
  Node& age = sops.add(Node::list("age"));
  for (const Reader& reader : file.readers) {
    Node& key = age.add(Node::map());
    key.add(Node::text("enc", std::string_view(reader.enc)));
    key.add(Node::text("recipient", std::string_view(reader.recipient)));
  }
  const auto put = [&](const char* key, std::string_view value) {
    if (!value.empty()) sops.add(Node::text(key, value));
  };
  put("encrypted_regex", file.rule.encrypted_regex);
  put("encrypted_suffix", file.rule.encrypted_suffix);
  put("lastmodified", file.last_modified);
  put("mac", file.mac);
  if (file.mac_only_encrypted) sops.add(Node::boolean("mac_only_encrypted", true));
  put("unencrypted_regex", file.rule.unencrypted_regex);
  const bool implied = file.rule.encrypted_regex.empty() && file.rule.unencrypted_regex.empty() &&
                       file.rule.encrypted_suffix.empty() && file.rule.unencrypted_suffix.empty();
  put("unencrypted_suffix", implied ? implied_suffix : std::string_view(file.rule.unencrypted_suffix));
  put("version", written_version);
  return sops;
}

struct Plain {
  Node* node;
  Decrypted decrypted;
};

}  // namespace

bool parse(std::string_view text, File& into, std::string& problem) {
  if (!read_yaml(text, into.documents, problem)) return false;
  bool found = false;
  for (Node& document : into.documents) {
    const auto at = std::find_if(document.children.begin(), document.children.end(), [](const Node& child) {
      return child.type != Type::comment && child.key == metadata_key;
    });
    if (at == document.children.end()) continue;
    if (!found && (at->type != Type::map || !read_metadata(*at, into, problem))) {
      if (problem.empty()) problem = "its metadata is malformed";
      return false;
    }
    found = true;
    document.children.erase(at);
  }
  if (!found) problem = "it is not encrypted: there is no `sops` in it";
  return found;
}

Trouble unlock(File& file, std::span<const age::Identity> identities, std::string& problem) {
  initialise();
  SecretBytes key;
  std::string why = "it has no age recipients";
  for (const Reader& reader : file.readers) {
    age::Opened opened = age::decrypt(reader.enc, identities);
    if (opened.ok() && opened.plaintext.size() == data_key_size) {
      key = std::move(opened.plaintext);
      break;
    }
    why = opened.ok() ? "its data key has a wrong length" : opened.why;
  }
  if (key.empty()) {
    problem = why;
    return Trouble::not_a_reader;
  }
  const Selector selector(file.rule);
  if (!selector.valid()) {
    problem = "its regular expression is malformed";
    return Trouble::damaged;
  }
  std::vector<Plain> plain;
  const bool whole = walk_all(file, [&](Node& leaf, const std::vector<std::string_view>& path) {
    if (leaf.type == Type::null) return true;
    const bool empty = leaf.type == Type::text && !leaf.was_encrypted && leaf.value.empty();
    if (!leaf.was_encrypted) {
      if (leaf.type == Type::comment || empty || !selector.encrypts(path)) return true;
      problem = fmt::format("`{}` stands there in plain text", fmt::join(path, "/"));
      return false;
    }
    auto decrypted = decrypt_value(leaf.cipher, aad_of(path), key);
    if (decrypted && (leaf.type != Type::comment || decrypted->type == Type::comment)) {
      plain.push_back({&leaf, std::move(*decrypted)});
      return true;
    }
    if (leaf.type == Type::comment) return true;  // as it was written
    problem = fmt::format("`{}` was changed or moved", fmt::join(path, "/"));
    return false;
  });
  if (!whole) return Trouble::damaged;
  for (Plain& p : plain) {
    p.node->type = p.decrypted.type;
    p.node->value = std::move(p.decrypted.value);
  }
  const auto mac = decrypt_value(file.mac, mac_aad(file.last_modified), key);
  if (!mac || !mac->value.same_as(mac_of(file, selector))) {
    for (Plain& p : plain) {
      p.node->value = SecretBytes();
      if (p.node->type != Type::comment) p.node->type = Type::text;
    }
    problem = "its MAC is wrong: it was changed by something other than SOPS";
    return Trouble::wrong_mac;
  }
  for (Plain& p : plain) p.node->was_encrypted = false;
  file.data_key = std::move(key);
  return Trouble::none;
}

std::vector<Line> lines_of(const File& file) {
  std::vector<Line> lines;
  const Selector selector(file.rule);
  Node document = file.documents.front().clone();
  std::vector<std::string_view> path;
  walk(document, path, [&](Node& leaf, const std::vector<std::string_view>& keys) {
    if (leaf.type != Type::null && selector.encrypts(keys)) leaf.cipher = "ENC";
    return true;
  });
  SecretBuilder out;
  std::uint32_t line = 1;
  write_yaml(document, out, line, lines);
  if (!lines.empty() && lines.back().origin != 0)
    lines.push_back({line, 0});  // the metadata comes from nowhere
  return lines;
}

std::string write(File& file, const Entropy& entropy) {
  initialise();
  if (file.data_key.empty()) file.data_key = entropy.bytes(data_key_size, "sops data key");
  for (Reader& reader : file.readers)
    if (reader.enc.empty())
      reader.enc = age::armor(age::encrypt(file.data_key.expose(), std::span(&reader.recipient, 1),
                                           entropy.part("reader " + reader.recipient)));
  const Selector selector(file.rule);
  walk_all(file, [&](Node& leaf, const std::vector<std::string_view>& path) {
    const bool counts = leaf.type != Type::null && !(leaf.type == Type::text && leaf.value.empty());
    if (leaf.cipher.empty() && counts && selector.encrypts(path))
      leaf.cipher = encrypt_value(leaf.value, leaf.type, aad_of(path), file.data_key);
    return true;
  });
  file.mac = encrypt_value(mac_of(file, selector), Type::text, mac_aad(file.last_modified), file.data_key);
  SecretBuilder out;
  std::uint32_t line = 1;
  std::vector<Line> lines;
  const Node sops = metadata(file);
  bool first = true;
  for (const Node& document : file.documents) {
    if (!first) {
      out.append("---\n");
      ++line;
    }
    first = false;
    write_yaml(document, out, line, lines);
    Node end = Node::map();
    end.add(sops.clone());
    write_yaml(end, out, line, lines);
  }
  return std::string(out.take().expose_text());
}

}  // namespace lab::crypto::sops
