#include "compiler/session/disclose.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/types/schema.h"
#include "compiler/vault/public_parts.h"
#include "crypto/encoding.h"
#include "crypto/entropy.h"

namespace lab::session {

namespace {

/// Keys name each other; a circle ends here, as in lowering.
constexpr int longest_chain = 32;
constexpr std::size_t id_digits = 16;

std::string hash_of(const std::vector<std::string>& texts) {
  const std::vector<std::string_view> parts(texts.begin(), texts.end());
  const crypto::SecretBytes hash = crypto::keyed_hash({}, parts);  // of what is public: nothing to hide
  return std::string(crypto::to_hex_secret(hash.expose()).expose_text());
}

std::string handle_of(const eval::Evaluation& evaluation, const eval::SecretPart& part) {
  const std::string_view name = evaluation.text(part.source->name), key = evaluation.text(part.key);
  return key.empty() ? std::string(name) : fmt::format("{}/{}", name, key);
}

/// The word that says where a value comes from; empty when it says none.
std::string word_of(const eval::Evaluation& evaluation, const eval::Value& source) {
  if (source.is(eval::Tag::word)) return std::string(evaluation.text(source.word));
  if (source.is(eval::Tag::record)) return std::string(evaluation.text(source.record->schema->name));
  return {};
}

}  // namespace

std::string secrets_of(const eval::Evaluation& evaluation, const eval::SecretText& text) {
  std::vector<std::string> names;
  for (const eval::SecretPart& part : text)
    if (part.source != nullptr) names.push_back(handle_of(evaluation, part));
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

Discloser::Discloser(const source::FileSystem& files, std::string folder, diagnostics::Sink& sink, bool open)
    : vault_(files, std::move(folder), sink), open_(open) {
  if (open_) identities_ = vault::find_identities();
}

void Discloser::follow(eval::Evaluation& evaluation, const eval::SecretText& text, std::vector<Piece>& into,
                       int depth) {
  for (const eval::SecretPart& part : text) {
    if (part.source == nullptr) {
      if (!part.text.empty()) into.push_back({std::string(part.text), {}, {}});
      continue;
    }
    // The record itself: a part only names it.
    auto& record = const_cast<eval::Record&>(*part.source);
    const auto named = [&](std::string_view name) {
      for (const types::Field& field : record.schema->fields)
        if (evaluation.text(field.name) == name) return evaluation.field(record, field.index);
      return eval::Value();
    };
    Piece piece{{}, handle_of(evaluation, part), word_of(evaluation, named("source"))};
    if (part.key != source::Symbol::empty) {
      const eval::Value keys = named("rest");
      eval::Value value;
      if (keys.is(eval::Tag::map))
        for (const eval::Pair& pair : keys.map)
          if (pair.key.is(eval::Tag::string) && pair.key.text == evaluation.text(part.key))
            value = pair.value;
      if (value.is(eval::Tag::secret) && depth < longest_chain) {
        follow(evaluation, *value.secret, into, depth + 1);
        continue;
      }
      if (value.is(eval::Tag::string)) {
        into.push_back({std::string(value.text), {}, {}});
        continue;
      }
      piece.recipe = word_of(evaluation, value);
    }
    into.push_back(std::move(piece));
  }
}

eval::Disclosed Discloser::ask(eval::Evaluation& evaluation, const eval::Disclosure& use) {
  std::vector<Piece> pieces;
  follow(evaluation, *use.of, pieces, 0);
  std::vector<std::string> made_of{std::string(use.function)}, state;
  for (const Piece& piece : pieces) {
    if (const std::string_view problem = vault::no_public_part(use.function, piece.recipe); !problem.empty())
      return {{}, std::string(problem)};
    if (!piece.handle.empty() && piece.recipe.empty())
      return {{}, fmt::format("`{}` is a set of values: name one of its keys", piece.handle)};
    made_of.insert(made_of.end(), {piece.text, piece.handle});
    if (!piece.handle.empty()) state.push_back(vault_.fingerprint(piece.handle));
  }
  if (vault_.damaged() || std::ranges::count(state, std::string()) > 0) return {};
  const std::string id = hash_of(made_of).substr(0, id_digits);
  const std::string place = fmt::format("{}/{}", public_parts, id);
  const std::string made = hash_of(state);
  if (vault_.public_value(place + "/made-of") == made) return {vault_.public_value(place + "/value"), {}};
  if (!open_ || !vault_.opens(identities_) || !vault_.unlock(identities_)) return {};
  eval::Disclosed answer = read(use.function, pieces);
  if (!answer.value) return answer;
  crypto::sops::Node entry = crypto::sops::Node::map();
  entry.add(crypto::sops::Node::text("what",
                                     fmt::format("{} of {}", use.function, secrets_of(evaluation, *use.of))));
  entry.add(crypto::sops::Node::text("made-of", std::string_view(made)));
  entry.add(crypto::sops::Node::text("value", std::string_view(*answer.value)));
  vault_.set(place, std::move(entry));
  changed_ = true;
  return answer;
}

eval::Disclosed Discloser::read(std::string_view function, const std::vector<Piece>& pieces) {
  crypto::SecretBuilder joined;
  for (const Piece& piece : pieces) {
    if (piece.handle.empty()) {
      joined.append(piece.text);
      continue;
    }
    const crypto::SecretBytes* value = vault_.value(piece.handle);
    if (value == nullptr) return {};
    joined.append(*value);
  }
  const crypto::SecretBytes whole = joined.take();
  if (function == "declassify") return {std::string(whole.expose_text()), {}};
  vault::PublicPart part = function == "certificate" ? vault::certificate(whole) : vault::public_key(whole);
  return {std::move(part.text), std::move(part.problem)};
}

source::IoStatus Discloser::save(source::FileSystem& files, std::string_view now) {
  if (!changed_) return {};
  changed_ = false;
  return vault_.save(files, now);
}

}  // namespace lab::session
