#include "runtime/plan/reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::plan {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_id(std::string_view text) {
  if (text.empty() || !(is_word(text.front()) || text.front() == '@' || text.front() == '*')) return false;
  return std::ranges::all_of(text, [](char c) {
    return is_word(c) || std::string_view("._/@*:-").find(c) != std::string_view::npos;
  });
}

bool is_path(std::string_view text) {
  if (text.empty() || text.front() == '/') return false;
  while (true) {
    const std::size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (part.find('\0') != std::string_view::npos || part.find('\\') != std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string_view describe(Form form) {
  switch (form) {
    case Form::any:
      return "a text that is not empty";
    case Form::free:
      return "a text";
    case Form::id:
      return "a name of letters, digits and . _ / @ * : -";
    case Form::path:
      return "a relative path without `.` and `..`";
    case Form::sha256:
      return "64 lower-case hexadecimal digits";
  }
  return {};
}

}  // namespace

bool is_of(Form form, std::string_view text) {
  switch (form) {
    case Form::any:
      return !text.empty();
    case Form::free:
      return true;
    case Form::id:
      return is_id(text);
    case Form::path:
      return is_path(text);
    case Form::sha256:
      return is_sha256(text);
  }
  return false;
}

bool Reader::object(const Json& json, const std::string& at, std::initializer_list<std::string_view> fields,
                    std::initializer_list<std::string_view> optional_fields) {
  if (!json.is_object()) {
    report(at, fmt::format("is {}, not an object", json.type_name()));
    return false;
  }
  bool good = true;
  for (const auto& [name, unused] : json.items()) {
    if (std::ranges::find(fields, name) != fields.end()) continue;
    if (std::ranges::find(optional_fields, name) != optional_fields.end()) continue;
    report(at, fmt::format("unknown field `{}`; there may be {}{}{}", name, fmt::join(fields, ", "),
                           optional_fields.size() != 0 ? ", " : "", fmt::join(optional_fields, ", ")));
    good = false;
  }
  for (const std::string_view name : fields) {
    if (json.contains(name)) continue;
    report(at, fmt::format("the field `{}` is missing", name));
    good = false;
  }
  return good;
}

const Json& Reader::value(const Json& json, std::string_view name) {
  static const Json null;
  const auto at = json.find(name);
  return at == json.end() ? null : *at;
}

const Json& Reader::list(const Json& json, const std::string& at, std::string_view name) {
  static const Json empty = Json::array();
  const Json& found = value(json, name);
  if (found.is_array()) return found;
  if (json.contains(name))
    report(fmt::format("{}/{}", at, name), fmt::format("is {}, not a list", found.type_name()));
  return empty;
}

void Reader::check_form(Form form, std::string_view text, std::string at) {
  if (!is_of(form, text))
    report(std::move(at), fmt::format("{} is not {}", Json(text).dump(), describe(form)));
}

std::string Reader::text(const Json& json, const std::string& at, std::string_view name, Form form) {
  const Json& found = value(json, name);
  if (!found.is_string()) {
    if (json.contains(name))
      report(fmt::format("{}/{}", at, name), fmt::format("is {}, not {}", found.type_name(), describe(form)));
    return {};
  }
  std::string out = found.get<std::string>();
  check_form(form, out, fmt::format("{}/{}", at, name));
  return out;
}

unsigned Reader::number(const Json& json, const std::string& at, std::string_view name, unsigned low,
                        unsigned high) {
  const Json& found = value(json, name);
  if (found.is_number_integer()) {
    const bool fits =
        found.is_number_unsigned() && found.get<std::uint64_t>() >= low && found.get<std::uint64_t>() <= high;
    if (fits) return found.get<unsigned>();
  }
  if (json.contains(name))
    report(fmt::format("{}/{}", at, name),
           fmt::format("`{}` is not a number from {} to {}", found.dump(), low, high));
  return low;
}

bool Reader::boolean(const Json& json, const std::string& at, std::string_view name) {
  const Json& found = value(json, name);
  if (found.is_boolean()) return found.get<bool>();
  if (json.contains(name))
    report(fmt::format("{}/{}", at, name), fmt::format("is {}, not true or false", found.type_name()));
  return false;
}

std::vector<std::string> Reader::texts(const Json& json, const std::string& at, std::string_view name,
                                       Form form) {
  std::vector<std::string> out;
  for (const Json& item : list(json, at, name)) {
    const std::string here = fmt::format("{}/{}/{}", at, name, out.size());
    if (!item.is_string()) {
      report(here, fmt::format("is {}, not {}", item.type_name(), describe(form)));
      continue;
    }
    out.push_back(item.get<std::string>());
    check_form(form, out.back(), here);
    if (std::ranges::find(out.begin(), out.end() - 1, out.back()) != out.end() - 1)
      report(here, fmt::format("`{}` stands here twice", out.back()));
  }
  return out;
}

std::size_t Reader::word(const Json& json, const std::string& at, std::string_view name,
                         std::initializer_list<std::string_view> words) {
  const Json& found = value(json, name);
  if (found.is_string()) {
    const auto place = std::ranges::find(words, found.get_ref<const std::string&>());
    if (place != words.end()) return static_cast<std::size_t>(place - words.begin());
  }
  if (json.contains(name))
    report(fmt::format("{}/{}", at, name),
           fmt::format("{} is none of {}", found.dump(), fmt::join(words, ", ")));
  return 0;
}

}  // namespace lab::plan
