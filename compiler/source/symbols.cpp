#include "compiler/source/symbols.h"

#include <cstring>

namespace lab::source {
namespace {

constexpr std::size_t block_size = 64 * 1024;

// FNV-1a over eight bytes at a time; only has to spread names.
std::uint32_t hash_of(std::string_view text) {
  std::uint64_t h = 1469598103934665603ull ^ text.size();
  const char* p = text.data();
  std::size_t n = text.size();
  for (; n >= 8; p += 8, n -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    h = (h ^ word) * 1099511628211ull;
    h ^= h >> 29;
  }
  for (; n > 0; ++p, --n) h = (h ^ static_cast<unsigned char>(*p)) * 1099511628211ull;
  h ^= h >> 32;
  return static_cast<std::uint32_t>(h * 0x9E3779B1u);
}

}  // namespace

Symbols::Symbols() {
  table_.resize(1024);
  texts_.reserve(1024);
  hashes_.reserve(1024);
  intern("");
}

std::string_view Symbols::keep(std::string_view text) {
  if (blocks_.empty() || blocks_.back().size() + text.size() > blocks_.back().capacity()) {
    blocks_.emplace_back();
    blocks_.back().reserve(text.size() > block_size ? text.size() : block_size);
  }
  std::string& block = blocks_.back();
  const std::size_t at = block.size();
  block.append(text);
  return {block.data() + at, text.size()};
}

Symbol Symbols::intern(std::string_view text, bool copy) {
  const std::uint32_t hash = hash_of(text);
  std::size_t mask = table_.size() - 1;
  std::size_t at = hash & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    const std::uint32_t id = table_[at] - 1;
    if (hashes_[id] == hash && texts_[id] == text) return static_cast<Symbol>(id);
  }
  const auto id = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(copy ? keep(text) : text);
  hashes_.push_back(hash);
  table_[at] = id + 1;
  if (texts_.size() * 2 > table_.size()) grow();
  return static_cast<Symbol>(id);
}

Symbol Symbols::find(std::string_view text) const {
  const std::uint32_t hash = hash_of(text);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = hash & mask; table_[at] != 0; at = (at + 1) & mask) {
    const std::uint32_t id = table_[at] - 1;
    if (hashes_[id] == hash && texts_[id] == text) return static_cast<Symbol>(id);
  }
  return Symbol::empty;
}

void Symbols::grow() {
  std::vector<std::uint32_t> bigger(table_.size() * 4);
  const std::size_t mask = bigger.size() - 1;
  for (std::uint32_t id = 0; id < texts_.size(); ++id) {
    std::size_t at = hashes_[id] & mask;
    while (bigger[at] != 0) at = (at + 1) & mask;
    bigger[at] = id + 1;
  }
  table_.swap(bigger);
}

}  // namespace lab::source
