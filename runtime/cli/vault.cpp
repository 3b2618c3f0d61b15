#include "runtime/cli/vault.h"

#include <fmt/format.h>

#include <cstdlib>

#include "crypto/age/age.h"
#include "crypto/secret_bytes.h"
#include "crypto/sops/sops.h"
#include "runtime/cli/state.h"

namespace lab::labrun {

namespace {

using crypto::SecretBytes;
using engine::Failure;
using engine::FailureClass;
using engine::Outcome;
using engine::Secret;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

// `problem` gets what is wrong with a source, never its content.
std::vector<crypto::age::Identity> identities(std::string& problem) {
  std::vector<crypto::age::Identity> out;
  const auto add = [&](std::string_view text, std::string_view where) {
    std::string why;
    for (auto& each : crypto::age::parse_identity_file(text, why)) out.push_back(std::move(each));
    if (!why.empty()) problem = fmt::format("{}: {}", where, why);
  };
  const auto add_file = [&](const std::string& path) {
    if (auto text = read_file(path)) {
      add(*text, path);
      crypto::wipe(text->data(), text->size());
    } else {
      problem = fmt::format("{} cannot be read", path);
    }
  };
  if (const std::string_view file = environment("SOPS_AGE_KEY_FILE"); !file.empty())
    add_file(std::string(file));
  if (const std::string_view text = environment("SOPS_AGE_KEY"); !text.empty()) add(text, "SOPS_AGE_KEY");
  const std::string_view config = environment("XDG_CONFIG_HOME");
  const std::string folder =
      config.empty() ? fmt::format("{}/.config", environment("HOME")) : std::string(config);
  const std::string usual = folder + "/sops/age/keys.txt";
  if (std::filesystem::exists(usual)) add_file(usual);
  return out;
}

// What is to be written is the plaintext.
void forget_ciphers(crypto::sops::Node& node) {
  node.cipher.clear();
  node.was_encrypted = false;
  for (crypto::sops::Node& child : node.children) forget_ciphers(child);
}

class RealVault final : public engine::Vault {
 public:
  RealVault(const plan::Plan& plan, plan::ReadFile read) : plan_(plan), read_(std::move(read)) {}

  Outcome<Secret> named(const plan::Secret& secret) override {
    if (secret.from == plan::Secret::From::env) {
      const std::string_view value = environment(secret.variable.c_str());
      if (!value.empty()) return std::make_shared<const SecretBytes>(SecretBytes::copy_text(value));
      return Failure{FailureClass::auth,
                     fmt::format("${} is not set (secret {})", secret.variable, secret.ref)};
    }
    auto file = open(secret.file);
    if (!file.ok()) return file.error();
    for (const crypto::sops::Node& document : file->documents) {
      const crypto::sops::Node* node = document.find(secret.key);
      if (node != nullptr) return std::make_shared<const SecretBytes>(node->value.clone());
    }
    return Failure{FailureClass::auth,
                   fmt::format("{} has no {} (secret {})", secret.file, secret.key, secret.ref)};
  }

  Outcome<Secret> sealed(const std::string& path) override {
    auto file = open(path);
    if (!file.ok()) return file.error();
    crypto::SecretBuilder text;
    std::uint32_t line = 1;
    std::vector<crypto::sops::Line> lines;
    for (crypto::sops::Node& document : file->documents) {
      if (text.size() != 0) text.append("---\n");
      forget_ciphers(document);
      crypto::sops::write_yaml(document, text, line, lines);
    }
    return std::make_shared<const SecretBytes>(text.take());
  }

 private:
  Outcome<crypto::sops::File> open(const std::string& path) {
    const plan::Artifact* artifact = plan_.find_artifact(path);
    const std::optional<std::string> text = read_(path);
    if (artifact == nullptr || !text || plan::sha256_hex(*text) != artifact->sha256) {
      return Failure{FailureClass::permanent, fmt::format("{} was changed since the plan was read", path)};
    }
    crypto::sops::File file;
    std::string problem;
    if (!crypto::sops::parse(*text, file, problem)) {
      return Failure{FailureClass::permanent, fmt::format("{}: {}", path, problem)};
    }
    std::string missing;
    const auto keys = identities(missing);
    if (keys.empty()) {
      if (missing.empty()) missing = "set SOPS_AGE_KEY_FILE, or put it into ~/.config/sops/age/keys.txt";
      return Failure{FailureClass::auth, fmt::format("{} needs an age identity: {}", path, missing)};
    }
    if (crypto::sops::unlock(file, keys, problem) != crypto::sops::Trouble::none) {
      return Failure{FailureClass::auth, fmt::format("{}: {}", path, problem)};
    }
    return file;
  }

  const plan::Plan& plan_;
  plan::ReadFile read_;
};

}  // namespace

std::unique_ptr<engine::Vault> real_vault(const plan::Plan& plan, plan::ReadFile read) {
  return std::make_unique<RealVault>(plan, std::move(read));
}

std::vector<plan::Problem> damaged_files(const plan::Plan& plan, const plan::ReadFile& read) {
  std::vector<plan::Problem> problems;
  std::string ignored;
  const auto keys = identities(ignored);
  for (std::size_t i = 0; i < plan.artifacts.size() && !keys.empty(); ++i) {
    const plan::Artifact& artifact = plan.artifacts[i];
    crypto::sops::File file;
    std::string problem;
    if (!artifact.sealed || !crypto::sops::parse(read(artifact.path).value_or(""), file, problem)) continue;
    const crypto::sops::Trouble trouble = crypto::sops::unlock(file, keys, problem);
    if (trouble == crypto::sops::Trouble::none || trouble == crypto::sops::Trouble::not_a_reader) continue;
    problems.push_back({fmt::format("/artifacts/{}", i), fmt::format("`{}`: {}", artifact.path, problem)});
  }
  return problems;
}

bool has_identity() {
  std::string problem;
  return !identities(problem).empty();
}

}  // namespace lab::labrun
