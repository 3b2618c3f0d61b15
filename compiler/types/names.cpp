// Host names and Kubernetes' names.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "compiler/types/digits.h"
#include "compiler/types/text.h"

namespace lab::types {
namespace {

bool is_label_char(char c) {
  return is_lower(c) || is_digit(c) || c == '-';
}

/// Why `text` is not a DNS label; null when it is one.
const char* label_fault(std::string_view text) {
  if (text.empty()) return "it has an empty part";
  if (text.size() > 63) return "it has a part longer than 63 characters";
  if (!std::all_of(text.begin(), text.end(), [](char c) { return is_label_char(c); }))
    return "it may hold lower-case letters, digits and `-` only";
  if (text.front() == '-' || text.back() == '-') return "`-` may not begin or end it";
  return nullptr;
}

/// The nearest text of label characters (and those in `also`): lower case, other marks as `-`.
std::string tidy(std::string_view text, std::string_view also) {
  std::string out;
  for (const char c : text) {
    const char l = lower(c);
    const bool keep = is_label_char(l) || also.find(l) != std::string_view::npos;
    if (keep)
      out += l;
    else if (c == '_' || c == ' ' || c == '.')
      out += '-';
    else
      return {};
  }
  while (!out.empty() && !is_alnum(out.back())) out.pop_back();
  out.erase(0, std::min(out.find_first_not_of("-."), out.size()));
  return out;
}

/// The problem of `text`, offering `guess` when it passes the same check.
template <class F>
Problem refuse(std::string_view text, std::string_view what, std::string_view why, std::string guess,
               F check) {
  const bool right = !guess.empty() && guess != text && !check(guess);
  return {fmt::format("`{}` is not {}: {}", text, what, why), right ? std::move(guess) : std::string()};
}

const char* subdomain_fault(std::string_view text) {
  if (text.size() > 253) return "it is longer than 253 characters";
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    if (const char* fault = label_fault(text.substr(at, end - at))) return fault;
    at = end + 1;
  }
  return nullptr;
}

const char* hostname_fault(std::string_view text, bool wildcard) {
  if (wildcard && text == "*") return nullptr;
  if (text.starts_with("*.")) {
    if (!wildcard) return "a wildcard is not allowed here";
    text.remove_prefix(2);
  }
  if (const char* fault = subdomain_fault(text)) return fault;
  const std::size_t dot = text.rfind('.');
  const std::string_view last = text.substr(dot + 1);
  if (dot != std::string_view::npos && std::all_of(last.begin(), last.end(), is_digit))
    return "its last part is a number, as in an address";
  return nullptr;
}

/// The part of a label key behind its prefix, and a label's value: [A-Za-z0-9] at both ends, `-_.` between.
const char* qualified_fault(std::string_view text) {
  if (text.size() > 63) return "it is longer than 63 characters";
  const auto allowed = [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; };
  if (!std::all_of(text.begin(), text.end(), allowed))
    return "it may hold letters, digits, `-`, `_` and `.` only";
  if (!text.empty() && (!is_alnum(text.front()) || !is_alnum(text.back())))
    return "it begins and ends with a letter or digit";
  return nullptr;
}

const char* port_name_fault(std::string_view text) {
  if (text.size() > 15) return "it is longer than 15 characters";
  if (const char* fault = label_fault(text)) return fault;
  if (std::none_of(text.begin(), text.end(), is_lower)) return "it has no letter";
  if (text.find("--") != std::string_view::npos) return "it has two `-` in a row";
  return nullptr;
}

const char* env_fault(std::string_view text) {
  const auto allowed = [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; };
  if (text.empty()) return "it is empty";
  if (!std::all_of(text.begin(), text.end(), allowed))
    return "it may hold letters, digits, `_`, `-` and `.` only";
  if (is_digit(text.front())) return "it begins with a digit";
  if (text == "." || text.starts_with("..")) return "it begins like a folder";
  return nullptr;
}

}  // namespace

Check check_hostname(std::string_view text, bool wildcard) {
  const char* fault = hostname_fault(text, wildcard);
  if (fault == nullptr) return std::nullopt;
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
  if (!ascii) fault = "letters beyond ASCII are written in their `xn--` form";
  return refuse(text, "a host name", fault, tidy(text, ".*"),
                [wildcard](std::string_view t) { return hostname_fault(t, wildcard); });
}

Check check_dns_label(std::string_view text) {
  const char* fault = text.empty() ? "it is empty" : label_fault(text);
  if (fault == nullptr) return std::nullopt;
  return refuse(text, "a DNS label", fault, tidy(text, ""), label_fault);
}

Check check_dns_subdomain(std::string_view text) {
  const char* fault = text.empty() ? "it is empty" : subdomain_fault(text);
  if (fault == nullptr) return std::nullopt;
  return refuse(text, "a DNS name", fault, tidy(text, "."), subdomain_fault);
}

Check check_label_key(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  const char* fault = name.empty() ? "its name is empty" : qualified_fault(name);
  if (fault == nullptr && slash != std::string_view::npos) fault = subdomain_fault(text.substr(0, slash));
  if (fault == nullptr) return std::nullopt;
  return Problem{fmt::format("`{}` is not a label key: {}", text, fault), {}};
}

Check check_label_value(std::string_view text) {
  const char* fault = qualified_fault(text);
  if (fault == nullptr) return std::nullopt;
  return Problem{fmt::format("`{}` is not a label value: {}", text, fault), {}};
}

Check check_port_name(std::string_view text) {
  const char* fault = text.empty() ? "it is empty" : port_name_fault(text);
  if (fault == nullptr) return std::nullopt;
  return refuse(text, "a port name", fault, tidy(text, ""), port_name_fault);
}

Check check_env_name(std::string_view text) {
  const char* fault = env_fault(text);
  if (fault == nullptr) return std::nullopt;
  return Problem{fmt::format("`{}` is not the name of an environment variable: {}", text, fault), {}};
}

}  // namespace lab::types
