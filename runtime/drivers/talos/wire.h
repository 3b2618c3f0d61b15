// The protobuf wire format (https://protobuf.dev/programming-guides/encoding) as far as Talos' calls need it:
// varints and length-delimited fields; and gRPC's framing of messages
// (grpc/grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::drivers::talos {

/// Builds one message. A zero or an empty value is left out, as proto3 does.
class Writer {
 public:
  Writer& number(std::uint32_t field, std::uint64_t value);
  Writer& bytes(std::uint32_t field, std::string_view value);
  /// A submessage stands even when it is empty: its presence has a meaning.
  Writer& message(std::uint32_t field, const Writer& value);

  const std::string& text() const { return out_; }

 private:
  void varint(std::uint64_t value);

  std::string out_;
};

/// One field as it stands on the wire. `bytes` looks into the message that was read.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

/// The fields of `message` in their order; fixed32 and fixed64 fields come as numbers. Nothing when the
/// message is malformed.
std::optional<std::vector<Field>> read_fields(std::string_view message);

/// A message with helpers to look fields up. Absent fields read as zero or empty, as in proto3.
class Message {
 public:
  /// Malformed input reads as an empty message with valid() false.
  explicit Message(std::string_view bytes);

  bool valid() const { return valid_; }
  std::uint64_t number(std::uint32_t field) const;
  std::string_view bytes(std::uint32_t field) const;
  std::string text(std::uint32_t field) const { return std::string(bytes(field)); }
  Message message(std::uint32_t field) const { return Message(bytes(field)); }
  std::vector<std::string_view> repeated(std::uint32_t field) const;

 private:
  std::vector<Field> fields_;
  bool valid_ = false;
};

/// A gRPC frame: one uncompressed message with its length before it.
std::string frame(std::string_view message);

/// The messages in a body of gRPC frames; nothing when a frame is compressed or cut short.
std::optional<std::vector<std::string_view>> unframe(std::string_view body);

}  // namespace lab::drivers::talos
