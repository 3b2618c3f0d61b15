#include "runtime/drivers/talos/machine_config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <map>

#include "runtime/drivers/common/yaml.h"

namespace lab::drivers::talos {
namespace {

constexpr int indent_step = 2;

std::string scalar_of(const YAML::Node& map, const char* key) {
  const YAML::Node value = map[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

/// What a document is merged by.
std::string identity(const YAML::Node& document) {
  const std::string kind = scalar_of(document, "kind");
  if (kind.empty()) return "v1alpha1";
  const std::string name = scalar_of(document, "name");
  return name.empty() ? kind : kind + "/" + name;
}

void merge_into(YAML::Node into, const YAML::Node& patch) {
  for (const auto& pair : patch) {
    const std::string key = pair.first.Scalar();
    YAML::Node here = into[key];
    if (here && here.IsMap() && pair.second.IsMap()) {
      merge_into(here, pair.second);
    } else if (here && here.IsSequence() && pair.second.IsSequence()) {
      for (const auto& item : pair.second) here.push_back(YAML::Clone(item));
    } else {
      into[key] = YAML::Clone(pair.second);
    }
  }
}

void write(std::string& out, const YAML::Node& node, int indent);

void write_scalar(std::string& out, const YAML::Node& node) {
  const std::string& text = node.Scalar();
  const bool plain =
      (node.Tag() == "?" || node.Tag().empty()) && text.find('\n') == std::string::npos && !text.empty();
  // A JSON string is a double-quoted YAML scalar.
  out += plain ? text : nlohmann::json(text).dump();
}

void write_entry(std::string& out, const YAML::Node& value, int indent) {
  if (value.IsMap() && value.size() > 0) {
    out += '\n';
    write(out, value, indent + indent_step);
  } else if (value.IsSequence() && value.size() > 0) {
    out += '\n';
    write(out, value, indent + indent_step);
  } else {
    out += ' ';
    write(out, value, indent);
    out += '\n';
  }
}

void write(std::string& out, const YAML::Node& node, int indent) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      if (node.size() == 0) out += "{}";
      for (const auto& pair : node) {
        out.append(static_cast<std::size_t>(indent), ' ');
        write_scalar(out, pair.first);
        out += ':';
        write_entry(out, pair.second, indent);
      }
      break;
    case YAML::NodeType::Sequence:
      if (node.size() == 0) out += "[]";
      for (const auto& item : node) {
        out.append(static_cast<std::size_t>(indent), ' ');
        out += '-';
        write_entry(out, item, indent);
      }
      break;
    case YAML::NodeType::Scalar:
      write_scalar(out, node);
      break;
    default:
      out += "null";
  }
}

std::string key_of(const nlohmann::json& document) {
  const std::string kind = document.value("kind", "");
  const std::string name =
      document.contains("name") && document["name"].is_string() ? document["name"].get<std::string>() : "";
  if (kind.empty()) return "v1alpha1";
  return name.empty() ? kind : kind + "/" + name;
}

using Documents = std::map<std::string, nlohmann::json>;

std::optional<Documents> documents_of(std::string_view text) {
  auto read = read_yaml(text);
  if (!read) return std::nullopt;
  Documents out;
  for (auto& each : *read) {
    if (!each.is_object()) return std::nullopt;
    const std::string key = key_of(each);
    out[key] = std::move(each);
  }
  return out;
}

void collect(std::vector<Change>& out, const std::string& path, const nlohmann::json& from,
             const nlohmann::json& to) {
  if (from == to) return;
  if (!from.is_object() || !to.is_object()) {
    out.push_back({path, from, to});
    return;
  }
  for (const auto& [key, value] : from.items())
    collect(out, path + "." + key, value, to.value(key, nlohmann::json()));
  for (const auto& [key, value] : to.items())
    if (!from.contains(key)) collect(out, path + "." + key, nullptr, value);
}

/// Every scalar in a tree, as JSON text.
void scalars_of(const nlohmann::json& value, std::map<std::string, bool>& out) {
  if (value.is_structured())
    for (const auto& each : value) scalars_of(each, out);
  else
    out[value.dump()] = true;
}

bool all_known(const nlohmann::json& value, const std::map<std::string, bool>& known) {
  std::map<std::string, bool> scalars;
  scalars_of(value, scalars);
  for (const auto& [text, there] : scalars)
    if (!known.contains(text)) return false;
  return true;
}

}  // namespace

std::optional<std::string> merge(std::string_view config, std::string_view patch) {
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(std::string(config));
    for (const YAML::Node& each : YAML::LoadAll(std::string(patch))) {
      if (each.IsNull()) continue;
      if (!each.IsMap()) return std::nullopt;
      const std::string id = identity(each);
      bool merged = false;
      for (YAML::Node& document : documents) {
        if (!document.IsMap() || identity(document) != id) continue;
        merge_into(document, each);
        merged = true;
        break;
      }
      if (!merged) documents.push_back(YAML::Clone(each));
    }
    std::string out;
    for (const YAML::Node& document : documents) {
      if (document.IsNull()) continue;
      if (!out.empty()) out += "---\n";
      write(out, document, 0);
    }
    return out;
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

std::optional<std::vector<Change>> compare(std::string_view have, std::string_view want) {
  const auto from = documents_of(have), to = documents_of(want);
  if (!from || !to) return std::nullopt;
  std::vector<Change> out;
  for (const auto& [id, document] : *from) {
    const auto other = to->find(id);
    collect(out, id, document, other == to->end() ? nlohmann::json() : other->second);
  }
  for (const auto& [id, document] : *to)
    if (!from->contains(id)) collect(out, id, nullptr, document);
  return out;
}

void redact(std::vector<Change>& changes, std::string_view config) {
  std::map<std::string, bool> known = {{"null", true}, {"true", true}, {"false", true}};
  if (const auto documents = documents_of(config))
    for (const auto& [id, document] : *documents) scalars_of(document, known);
  for (Change& change : changes) {
    if (!all_known(change.from, known)) change.from = "(changed)";
    if (!all_known(change.to, known)) change.to = "(changed)";
  }
}

}  // namespace lab::drivers::talos
