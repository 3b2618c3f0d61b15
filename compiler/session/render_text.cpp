#include "compiler/session/render_text.h"

#include <fmt/format.h>

#include "compiler/document/document.h"
#include "compiler/emit/yaml.h"
#include "compiler/model/data.h"

namespace lab::session {
namespace {

using document::Kind;
using document::Node;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", c);
    else out += c;
  }
  return out + '"';
}

bool bare_key(std::string_view key) {
  return !key.empty() && key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

/// TOML 1.0 of a value within one line.
std::string toml_value(const Node& n) {
  switch (n.kind) {
    case Kind::null:
    case Kind::secret: return "\"\"";  // secrets come as marked text
    case Kind::boolean: return n.boolean ? "true" : "false";
    case Kind::integer: return std::to_string(n.integer);
    case Kind::plain: return std::string(n.text());
    case Kind::string: return quoted(n.text());
    case Kind::list: {
      std::string out = "[";
      for (const Node* c = n.child(); c != nullptr; c = c->next) out += (out.size() > 1 ? ", " : "") + toml_value(*c);
      return out + "]";
    }
    case Kind::map: {
      std::string out = "{";
      for (const Node* c = n.child(); c != nullptr; c = c->next) out += fmt::format("{} {} = {}", out.size() > 1 ? "," : "", bare_key(c->key()) ? std::string(c->key()) : quoted(c->key()), toml_value(*c));
      return out + (out.size() > 1 ? " }" : "}");
    }
  }
  return {};
}

bool list_of_maps(const Node& n) {
  if (n.kind != Kind::list || n.child() == nullptr) return false;
  for (const Node* c = n.child(); c != nullptr; c = c->next)
    if (c->kind != Kind::map) return false;
  return true;
}

void toml_table(const Node& n, const std::string& path, std::string& out) {
  for (const Node* c = n.child(); c != nullptr; c = c->next)
    if (c->kind != Kind::map && !list_of_maps(*c) && c->kind != Kind::null) out += fmt::format("{} = {}\n", bare_key(c->key()) ? std::string(c->key()) : quoted(c->key()), toml_value(*c));
  for (const Node* c = n.child(); c != nullptr; c = c->next) {
    const std::string key = bare_key(c->key()) ? std::string(c->key()) : quoted(c->key());
    const std::string inner = path.empty() ? key : path + "." + key;
    if (c->kind == Kind::map) {
      out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", inner);
      toml_table(*c, inner, out);
    } else if (list_of_maps(*c)) {
      for (const Node* e = c->child(); e != nullptr; e = e->next) {
        out += fmt::format("{}[[{}]]\n", out.empty() ? "" : "\n", inner);
        toml_table(*e, inner, out);
      }
    }
  }
}

std::string scalar(const Node& n) {
  switch (n.kind) {
    case Kind::boolean: return n.boolean ? "true" : "false";
    case Kind::integer: return std::to_string(n.integer);
    case Kind::plain:
    case Kind::string: return std::string(n.text());
    default: return {};
  }
}

std::string ini(const Node& n, std::string& problem) {
  std::string out;
  for (const Node* c = n.child(); c != nullptr; c = c->next)
    if (!c->is_collection()) out += fmt::format("{} = {}\n", c->key(), scalar(*c));
  for (const Node* c = n.child(); c != nullptr; c = c->next) {
    if (c->kind == Kind::list) problem = "INI has no lists";
    if (c->kind != Kind::map) continue;
    out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", c->key());
    for (const Node* e = c->child(); e != nullptr; e = e->next) {
      if (e->is_collection()) problem = "INI has sections, and nothing deeper";
      out += fmt::format("{} = {}\n", e->key(), scalar(*e));
    }
  }
  return out;
}

}  // namespace

std::string render_text(eval::Evaluation& evaluation, const eval::Value& value, std::string_view format, std::string& problem) {
  document::Arena arena;
  document::Map holder = arena.map();
  holder.set("value", model::to_data(evaluation, arena, value));
  const Node& node = *holder.node()->child();
  std::string out;
  std::uint32_t line = 1;
  std::vector<emit::LineOrigin> lines;
  emit::PlainTexts plain;
  if (format == "yaml") emit::write_yaml(node, emit::Indent::two, out, line, lines, plain);
  else if (format == "json") emit::write_json(node, out, line, lines);
  else if (node.kind != Kind::map) problem = fmt::format("only a map can be written as {}", format == "toml" ? "TOML" : "INI");
  else if (format == "toml") toml_table(node, "", out);
  else out = ini(node, problem);
  return out;
}

}  // namespace lab::session
