// Keeping a world from one process to the next.
#include <fmt/format.h>
#include <sodium.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "crypto/secret_bytes.h"
#include "runtime/simulator/simulator.h"

namespace lab::simulator {
namespace {

using engine::Failure;
using engine::FailureClass;

// The file: a nonce, then the JSON text by crypto_secretbox (XSalsa20-Poly1305).
std::string seal(const std::string& text, const crypto::SecretBytes& key) {
  std::string out(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + text.size(), '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  randombytes_buf(bytes, crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(bytes + crypto_secretbox_NONCEBYTES,
                        reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes,
                        reinterpret_cast<const unsigned char*>(key.expose().data()));
  return out;
}

bool open(const std::string& sealed, const crypto::SecretBytes& key, std::string& text) {
  constexpr std::size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (sealed.size() < overhead) return false;
  text.resize(sealed.size() - overhead);
  const auto* bytes = reinterpret_cast<const unsigned char*>(sealed.data());
  return crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(text.data()),
                                    bytes + crypto_secretbox_NONCEBYTES,
                                    sealed.size() - crypto_secretbox_NONCEBYTES, bytes,
                                    reinterpret_cast<const unsigned char*>(key.expose().data())) == 0;
}

}  // namespace

engine::Outcome<engine::Nothing> Simulator::keep_in(std::string file, const crypto::SecretBytes& key) {
  if (sodium_init() < 0) return Failure{FailureClass::permanent, "libsodium cannot be started"};
  key_ = std::make_unique<crypto::SecretBytes>(crypto_secretbox_KEYBYTES);
  const auto secret = key.expose();
  crypto_generichash(reinterpret_cast<unsigned char*>(key_->writable().data()), key_->size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr, 0);
  file_ = std::move(file);
  std::ifstream in(file_, std::ios::binary);
  if (!in) return engine::Nothing{};
  std::stringstream all;
  all << in.rdbuf();
  std::string text;
  if (!open(all.str(), *key_, text) || !world_.load(text))
    return Failure{
        FailureClass::permanent,
        fmt::format("{} is not a world of this plan: it was made with other secrets, or is damaged", file_)};
  offset_ = world_.now();
  began_ = setting_.loop.now().time_since_epoch();
  for (const plan::Step& step : setting_.plan.steps)
    learn(step);  // what a changed plan expects to find in addition
  learn_machines();
  return engine::Nothing{};
}

void Simulator::keep() {
  if (file_.empty() || !world_.take_dirty()) return;
  const std::string fresh = file_ + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    const std::string sealed = seal(world_.dump(), *key_);
    out.write(sealed.data(), static_cast<std::streamsize>(sealed.size()));
  }
  std::rename(fresh.c_str(), file_.c_str());
}

}  // namespace lab::simulator
