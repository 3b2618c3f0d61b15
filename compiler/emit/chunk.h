// Many small pieces of text on their way to the end of one string: gathered, so that the string is asked for
// room once for thousands of bytes.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace lab::emit {

/// What is put appears in the string by `flush`, or when this goes; nobody else appends meanwhile.
class Chunk {
 public:
  explicit Chunk(std::string& out) : out_(out) {}
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  ~Chunk() { flush(); }

  void put(char c) {
    if (used_ == pieces_.size()) flush();
    pieces_[used_++] = c;
  }
  void put(std::string_view text) {
    if (text.size() > pieces_.size() - used_) {
      flush();
      if (text.size() > pieces_.size()) {
        out_.append(text);
        return;
      }
    }
    std::memcpy(pieces_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }
  void spaces(std::size_t count) {
    if (count > pieces_.size() - used_) {
      flush();
      out_.append(count, ' ');
      return;
    }
    std::memset(pieces_.data() + used_, ' ', count);
    used_ += count;
  }
  void flush() {
    out_.append(pieces_.data(), used_);
    used_ = 0;
  }
  /// The string, with all that was put.
  std::string& flushed() {
    flush();
    return out_;
  }

 private:
  std::string& out_;
  std::size_t used_ = 0;
  std::array<char, 4096> pieces_;  // what lies behind `used_` is not read
};

}  // namespace lab::emit
