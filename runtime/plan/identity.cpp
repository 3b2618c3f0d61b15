#include <sodium.h>

#include <array>

#include "runtime/plan/plan.h"

namespace lab::plan {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::string out(2 * hash.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), hash.data(), hash.size());
  out.pop_back();
  return out;
}

std::string canonical(const Json& plan) {
  Json copy = plan;
  if (copy.is_object()) copy.erase("plan_id");
  // The error handler is never reached for text that a parser or labc has accepted as UTF-8.
  return copy.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string identify(const Json& plan) {
  return "sha256:" + sha256_hex(canonical(plan));
}

}  // namespace lab::plan
