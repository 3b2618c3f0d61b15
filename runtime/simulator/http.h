// Requests and replies as the simulated servers see them, and the two protocols that carry them.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lab::simulator {

struct HttpRequest {
  std::string method;
  std::string path;                            ///< as sent, without the query
  std::map<std::string, std::string> query;    ///< decoded
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string client_subject;  ///< of the verified client certificate: "O/CN"; empty without one
};

/// What becomes of a reply on its way.
enum class Wire { whole, reset, half };

struct HttpReply {
  int status = 200;
  std::string reason;  ///< text of the status line; HTTP/1.1 only
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<std::pair<std::string, std::string>> trailers;  ///< HTTP/2 only
  Wire wire = Wire::whole;
  bool close = false;                  ///< the server closes the connection afterwards
  std::chrono::milliseconds delay{0};  ///< on the simulated clock
};

using Handler = std::function<HttpReply(const HttpRequest&)>;

/// One side of a connection: bytes in, bytes out. It calls the handler for each whole request.
class Protocol {
 public:
  virtual ~Protocol() = default;
  /// Takes bytes from the client. False when the connection cannot go on.
  virtual bool input(std::string_view bytes) = 0;
  /// Bytes for the client since the last call.
  virtual std::string output() = 0;
  /// Set once a reply asked for the connection to end after `output` was sent.
  bool closing = false;
  /// How long the output waits on the simulated clock.
  std::chrono::milliseconds delay{0};
  std::string client_subject;
};

std::unique_ptr<Protocol> make_http1(Handler handler);
std::unique_ptr<Protocol> make_http2(Handler handler);

/// "a%20b" -> "a b"; '+' becomes a space when `form`.
std::string percent_decode(std::string_view text, bool form);
/// "a=1&b=2", both sides decoded as forms are.
std::map<std::string, std::string> parse_query(std::string_view text);
/// Fills path and query from a request target.
void set_target(HttpRequest& request, std::string_view target);

}  // namespace lab::simulator
