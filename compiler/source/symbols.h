// Interned strings: every name and literal text of a session, compared by number.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace lab::source {

/// Number of an interned string. `empty` is the empty string and "no name".
enum class Symbol : std::uint32_t { empty = 0 };

/// Owns the text of all symbols; texts never move, so views stay valid as long as the table.
/// Not thread-safe: one table a session.
class Symbols {
 public:
  Symbols();
  /// The symbol of `text`, made when it is new.
  Symbol intern(std::string_view text) { return intern(text, true); }
  /// The same for text that outlives the table and need not be copied.
  Symbol intern_static(std::string_view text) { return intern(text, false); }
  /// The symbol of `text`, or `empty` when nobody interned it.
  [[nodiscard]] Symbol find(std::string_view text) const;
  [[nodiscard]] std::string_view text(Symbol s) const { return texts_[static_cast<std::uint32_t>(s)]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }

 private:
  std::vector<std::string_view> texts_;
  std::vector<std::uint32_t> table_;   // open addressing, index + 1, size a power of two
  std::vector<std::uint32_t> hashes_;  // of texts_, to grow without hashing again
  std::deque<std::string> blocks_;     // where the bytes live
  Symbol intern(std::string_view text, bool copy);
  void grow();
  std::string_view keep(std::string_view text);
};

}  // namespace lab::source
