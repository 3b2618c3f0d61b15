// Reading parts of a plan, and noting every reason against it. Private to runtime/plan.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/plan.h"

namespace lab::plan {

/// Forms of texts.
enum class Form : std::uint8_t {
  any,     // not empty
  free,    // also empty
  id,      // of a step: letters, digits and . _ / @ * : -, beginning with a letter, digit, @ or *
  path,    // relative, `/` between parts, none of them `.` or `..`
  sha256,  // 64 lower-case hexadecimal digits
};

[[nodiscard]] bool is_of(Form form, std::string_view text);

class Reader {
 public:
  explicit Reader(std::vector<Problem>& problems) : problems_(problems) {}

  void report(std::string at, std::string message) {
    problems_.push_back({std::move(at), std::move(message)});
  }
  /// Whether `json` is an object with all of `fields` and nothing else; reports what is not so.
  bool object(const Json& json, const std::string& at, std::initializer_list<std::string_view> fields,
              std::initializer_list<std::string_view> optional_fields = {});
  /// The list under `name`; an empty one, with a report, when it is something else.
  const Json& list(const Json& json, const std::string& at, std::string_view name);
  std::string text(const Json& json, const std::string& at, std::string_view name, Form form = Form::any);
  unsigned number(const Json& json, const std::string& at, std::string_view name, unsigned low,
                  unsigned high);
  bool boolean(const Json& json, const std::string& at, std::string_view name);
  std::vector<std::string> texts(const Json& json, const std::string& at, std::string_view name, Form form);
  /// The place of a word in `words`; 0, with a report, when it is none.
  std::size_t word(const Json& json, const std::string& at, std::string_view name,
                   std::initializer_list<std::string_view> words);

 private:
  /// The value under `name`; null when it is absent, which `object` has reported.
  static const Json& value(const Json& json, std::string_view name);
  void check_form(Form form, std::string_view text, std::string at);
  std::vector<Problem>& problems_;
};

/// Reports what speaks against a plan whose parts each have the right form, and fills in kinds and indices.
void check(Plan& plan, const std::vector<std::string>& kind_names, Reader& reader);

}  // namespace lab::plan
