#include "compiler/session/talos_secrets.h"

#include <fmt/format.h>

#include <ctime>

#include "crypto/talos/bundle.h"
#include "crypto/talos/client.h"

namespace lab::session {

namespace {

using namespace crypto;

SecretBytes now() {
  return SecretBytes::copy_text(talos::format_time(std::time(nullptr)));
}

}  // namespace

sops::Node make_talos_bundle(const Wanted& wanted) {
  return talos::to_tree(talos::generate(static_cast<unsigned>(wanted.size), std::time(nullptr)));
}

std::optional<sops::Node> read_talos_bundle(const SecretBytes& text, std::string& problem) {
  std::vector<sops::Node> documents;
  if (!sops::read_yaml(text.expose_text(), documents, problem)) return std::nullopt;
  if (documents.size() != 1) {
    problem = "a bundle is one document of YAML";
    return std::nullopt;
  }
  talos::Bundle bundle = talos::from_tree(documents.front());
  if (bundle[talos::Field::issued].empty()) bundle[talos::Field::issued] = now();
  const std::vector<std::string> found = talos::problems(bundle);
  if (!found.empty()) {
    problem = fmt::format("it is no secrets bundle of Talos: {}", fmt::join(found, "; "));
    return std::nullopt;
  }
  return talos::to_tree(bundle);
}

sops::Node make_issued(const Wanted&) {
  return sops::Node::text({}, now());
}

}  // namespace lab::session
