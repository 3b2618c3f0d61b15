#include "compiler/lower/secret_names.h"

namespace lab::lower {

SecretKey secret_key(const model::Lab& lab, const model::SecretText& text, model::Text owner,
                     model::Text key) {
  if (!text.whole()) return {owner, key};
  const eval::SecretPart& part = *text.parts;
  const model::Secret* secret = lab.secret_of(part);
  if (secret == nullptr || secret->rest.empty()) return {owner, key};
  return {secret->name, lab.key_of(part)};
}

}  // namespace lab::lower
