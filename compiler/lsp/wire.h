// The base protocol (LSP 3.17, "Base Protocol"): messages with headers over a pair of pipes, JSON within
// limits.
#pragma once
#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace lab::lsp {

inline constexpr std::size_t max_message = 64u << 20;  // bytes of a body
inline constexpr int max_json_depth = 256;             // arrays and objects within each other

/// Bodies of messages from a file descriptor.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd) {}
  enum class Status : std::uint8_t { message, idle, end };
  /// The next body; `idle` when nothing came for `wait_ms`; `end` when the input ended or what came is no
  /// header (nothing that follows could be understood).
  Status next(std::string& body, int wait_ms);

 private:
  Status fill(int wait_ms);
  int fd_;
  std::string buffer_;
  std::size_t at_ = 0;
};

/// Bodies of messages to a file descriptor, each whole; threads may share it.
class Writer {
 public:
  explicit Writer(int fd) : fd_(fd) {}
  void send(const nlohmann::json& message);

 private:
  int fd_;
  std::mutex mutex_;
};

/// False when `body` is no JSON, no UTF-8 or nested deeper than `max_json_depth`.
[[nodiscard]] bool parse(std::string_view body, nlohmann::json& into);

}  // namespace lab::lsp
