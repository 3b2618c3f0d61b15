#include "compiler/session/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "compiler/session/effects.h"
#include "compiler/session/read_yaml.h"

namespace lab::session {

namespace {

using document::Kind;
using document::Node;

/// A Kubernetes quantity in thousandths of its unit (apimachinery pkg/api/resource: suffixes n is not met
/// here); nothing when it is none, or too large to say.
std::optional<long double> quantity(std::string_view text) {
  struct Suffix {
    std::string_view text;
    std::int64_t factor;  // thousandths
  };
  constexpr std::int64_t k = 1000, ki = 1024;
  constexpr std::array<Suffix, 11> suffixes = {{{"Ki", k * ki},
                                                {"Mi", k * ki * ki},
                                                {"Gi", k * ki * ki * ki},
                                                {"Ti", k * ki * ki * ki * ki},
                                                {"k", k * k},
                                                {"M", k * k * k},
                                                {"G", k * k * k * k},
                                                {"T", k * k * k * k * k},
                                                {"m", 1},
                                                {"Pi", k * ki * ki * ki * ki * ki},
                                                {"", k}}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 15) return std::nullopt;
  std::string_view rest = text.substr(digits);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    fraction = rest.substr(1, end - 1);
    rest.remove_prefix(end);
    if (fraction.empty() || fraction.size() > 9) return std::nullopt;
  }
  for (const Suffix& s : suffixes) {
    if (rest != s.text) continue;
    long double whole = 0, scale = 1;
    for (const char c : text.substr(0, digits)) whole = whole * 10 + (c - '0');
    for (const char c : fraction) {
      whole = whole * 10 + (c - '0');
      scale *= 10;
    }
    return whole * static_cast<long double>(s.factor) / scale;
  }
  return std::nullopt;
}

std::string scalar_text(const Node& n) {
  switch (n.kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return n.boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(n.integer);
    default:
      return std::string(n.text());
  }
}

/// The whole of a node on one line.
std::string flat(const Node& n) {
  if (!n.is_collection()) {
    std::string text = scalar_text(n);
    if (text.empty()) return "\"\"";
    if (text.find('\n') != std::string::npos)
      return fmt::format("{} lines", std::ranges::count(text, '\n') + 1);
    return text;
  }
  std::string out(n.kind == Kind::map ? "{" : "[");
  for (const Node* c = n.child(); c != nullptr; c = c->next) {
    if (out.size() > 1) out += ", ";
    if (n.kind == Kind::map) out += std::string(c->key()) + ": ";
    out += flat(*c);
  }
  return out + (n.kind == Kind::map ? "}" : "]");
}

constexpr std::size_t shown_width = 120;

/// A value as it is shown: not longer than a line.
std::string shown(const Node* n) {
  if (n == nullptr) return {};
  std::string text = flat(*n);
  if (text.size() <= shown_width) return text;
  std::size_t end = shown_width;
  while ((static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // not within a character
  return text.substr(0, end) + "…";
}

/// The first line in which two texts differ; they do.
std::pair<std::string, std::string> first_difference(std::string_view a, std::string_view b) {
  for (std::size_t number = 1;; ++number) {
    const std::string_view x = a.substr(0, a.find('\n')), y = b.substr(0, b.find('\n'));
    if (x != y)
      return {fmt::format("line {}: {}", number, x.substr(0, shown_width)),
              std::string(y.substr(0, shown_width))};
    a.remove_prefix(std::min(x.size() + 1, a.size()));
    b.remove_prefix(std::min(y.size() + 1, b.size()));
    if (a.empty() && b.empty()) return {fmt::format("line {}", number), "its end"};
  }
}

/// Where quantities stand in Kubernetes objects.
bool holds_quantity(std::string_view path) {
  return path.find("resources.") != std::string_view::npos ||
         path.find("capacity.") != std::string_view::npos || path.ends_with("sizeLimit") ||
         path.find("hard.") != std::string_view::npos;
}

bool same_scalar(const Node& a, const Node& b, std::string_view path) {
  const std::string x = scalar_text(a), y = scalar_text(b);
  if (x == y && (a.kind == b.kind)) return true;
  if (!holds_quantity(path)) return false;
  const auto p = quantity(x), q = quantity(y);
  return p && q && *p == *q;
}

/// The name by which elements of a list are told apart: the first key that all of them have, different in
/// each.
std::string_view merge_key(const Node& list) {
  constexpr std::array<std::string_view, 8> keys = {"name", "mountPath", "containerPort", "port",
                                                    "key",  "ip",        "interface",     "devicePath"};
  for (const std::string_view key : keys) {
    std::vector<std::string> seen;
    bool all = list.child() != nullptr;
    for (const Node* c = list.child(); c != nullptr && all; c = c->next) {
      const Node* v = c->kind == Kind::map ? c->find(key) : nullptr;
      all = v != nullptr && !v->is_collection() && std::ranges::find(seen, scalar_text(*v)) == seen.end();
      if (all) seen.push_back(scalar_text(*v));
    }
    if (all) return key;
  }
  return {};
}

const Node* element(const Node& list, std::string_view key, std::string_view name) {
  for (const Node* c = list.child(); c != nullptr; c = c->next)
    if (const Node* v = c->find(key); v != nullptr && scalar_text(*v) == name) return c;
  return nullptr;
}

class Comparer {
 public:
  Comparer(std::string_view kind, std::vector<Difference>& into) : kind_(kind), into_(into) {}

  void compare(const Node* before, const Node* after, const std::string& path) {
    if (before == nullptr || after == nullptr) {
      if (before != after) add(path, before, after);
      return;
    }
    if (before->kind == Kind::map && after->kind == Kind::map) return maps(*before, *after, path);
    if (before->kind == Kind::list && after->kind == Kind::list) return lists(*before, *after, path);
    if (before->is_collection() || after->is_collection() || !same_scalar(*before, *after, path))
      add(path, before, after);
  }

 private:
  void add(const std::string& path, const Node* before, const Node* after) {
    const bool texts = before != nullptr && after != nullptr && before->kind == Kind::string &&
                       after->kind == Kind::string && before->text().find('\n') != std::string_view::npos;
    auto [a, b] =
        texts ? first_difference(before->text(), after->text()) : std::pair(shown(before), shown(after));
    into_.push_back({path, std::move(a), std::move(b), effect_of(kind_, path)});
  }

  static std::string key_of(const std::string& path, std::string_view key) {
    const bool plain = key.find_first_of(".[]/ ") == std::string_view::npos;
    if (!plain) return fmt::format("{}[{}]", path, key);
    return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
  }

  void maps(const Node& before, const Node& after, const std::string& path) {
    for (const Node* c = before.child(); c != nullptr; c = c->next)
      compare(c, after.find(c->key()), key_of(path, c->key()));
    for (const Node* c = after.child(); c != nullptr; c = c->next)
      if (before.find(c->key()) == nullptr) compare(nullptr, c, key_of(path, c->key()));
  }

  void lists(const Node& before, const Node& after, const std::string& path) {
    const std::string_view key = merge_key(before);
    if (!key.empty() && key == merge_key(after)) {
      for (const Node* c = before.child(); c != nullptr; c = c->next) {
        const std::string name = scalar_text(*c->find(key));
        compare(c, element(after, key, name), fmt::format("{}[{}]", path, name));
      }
      for (const Node* c = after.child(); c != nullptr; c = c->next) {
        const std::string name = scalar_text(*c->find(key));
        if (element(before, key, name) == nullptr) compare(nullptr, c, fmt::format("{}[{}]", path, name));
      }
      return;
    }
    // What came or went in the middle is that, and not a change of everything behind it.
    const std::vector<const Node*> was = elements(before), is = elements(after);
    std::size_t same = 0, from_end = 0;
    const std::size_t shorter = std::min(was.size(), is.size());
    while (same < shorter && equal(*was[same], *is[same])) ++same;
    while (from_end < shorter - same && equal(*was[was.size() - 1 - from_end], *is[is.size() - 1 - from_end]))
      ++from_end;
    const auto at = [&](const std::vector<const Node*>& list, std::size_t index) {
      return index < list.size() - from_end ? list[index] : nullptr;
    };
    for (std::size_t k = same; k < std::max(was.size(), is.size()) - from_end; ++k)
      compare(at(was, k), at(is, k), fmt::format("{}[{}]", path, k));
  }

  static std::vector<const Node*> elements(const Node& list) {
    std::vector<const Node*> out;
    for (const Node* c = list.child(); c != nullptr; c = c->next) out.push_back(c);
    return out;
  }

  static bool equal(const Node& a, const Node& b) { return a.kind == b.kind && flat(a) == flat(b); }

  std::string_view kind_;
  std::vector<Difference>& into_;
};

const Node* from_json(const nlohmann::ordered_json& j, document::Arena& arena) {
  if (j.is_object()) {
    document::Map m = arena.map();
    for (const auto& [key, value] : j.items()) m.set(key, const_cast<Node*>(from_json(value, arena)));
    return m.node();
  }
  if (j.is_array()) {
    document::List l = arena.list();
    for (const auto& value : j) l.add(const_cast<Node*>(from_json(value, arena)));
    return l.node();
  }
  if (j.is_string()) return arena.node(j.get<std::string>());
  if (j.is_boolean()) return arena.node(j.get<bool>());
  if (j.is_number_integer()) return arena.node(j.get<std::int64_t>());
  if (j.is_null()) return arena.node(nullptr);
  return arena.node(document::plain(j.dump()));
}

std::optional<std::vector<const Node*>> read(std::string_view path, std::string_view text,
                                             document::Arena& arena) {
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return read_yaml(text, arena);
  if (!path.ends_with(".json")) return std::nullopt;
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return std::vector<const Node*>{from_json(json, arena)};
}

std::string_view kind_of(std::string_view path, const Node& document) {
  if (path.starts_with("talos/")) return "talos";
  if (path == "plan.json") return "plan";
  const Node* kind = document.find("kind");
  return kind != nullptr && kind->kind == Kind::string ? kind->text() : std::string_view();
}

ChangedFile compare(std::string_view path, std::string_view before, std::string_view after) {
  ChangedFile out;
  out.path = path;
  document::Arena arena;
  const auto a = read(path, before, arena), b = read(path, after, arena);
  if (!a || !b) {
    out.differences.push_back(
        {"", fmt::format("{} bytes", before.size()), fmt::format("{} bytes", after.size()), Effect::reload});
  } else {
    for (std::size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
      const Node *x = i < a->size() ? (*a)[i] : nullptr, *y = i < b->size() ? (*b)[i] : nullptr;
      Comparer(kind_of(path, y != nullptr ? *y : *x), out.differences).compare(x, y, "");
    }
  }
  for (const Difference& d : out.differences) out.effect = std::max(out.effect, d.effect);
  return out;
}

bool is_record(std::string_view path) {
  return path == "build.json" || path == "sourcemap.json";
}

}  // namespace

DiffResult diff(const Built& built, const std::string& out, const source::FileSystem& files) {
  DiffResult result;
  const auto outputs = built.outputs();
  const emit::TreeResult tree = emit::compare_tree(out, outputs);
  result.error = tree.error;
  for (const std::string& path : tree.added)
    if (!is_record(path)) result.files.push_back({path, '+', {}, Effect::nothing});
  for (const std::string& path : tree.removed)
    if (!is_record(path)) result.files.push_back({path, '-', {}, Effect::nothing});
  for (const std::string& path : tree.changed) {
    std::string before;
    if (is_record(path)) continue;
    if (const source::IoStatus status = files.read(out + "/" + path, before); !status.ok()) {
      result.error = fmt::format("cannot read {}/{}: {}", out, path, status.error);
      return result;
    }
    const emit::File* file = built.rendered.find(path);
    result.files.push_back(compare(path, before, built.rendered.text(*file)));
  }
  std::ranges::sort(result.files, {}, &ChangedFile::path);
  return result;
}

std::string render_diff(const DiffResult& result, bool colour) {
  std::string out;
  const auto to = std::back_inserter(out);
  const auto paint = [&](char mark, const std::string& text) {
    if (!colour) return text;
    return fmt::format("\x1b[{}m{}\x1b[0m", mark == '+' ? 32 : mark == '-' ? 31 : 33, text);
  };
  for (const ChangedFile& f : result.files) {
    const char* what = f.mark == '+' ? "created" : f.mark == '-' ? "deleted" : nullptr;
    out += paint(f.mark, fmt::format("{} {}", f.mark, f.path));
    if (what != nullptr)
      fmt::format_to(to, "  ({})\n", what);
    else if (f.differences.empty())
      out += "  (written differently, the same in meaning)\n";
    else
      fmt::format_to(to, "  ({})\n", spelled(f.effect));
    for (const Difference& d : f.differences) {
      const char mark = d.before.empty() ? '+' : d.after.empty() ? '-' : '~';
      const std::string values = mark == '+'   ? d.after
                                 : mark == '-' ? d.before
                                               : fmt::format("{} → {}", d.before, d.after);
      fmt::format_to(to, "    {}  ({})\n",
                     paint(mark, fmt::format("{} {}{}{}", mark, d.path, d.path.empty() ? "" : ": ", values)),
                     spelled(d.effect));
    }
  }
  return out;
}

}  // namespace lab::session
