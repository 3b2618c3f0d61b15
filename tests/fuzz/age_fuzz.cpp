// Any bytes as a file of age, binary or armored: opened or refused, never more.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crypto/age/age.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lab::crypto;
  static const std::vector<age::Identity> somebody = [] {
    std::vector<age::Identity> out;
    out.push_back(age::generate_identity(Entropy(SecretBytes::copy_text("0123456789abcdef0123456789abcdef"))));
    return out;
  }();
  (void)age::decrypt({reinterpret_cast<const char*>(data), size}, somebody);
  return 0;
}
