// HTTP/1.1 (RFC 9112) as far as the clients of the simulated world use it: Content-Length and chunked bodies,
// "Expect: 100-continue", persistent connections.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "runtime/simulator/http.h"

namespace lab::simulator {
namespace {

constexpr std::size_t most_header = 64 * 1024;
constexpr std::size_t most_body = 64 * 1024 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

class Http1 final : public Protocol {
 public:
  explicit Http1(Handler handler) : handler_(std::move(handler)) {}

  bool input(std::string_view bytes) override {
    in_ += bytes;
    while (!closing && step()) {
    }
    return !bad_ && in_.size() <= most_header + most_body;
  }

  std::string output() override { return std::exchange(out_, {}); }

 private:
  /// True when a whole request was answered.
  bool step() {
    if (!have_head_ && !read_head()) return false;
    const auto body = read_body();
    if (!body) return false;
    request_.body = *body;
    request_.client_subject = client_subject;
    answer(handler_(request_));
    have_head_ = false;
    return true;
  }

  bool read_head() {
    const auto end = in_.find("\r\n\r\n");
    if (end == std::string::npos) {
      bad_ = in_.size() > most_header;
      return false;
    }
    request_ = {};
    std::string_view head = std::string_view(in_).substr(0, end);
    const auto line_end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, line_end);
    const auto first = line.find(' '), second = line.rfind(' ');
    if (first == std::string_view::npos || second <= first) {
      bad_ = true;
      return false;
    }
    request_.method = line.substr(0, first);
    set_target(request_, line.substr(first + 1, second - first - 1));
    head.remove_prefix(std::min(line_end + 2, head.size()));
    while (!head.empty()) {
      const auto next = std::min(head.find("\r\n"), head.size());
      const std::string_view field = head.substr(0, next);
      if (const auto colon = field.find(':'); colon != std::string_view::npos)
        request_.headers[lower(field.substr(0, colon))] = trimmed(field.substr(colon + 1));
      head.remove_prefix(std::min(next + 2, head.size()));
    }
    in_.erase(0, end + 4);
    have_head_ = true;
    if (request_.headers.count("expect")) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    return true;
  }

  std::optional<std::string> read_body() {
    const auto coding = request_.headers.find("transfer-encoding");
    if (coding != request_.headers.end() && coding->second == "chunked") return read_chunks();
    std::size_t length = 0;
    if (const auto it = request_.headers.find("content-length"); it != request_.headers.end())
      std::from_chars(it->second.data(), it->second.data() + it->second.size(), length);
    if (length > most_body) bad_ = true;
    if (bad_ || in_.size() < length) return std::nullopt;
    std::string body = in_.substr(0, length);
    in_.erase(0, length);
    return body;
  }

  std::optional<std::string> read_chunks() {
    std::string body;
    for (std::size_t at = 0;;) {
      const auto line = in_.find("\r\n", at);
      if (line == std::string::npos) return std::nullopt;
      std::size_t size = 0;
      std::from_chars(in_.data() + at, in_.data() + line, size, 16);
      if (in_.size() < line + 2 + size + 2) return std::nullopt;
      if (size == 0) {
        in_.erase(0, line + 4);
        return body;
      }
      body.append(in_, line + 2, size);
      at = line + 2 + size + 2;
    }
  }

  void answer(const HttpReply& reply) {
    delay = std::max(delay, reply.delay);
    closing = closing || reply.close || reply.wire != Wire::whole;
    if (reply.wire == Wire::reset) return;
    out_ += fmt::format("HTTP/1.1 {} {}\r\n", reply.status, reply.reason);
    for (const auto& [name, value] : reply.headers) out_ += fmt::format("{}: {}\r\n", name, value);
    if (closing) out_ += "Connection: close\r\n";
    out_ += fmt::format("Content-Length: {}\r\n\r\n", reply.body.size());
    if (request_.method == "HEAD") return;
    out_ += reply.wire == Wire::half ? reply.body.substr(0, reply.body.size() / 2) : reply.body;
  }

  Handler handler_;
  HttpRequest request_;
  std::string in_, out_;
  bool have_head_ = false;
  bool bad_ = false;
};

}  // namespace

std::unique_ptr<Protocol> make_http1(Handler handler) {
  return std::make_unique<Http1>(std::move(handler));
}

std::string percent_decode(std::string_view text, bool form) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += form && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> parse_query(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    if (!pair.empty())
      out[percent_decode(pair.substr(0, equals), true)] =
          equals < pair.size() ? percent_decode(pair.substr(equals + 1), true) : std::string();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void set_target(HttpRequest& request, std::string_view target) {
  const auto question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  if (question < target.size()) request.query = parse_query(target.substr(question + 1));
}

}  // namespace lab::simulator
