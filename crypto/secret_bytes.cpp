#include "crypto/secret_bytes.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace lab::crypto {

void initialise() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();  // no source of random numbers: nothing may go on
}

void wipe(void* bytes, std::size_t size) {
  if (size > 0) sodium_memzero(bytes, size);
}

SecretBytes::SecretBytes(std::size_t size)
    : data_(size > 0 ? std::make_unique<std::byte[]>(size) : nullptr), size_(size), capacity_(size) {}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::move(other.data_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  wipe(data_.get(), capacity_);
  data_ = std::move(other.data_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

SecretBytes::~SecretBytes() {
  wipe(data_.get(), capacity_);
}

SecretBytes SecretBytes::copy(std::span<const std::byte> bytes) {
  SecretBytes made(bytes.size());
  if (!bytes.empty()) std::memcpy(made.data_.get(), bytes.data(), bytes.size());
  return made;
}

SecretBytes SecretBytes::copy_text(std::string_view text) {
  return copy(std::as_bytes(std::span(text)));
}

SecretBytes SecretBytes::random(std::size_t size) {
  initialise();
  SecretBytes made(size);
  randombytes_buf(made.data_.get(), size);
  return made;
}

void SecretBytes::shrink(std::size_t size) {
  if (size >= size_) return;
  wipe(data_.get() + size, size_ - size);
  size_ = size;
}

bool SecretBytes::same_as(const SecretBytes& other) const {
  return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_.get(), other.data_.get(), size_) == 0);
}

SecretBuilder& SecretBuilder::append(std::string_view text) {
  if (text.empty()) return *this;
  if (size_ + text.size() > bytes_.size()) {
    SecretBytes larger(std::max<std::size_t>(64, 2 * (size_ + text.size())));
    if (size_ > 0) std::memcpy(larger.writable().data(), bytes_.expose().data(), size_);
    bytes_ = std::move(larger);
  }
  std::memcpy(bytes_.writable().data() + size_, text.data(), text.size());
  size_ += text.size();
  return *this;
}

SecretBytes SecretBuilder::take() {
  bytes_.shrink(size_);
  size_ = 0;
  return std::exchange(bytes_, SecretBytes());
}

}  // namespace lab::crypto
