#include "runtime/drivers/talos/wire.h"

namespace lab::drivers::talos {
namespace {

enum WireType : std::uint32_t { type_varint = 0, type_fixed64 = 1, type_bytes = 2, type_fixed32 = 5 };

constexpr std::size_t frame_header = 5;

std::optional<std::uint64_t> take_varint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (std::uint32_t shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> take_fixed(std::string_view& rest, std::size_t size) {
  if (rest.size() < size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(rest[i]);
  rest.remove_prefix(size);
  return value;
}

}  // namespace

void Writer::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
  out_ += static_cast<char>(value);
}

Writer& Writer::number(std::uint32_t field, std::uint64_t value) {
  if (value == 0) return *this;
  varint(field << 3 | type_varint);
  varint(value);
  return *this;
}

Writer& Writer::bytes(std::uint32_t field, std::string_view value) {
  if (value.empty()) return *this;
  varint(field << 3 | type_bytes);
  varint(value.size());
  out_ += value;
  return *this;
}

Writer& Writer::message(std::uint32_t field, const Writer& value) {
  varint(field << 3 | type_bytes);
  varint(value.out_.size());
  out_ += value.out_;
  return *this;
}

std::optional<std::vector<Field>> read_fields(std::string_view message) {
  std::vector<Field> fields;
  while (!message.empty()) {
    const auto tag = take_varint(message);
    if (!tag || *tag >> 3 == 0 || *tag >> 3 > 0x1fffffff) return std::nullopt;
    Field field;
    field.number = static_cast<std::uint32_t>(*tag >> 3);
    std::optional<std::uint64_t> value;
    switch (*tag & 7) {
      case type_varint:
        value = take_varint(message);
        break;
      case type_fixed64:
        value = take_fixed(message, 8);
        break;
      case type_fixed32:
        value = take_fixed(message, 4);
        break;
      case type_bytes:
        value = take_varint(message);
        if (!value || *value > message.size()) return std::nullopt;
        field.bytes = message.substr(0, static_cast<std::size_t>(*value));
        message.remove_prefix(static_cast<std::size_t>(*value));
        break;
      default:
        return std::nullopt;
    }
    if (!value) return std::nullopt;
    field.value = *value;
    fields.push_back(field);
  }
  return fields;
}

Message::Message(std::string_view bytes) {
  if (auto fields = read_fields(bytes)) {
    fields_ = std::move(*fields);
    valid_ = true;
  }
}

// The last one of a field that may stand once counts (encoding guide, "Last One Wins").
std::uint64_t Message::number(std::uint32_t field) const {
  for (auto it = fields_.rbegin(); it != fields_.rend(); ++it)
    if (it->number == field) return it->value;
  return 0;
}

std::string_view Message::bytes(std::uint32_t field) const {
  for (auto it = fields_.rbegin(); it != fields_.rend(); ++it)
    if (it->number == field) return it->bytes;
  return {};
}

std::vector<std::string_view> Message::repeated(std::uint32_t field) const {
  std::vector<std::string_view> all;
  for (const Field& each : fields_)
    if (each.number == field) all.push_back(each.bytes);
  return all;
}

std::string frame(std::string_view message) {
  std::string out(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(message.size() >> shift & 0xff);
  out += message;
  return out;
}

std::optional<std::vector<std::string_view>> unframe(std::string_view body) {
  std::vector<std::string_view> messages;
  while (!body.empty()) {
    if (body.size() < frame_header || body[0] != '\0') return std::nullopt;
    std::size_t size = 0;
    for (std::size_t i = 1; i < frame_header; ++i) size = size << 8 | static_cast<std::uint8_t>(body[i]);
    if (size > body.size() - frame_header) return std::nullopt;
    messages.push_back(body.substr(frame_header, size));
    body.remove_prefix(frame_header + size);
  }
  return messages;
}

}  // namespace lab::drivers::talos
