// Hashes that stand in outputs.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace lab::lower {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits; nothing may be added afterwards.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of bytes, as `Sha256::hex`.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace lab::lower
