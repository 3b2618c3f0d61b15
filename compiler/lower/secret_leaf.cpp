#include "compiler/lower/secret_leaf.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::lower {

namespace {

using Pieces = std::vector<document::SecretPiece>;

/// Keys name each other; the evaluator does not follow them, so a circle ends here.
constexpr int longest_chain = 32;

class Collector {
 public:
  Collector(document::Arena& arena, const model::Lab& lab, Pieces& out)
      : arena_(arena), lab_(lab), out_(out) {}

  void text(const model::SecretText& text, char quote, int depth) {
    for (const eval::SecretPart& part : text) {
      const char inner = part.quote != '\0' ? part.quote : quote;
      if (part.source == nullptr) {
        if (!part.text.empty()) out_.push_back({part.text, {}, '\0'});
        continue;
      }
      const model::Secret* secret = lab_.secret_of(part);
      if (secret == nullptr) continue;
      const model::Text name = lab_.key_of(part);
      const auto entry = std::find_if(secret->rest.begin(), secret->rest.end(),
                                      [&](const auto& e) { return e.name == name; });
      if (entry != secret->rest.end())
        key(*secret, *entry, inner, depth);
      else
        handle(vault_handle(*secret, name), inner);
    }
  }

  void key(const model::Secret& secret, const model::Entry<model::SecretValue>& entry, char quote,
           int depth) {
    const auto& value = entry.value.value;
    if (!value || depth > longest_chain)
      handle(vault_handle(secret, entry.name), quote);
    else if (value->secret != nullptr)
      text(*value->secret, quote, depth + 1);
    else
      out_.push_back({value->text, {}, quote});
  }

 private:
  void handle(const std::string& place, char quote) {
    out_.push_back({{}, arena_.keep(std::string_view(place)), quote});
  }

  document::Arena& arena_;
  const model::Lab& lab_;
  Pieces& out_;
};

}  // namespace

std::string vault_handle(const model::Secret& secret, model::Text key) {
  return key.empty() ? std::string(secret.name) : fmt::format("{}/{}", secret.name, key);
}

Pieces secret_pieces(document::Arena& arena, const model::Lab& lab, const model::SecretText& text) {
  Pieces out;
  Collector(arena, lab, out).text(text, '\0', 0);
  return out;
}

Pieces secret_pieces(document::Arena& arena, const model::Lab& lab, const model::Secret& secret,
                     const model::Entry<model::SecretValue>& key) {
  Pieces out;
  Collector(arena, lab, out).key(secret, key, '\0', 0);
  return out;
}

Pieces secret_pieces(document::Arena& arena, const model::Lab& lab, std::string_view handle) {
  Pieces out;
  for (const model::Secret& secret : lab.secrets)
    for (const auto& key : secret.rest)
      if (handle == vault_handle(secret, key.name)) {
        Collector(arena, lab, out).key(secret, key, '\0', 0);
        return out;
      }
  out.push_back({{}, handle, '\0'});
  return out;
}

document::Value secret_leaf(document::Arena& arena, const Pieces& pieces, std::string_view transform,
                            std::string_view parameters) {
  const bool open = transform.empty() && std::none_of(pieces.begin(), pieces.end(), [](const auto& piece) {
                      return !piece.handle.empty();
                    });
  if (!open) return arena.secret(pieces, transform, parameters);
  std::string text;
  for (const document::SecretPiece& piece : pieces) text += piece.text;
  return arena.keep(std::string_view(text));
}

std::string cluster_identity(const model::Cluster& cluster) {
  return fmt::format("keys/age/{}", cluster.name);
}

document::Sealing operator_sealing(const model::Lab& lab) {
  document::Sealing out;
  for (const auto& recipient : lab.lab().operators) out.recipients.emplace_back(*recipient);
  return out;
}

document::Sealing cluster_sealing(const model::Lab& lab, const model::Cluster* cluster) {
  document::Sealing out = operator_sealing(lab);
  if (cluster != nullptr) out.readers.push_back(cluster_identity(*cluster));
  return out;
}

}  // namespace lab::lower
