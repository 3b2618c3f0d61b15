// Bytes that must not leak: one owner, wiped when they go, reached only by asking for them by name.
//
// There is no copy, no comparison operator, no stream operator and no conversion to a string: what prints,
// logs or stores a value has to say `expose`, and a reader of the code sees it.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace lab::crypto {

/// Sets up the libraries below (libsodium's random numbers and choice of implementation). Cheap to repeat;
/// every function of crypto/ calls it where it is needed.
void initialise();

/// Overwrites memory in a way that no optimisation removes.
void wipe(void* bytes, std::size_t size);

class SecretBytes {
 public:
  SecretBytes() = default;
  /// `size` zero bytes, to be filled through `writable`.
  explicit SecretBytes(std::size_t size);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] static SecretBytes copy(std::span<const std::byte> bytes);
  [[nodiscard]] static SecretBytes copy_text(std::string_view text);
  [[nodiscard]] static SecretBytes random(std::size_t size);
  [[nodiscard]] SecretBytes clone() const { return copy(expose()); }

  [[nodiscard]] std::span<const std::byte> expose() const { return {data_.get(), size_}; }
  [[nodiscard]] std::string_view expose_text() const {
    return {reinterpret_cast<const char*>(data_.get()), size_};
  }
  [[nodiscard]] std::span<std::byte> writable() { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Forgets what lies beyond `size`, which must not be greater than the present one.
  void shrink(std::size_t size);
  /// Takes as long for equal as for different bytes of one length; lengths are no secret.
  [[nodiscard]] bool same_as(const SecretBytes& other) const;

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Puts a secret text together; what it outgrows is wiped.
class SecretBuilder {
 public:
  SecretBuilder& append(std::string_view text);
  SecretBuilder& append(const SecretBytes& bytes) { return append(bytes.expose_text()); }
  SecretBuilder& append(char c) { return append(std::string_view(&c, 1)); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] SecretBytes take();

 private:
  SecretBytes bytes_;
  std::size_t size_ = 0;
};

}  // namespace lab::crypto
