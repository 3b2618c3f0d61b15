// HTTP/2 by nghttp2, the server's side, with trailers as gRPC needs them.
#include <nghttp2/nghttp2.h>

#include <map>

#include "runtime/simulator/http.h"

namespace lab::simulator {
namespace {

struct Stream {
  HttpRequest request;
  HttpReply reply;
  std::size_t sent = 0;  ///< bytes of the reply's body
};

nghttp2_nv pair_of(const std::string& name, const std::string& value) {
  // nghttp2 copies both unless told otherwise, so the casts do not let anything be written.
  auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::vector<nghttp2_nv> pairs_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::vector<nghttp2_nv> out;
  for (const auto& [name, value] : fields) out.push_back(pair_of(name, value));
  return out;
}

class Http2 final : public Protocol {
 public:
  explicit Http2(Handler handler) : handler_(std::move(handler)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Http2() override { nghttp2_session_del(session_); }
  Http2(const Http2&) = delete;
  Http2& operator=(const Http2&) = delete;

  bool input(std::string_view bytes) override {
    const auto taken =
        nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return taken == static_cast<ssize_t>(bytes.size());
  }

  std::string output() override {
    std::string out;
    for (const std::uint8_t* data = nullptr;;) {
      const auto size = nghttp2_session_mem_send(session_, &data);
      if (size <= 0) break;
      out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    }
    return out;
  }

 private:
  static int on_header(nghttp2_session*, const nghttp2_frame* head, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* self) {
    HttpRequest& request = static_cast<Http2*>(self)->streams_[head->hd.stream_id].request;
    const std::string key(reinterpret_cast<const char*>(name), name_size);
    const std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":method")
      request.method = text;
    else if (key == ":path")
      set_target(request, text);
    else
      request.headers[key] = text;
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                     std::size_t size, void* self) {
    static_cast<Http2*>(self)->streams_[stream].request.body.append(reinterpret_cast<const char*>(data),
                                                                    size);
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (carries && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
      static_cast<Http2*>(self)->answer(frame->hd.stream_id);
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self) {
    static_cast<Http2*>(self)->streams_.erase(stream);
    return 0;
  }

  static ssize_t on_read(nghttp2_session* session, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                         std::uint32_t* flags, nghttp2_data_source*, void* self) {
    Stream& stream = static_cast<Http2*>(self)->streams_[id];
    const std::size_t part = std::min(size, stream.reply.body.size() - stream.sent);
    stream.reply.body.copy(reinterpret_cast<char*>(buffer), part, stream.sent);
    stream.sent += part;
    if (stream.sent == stream.reply.body.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!stream.reply.trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const auto trailers = pairs_of(stream.reply.trailers);
        nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
      }
    }
    return static_cast<ssize_t>(part);
  }

  void answer(std::int32_t id) {
    Stream& stream = streams_[id];
    stream.request.client_subject = client_subject;
    stream.reply = handler_(stream.request);
    HttpReply& reply = stream.reply;
    delay = std::max(delay, reply.delay);
    closing = closing || reply.close || reply.wire != Wire::whole;
    if (reply.wire == Wire::reset) {
      nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
      return;
    }
    if (reply.wire == Wire::half) {
      reply.body.resize(reply.body.size() / 2);
      reply.trailers.clear();
    }
    std::vector<std::pair<std::string, std::string>> fields = {{":status", std::to_string(reply.status)}};
    fields.insert(fields.end(), reply.headers.begin(), reply.headers.end());
    // A reply without a body carries its trailers in the headers (gRPC's "Trailers-Only").
    const bool headers_only = reply.body.empty();
    if (headers_only) fields.insert(fields.end(), reply.trailers.begin(), reply.trailers.end());
    const auto pairs = pairs_of(fields);
    nghttp2_data_provider provider{};
    provider.read_callback = on_read;
    nghttp2_submit_response(session_, id, pairs.data(), pairs.size(), headers_only ? nullptr : &provider);
  }

  Handler handler_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Stream> streams_;
};

}  // namespace

std::unique_ptr<Protocol> make_http2(Handler handler) {
  return std::make_unique<Http2>(std::move(handler));
}

}  // namespace lab::simulator
