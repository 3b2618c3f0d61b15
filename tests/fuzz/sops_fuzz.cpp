// Any bytes as a file of SOPS: read or refused, never more.
#include <cstddef>
#include <cstdint>

#include "crypto/sops/sops.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lab::crypto;
  static const std::vector<age::Identity> nobody;
  sops::File file;
  std::string problem;
  if (sops::parse({reinterpret_cast<const char*>(data), size}, file, problem))
    (void)sops::unlock(file, nobody, problem);
  return 0;
}
