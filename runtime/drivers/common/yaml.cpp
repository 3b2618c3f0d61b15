#include "runtime/drivers/common/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>

namespace lab::drivers {
namespace {

nlohmann::json to_json(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      auto out = nlohmann::json::object();
      for (const auto& pair : node) out[pair.first.Scalar()] = to_json(pair.second);
      return out;
    }
    case YAML::NodeType::Sequence: {
      auto out = nlohmann::json::array();
      for (const auto& item : node) out.push_back(to_json(item));
      return out;
    }
    case YAML::NodeType::Scalar:
      if (node.Tag() == "?" || node.Tag().empty()) return plain_scalar(node.Scalar());
      return node.Scalar();
    default:
      return nullptr;
  }
}

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

nlohmann::json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const std::string_view whole = text;
  const std::string_view unsigned_part = whole[0] == '-' || whole[0] == '+' ? whole.substr(1) : whole;
  const bool octal = whole.substr(0, 2) == "0o", hex = whole.substr(0, 2) == "0x";
  if (digits(unsigned_part) || octal || hex) {
    const std::string_view part = octal || hex ? whole.substr(2) : unsigned_part;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value,
                                              octal ? 8
                                              : hex ? 16
                                                    : 10);
    if (error == std::errc() && end == part.data() + part.size()) return whole[0] == '-' ? -value : value;
    return text;
  }
  const std::string_view start = unsigned_part.substr(0, 1) == "." ? unsigned_part.substr(1) : unsigned_part;
  if (!digits(start.substr(0, 1))) return text;
  double value = 0;
  const auto [end, error] =
      std::from_chars(unsigned_part.data(), unsigned_part.data() + unsigned_part.size(), value);
  if (error == std::errc() && end == unsigned_part.data() + unsigned_part.size())
    return whole[0] == '-' ? -value : value;
  return text;
}

std::optional<std::vector<nlohmann::json>> read_yaml(std::string_view text, std::string* problem) {
  try {
    std::vector<nlohmann::json> out;
    for (const YAML::Node& document : YAML::LoadAll(std::string(text)))
      if (!document.IsNull()) out.push_back(to_json(document));
    return out;
  } catch (const YAML::Exception& error) {
    if (problem) *problem = fmt::format("not YAML at line {}", error.mark.line + 1);
    return std::nullopt;
  }
}

}  // namespace lab::drivers
