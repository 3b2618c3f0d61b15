#include "compiler/vault/vault.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/diagnostic.h"
#include "crypto/encoding.h"

namespace lab::vault {

namespace {

using crypto::SecretBytes;
using crypto::sops::Node;
using crypto::sops::Type;
using diagnostics::Code;

constexpr std::string_view ending = ".sops.yaml";
constexpr std::string_view usual_file = "lab";

/// Takes the first key off a handle.
std::string_view take_key(std::string_view& handle) {
  const std::size_t end = std::min(handle.find('/'), handle.size());
  const std::string_view key = handle.substr(0, end);
  handle.remove_prefix(std::min(end + 1, handle.size()));
  return key;
}

const Node* follow(const Node& root, std::string_view handle) {
  const Node* at = &root;
  while (!handle.empty() && at != nullptr) at = at->find(take_key(handle));
  return at;
}

void add_handles(const Node& node, const std::string& prefix, std::vector<std::string>& into) {
  for (const Node& child : node.children) {
    if (child.type == Type::comment) continue;
    const std::string handle = prefix.empty() ? child.key : prefix + "/" + child.key;
    if (child.type == Type::map)
      add_handles(child, handle, into);
    else
      into.push_back(handle);
  }
}

void add_ciphers(const Node& node, std::vector<std::string_view>& into) {
  into.push_back(node.key);
  if (!node.cipher.empty())
    into.push_back(node.cipher);
  else if (!node.is_collection())
    into.push_back(node.plain());
  for (const Node& child : node.children)
    if (child.type != Type::comment) add_ciphers(child, into);
}

void forget_ciphers(Node& node) {
  node.cipher.clear();
  for (Node& child : node.children) forget_ciphers(child);
}

}  // namespace

Vault::Vault(const source::FileSystem& files, std::string folder, diagnostics::Sink& sink)
    : folder_(std::move(folder)), sink_(&sink) {
  const std::string place = folder_ + "/secrets";
  std::vector<source::DirectoryEntry> entries;
  if (!files.is_directory(place) || !files.list(place, entries).ok()) return;
  for (const source::DirectoryEntry& entry : entries) {
    if (entry.directory || !entry.name.ends_with(ending)) continue;
    File file;
    file.path = "secrets/" + entry.name;
    std::string text, problem;
    if (const auto status = files.read(place + "/" + entry.name, text); !status.ok()) problem = status.error;
    if (problem.empty() && crypto::sops::parse(text, file.content, problem)) {
      if (file.content.documents.size() != 1) problem = "it has several documents";
    }
    if (!problem.empty()) {
      damaged_ = true;
      sink_->report(
          diagnostics::make(Code::vault_damaged, {}, "", "{} cannot be read: {}", file.path, problem));
      continue;
    }
    for (const File& other : files_)
      for (const Node& node : file.content.documents[0].children)
        if (node.type != Type::comment && other.content.documents[0].find(node.key) != nullptr) {
          damaged_ = true;
          sink_->report(diagnostics::make(Code::vault_damaged, {}, "", "`{}` stands in {} and in {}",
                                          node.key, other.path, file.path));
        }
    files_.push_back(std::move(file));
  }
}

bool Vault::unlock(const Identities& identities) {
  if (unlocked_ || files_.empty() || damaged_) return unlocked_;
  for (File& file : files_) {
    std::string problem;
    if (crypto::sops::unlock(file.content, identities.keys, problem) == crypto::sops::Trouble::none) continue;
    auto d = diagnostics::make(Code::vault_damaged, {}, "", "{} cannot be opened: {}", file.path, problem);
    d.note(fmt::format("identities were looked for in {}", identities.looked_at));
    sink_->report(std::move(d));
    damaged_ = true;
    return false;
  }
  return unlocked_ = true;
}

bool Vault::opens(const Identities& identities) const {
  return std::all_of(files_.begin(), files_.end(), [&](const File& file) {
    return std::any_of(file.content.readers.begin(), file.content.readers.end(), [&](const auto& reader) {
      return std::any_of(identities.keys.begin(), identities.keys.end(),
                         [&](const auto& identity) { return identity.recipient == reader.recipient; });
    });
  });
}

const Node* Vault::find(std::string_view handle) const {
  for (const File& file : files_)
    if (const Node* node = follow(file.content.documents[0], handle); node != nullptr && !handle.empty())
      return node;
  return nullptr;
}

const SecretBytes* Vault::value(std::string_view handle) const {
  const Node* node = find(handle);
  return node != nullptr && node->is_leaf() && !node->was_encrypted ? &node->value : nullptr;
}

std::string Vault::public_value(std::string_view handle) const {
  const Node* node = find(handle);
  return node == nullptr ? std::string() : std::string(node->plain());
}

std::string Vault::fingerprint(std::string_view handle) const {
  const Node* node = find(handle);
  if (node == nullptr) return {};
  std::vector<std::string_view> parts;
  add_ciphers(*node, parts);
  const SecretBytes hash = crypto::keyed_hash({}, parts);  // of ciphertexts: nothing to hide
  return std::string(crypto::to_hex_secret(hash.expose()).expose_text());
}

std::vector<std::string> Vault::handles() const {
  std::vector<std::string> out;
  for (const File& file : files_) add_handles(file.content.documents[0], {}, out);
  return out;
}

std::vector<std::string> Vault::recipients() const {
  std::vector<std::string> out;
  for (const File& file : files_)
    for (const auto& reader : file.content.readers)
      if (std::find(out.begin(), out.end(), reader.recipient) == out.end()) out.push_back(reader.recipient);
  return files_.empty() ? new_recipients_ : out;
}

crypto::Entropy Vault::entropy(std::initializer_list<std::string_view> what) const {
  const SecretBytes* key = value(seal_key);
  return key == nullptr ? crypto::Entropy() : crypto::Entropy(crypto::keyed_hash(*key, what));
}

Vault::File& Vault::file_for(std::string_view handle) {
  const std::string_view first = take_key(handle);
  for (File& file : files_)
    if (file.content.documents[0].find(first) != nullptr) return file;
  const bool own = !handle.empty() && (first == "talos" || first == "keys");
  const std::string path = fmt::format("secrets/{}{}", own ? first : usual_file, ending);
  for (File& file : files_)
    if (file.path == path) return file;
  File& made = files_.emplace_back();
  made.path = path;
  made.content.documents.push_back(Node::map());
  for (const std::string& recipient : new_recipients_) made.content.readers.push_back({recipient, {}});
  return made;
}

void Vault::set(std::string_view handle, Node value) {
  if (new_recipients_.empty()) new_recipients_ = recipients();
  File& file = file_for(handle);
  file.changed = true;
  unlocked_ = true;
  Node* at = &file.content.documents[0];
  while (true) {
    const std::string_view key = take_key(handle);
    Node* child = at->find(key);
    if (handle.empty()) {
      value.key = key;
      if (child != nullptr)
        *child = std::move(value);
      else
        at->add(std::move(value));
      return;
    }
    if (child == nullptr || child->type != Type::map) {
      if (child != nullptr) remove_child(*at, key);
      child = &at->add(Node::map(std::string(key)));
    }
    at = child;
  }
}

void Vault::set_text(std::string_view handle, const SecretBytes& value) {
  set(handle, Node::text({}, value.clone()));
}

void Vault::remove_child(Node& map, std::string_view key) {
  std::erase_if(map.children,
                [&](const Node& child) { return child.type != Type::comment && child.key == key; });
}

void Vault::remove(std::string_view handle) {
  if (find(handle) == nullptr) return;
  File& file = file_for(handle);
  file.changed = true;
  const std::size_t slash = handle.rfind('/');
  Node* map = &file.content.documents[0];
  if (slash != std::string_view::npos) map = const_cast<Node*>(follow(*map, handle.substr(0, slash)));
  remove_child(*map, slash == std::string_view::npos ? handle : handle.substr(slash + 1));
}

void Vault::set_recipients(std::vector<std::string> recipients) {
  new_recipients_ = std::move(recipients);
  for (File& file : files_) {
    auto& readers = file.content.readers;
    const bool fewer = std::any_of(readers.begin(), readers.end(), [&](const auto& reader) {
      return std::find(new_recipients_.begin(), new_recipients_.end(), reader.recipient) ==
             new_recipients_.end();
    });
    std::vector<crypto::sops::Reader> now;
    for (const std::string& recipient : new_recipients_) {
      const auto before = std::find_if(readers.begin(), readers.end(),
                                       [&](const auto& reader) { return reader.recipient == recipient; });
      now.push_back(before != readers.end() && !fewer ? *before : crypto::sops::Reader{recipient, {}});
    }
    const bool same =
        std::equal(now.begin(), now.end(), readers.begin(), readers.end(),
                   [](const auto& a, const auto& b) { return a.recipient == b.recipient && !a.enc.empty(); });
    if (same) continue;
    readers = std::move(now);
    file.changed = true;
    if (!fewer) continue;
    file.content.data_key = SecretBytes();  // who is gone knew the old one
    for (Node& document : file.content.documents) forget_ciphers(document);
  }
}

source::IoStatus Vault::save(source::FileSystem& files, std::string_view now) {
  for (File& file : files_) {
    if (!file.changed) continue;
    if (file.content.foreign_keys)
      return {fmt::format("{} has keys of other services beside age, which labc cannot write; use `sops`",
                          file.path)};
    file.content.last_modified = now;
    if (const auto status = files.write(folder_ + "/" + file.path, crypto::sops::write(file.content));
        !status.ok())
      return {fmt::format("{}: {}", file.path, status.error)};
    file.changed = false;
  }
  return {};
}

}  // namespace lab::vault
