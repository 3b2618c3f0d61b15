// Bump allocation for everything an evaluation makes; freed at once with it.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lab::eval {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    for (char* b : blocks_) std::free(b);
  }
  void* allocate(std::size_t size) {
    size = (size + 15) & ~std::size_t{15};
    if (size > left_) refill(size);
    char* at = next_;
    next_ += size;
    left_ -= size;
    return at;
  }
  /// T is never destroyed, so it must not own anything.
  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T))) T{std::forward<Args>(args)...};
  }
  template <class T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* at = static_cast<T*>(allocate(sizeof(T) * (count == 0 ? 1 : count)));
    for (std::size_t i = 0; i < count; ++i) new (at + i) T{};
    return at;
  }
  template <class T>
  const T* copy(const std::vector<T>& items) {
    T* at = array<T>(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) at[i] = items[i];
    return at;
  }
  std::string_view text(std::string_view s) {
    char* at = static_cast<char*>(allocate(s.size()));
    std::memcpy(at, s.data(), s.size());
    return {at, s.size()};
  }

 private:
  void refill(std::size_t size) {
    const std::size_t block = size > block_size ? size : block_size;
    auto* memory = static_cast<char*>(std::malloc(block));
    if (memory == nullptr) std::abort();
    blocks_.push_back(memory);
    next_ = memory;
    left_ = block;
  }
  static constexpr std::size_t block_size = 256 * 1024;
  std::vector<char*> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace lab::eval
