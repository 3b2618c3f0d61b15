#include "compiler/lsp/wire.h"

#include <poll.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "compiler/source/write_all.h"

namespace lab::lsp {

namespace {

constexpr std::size_t max_header = 16 << 10;

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i])))
      return false;
  return true;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

/// Content-Length of a header block; nothing when it has none, or one that cannot be.
std::optional<std::size_t> length_of(std::string_view header) {
  std::optional<std::size_t> out;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find('\n'), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same_word(trimmed(line.substr(0, colon)), "content-length"))
      continue;
    const std::string_view digits = trimmed(line.substr(colon + 1));
    std::size_t length = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc() || stop != digits.data() + digits.size() || length > max_message)
      return std::nullopt;
    out = length;
  }
  return out;
}

/// Refuses what is nested too deeply while it is read: copying it would exhaust the stack.
class Limited final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Limited(nlohmann::json& into) : build_(into, false) {}
  bool null() override { return build_.null(); }
  bool boolean(bool v) override { return build_.boolean(v); }
  bool number_integer(number_integer_t v) override { return build_.number_integer(v); }
  bool number_unsigned(number_unsigned_t v) override { return build_.number_unsigned(v); }
  bool number_float(number_float_t v, const string_t& s) override { return build_.number_float(v, s); }
  bool string(string_t& v) override { return build_.string(v); }
  bool binary(binary_t& v) override { return build_.binary(v); }
  bool start_object(std::size_t n) override { return ++depth_ <= max_json_depth && build_.start_object(n); }
  bool end_object() override { return --depth_, build_.end_object(); }
  bool start_array(std::size_t n) override { return ++depth_ <= max_json_depth && build_.start_array(n); }
  bool end_array() override { return --depth_, build_.end_array(); }
  bool key(string_t& v) override { return build_.key(v); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  nlohmann::detail::json_sax_dom_parser<nlohmann::json> build_;
  int depth_ = 0;
};

}  // namespace

Reader::Status Reader::fill(int wait_ms) {
  pollfd ready{fd_, POLLIN, 0};
  const int n = ::poll(&ready, 1, wait_ms);
  if (n == 0 || (n < 0 && errno == EINTR)) return Status::idle;
  if (n < 0) return Status::end;
  if (at_ > 0) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  const std::size_t before = buffer_.size();
  buffer_.resize(before + (64 << 10));
  const ssize_t got = ::read(fd_, buffer_.data() + before, 64 << 10);
  buffer_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return Status::idle;
  return got > 0 ? Status::message : Status::end;
}

Reader::Status Reader::next(std::string& body, int wait_ms) {
  for (;;) {
    const std::string_view left = std::string_view(buffer_).substr(at_);
    std::size_t end = left.find("\r\n\r\n"), gap = 4;
    if (const std::size_t bare = left.find("\n\n"); bare < end) end = bare, gap = 2;
    if (end == std::string_view::npos) {
      if (left.size() > max_header) return Status::end;
    } else {
      const auto length = length_of(left.substr(0, end));
      if (!length) return Status::end;
      if (left.size() >= end + gap + *length) {
        body.assign(left.substr(end + gap, *length));
        at_ += end + gap + *length;
        return Status::message;
      }
    }
    if (const Status status = fill(wait_ms); status != Status::message) return status;
  }
}

void Writer::send(const nlohmann::json& message) {
  const std::string body = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string whole = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const std::lock_guard lock(mutex_);
  source::write_all(fd_, whole);  // where it fails the client is gone, and reading says so too
}

bool parse(std::string_view body, nlohmann::json& into) {
  Limited limited(into);
  return nlohmann::json::sax_parse(body, &limited);
}

}  // namespace lab::lsp
