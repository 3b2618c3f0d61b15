#include "runtime/plan/step_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::plan {

namespace {

using OnReference = std::function<void(const Reference&, const std::string& at)>;

class FieldChecker {
 public:
  FieldChecker(Reader& reader, const OnReference& on_reference) : r_(reader), on_reference_(on_reference) {}

  void object(const Json& object, const std::string& at, std::span<const Field> fields) {
    if (!object.is_object()) return expected(object, at, "an object");
    for (const auto& [name, value] : object.items()) {
      const std::string here = at + "/" + name;
      if (const Field* field = find_field(fields, name))
        one(value, here, *field);
      else
        r_.report(at, fmt::format("unknown field `{}`", name));
    }
    for (const Field& field : fields) {
      if (field.required && !object.contains(field.name))
        r_.report(at, fmt::format("the field `{}` is missing", field.name));
    }
  }

 private:
  void one(const Json& value, const std::string& at, const Field& field) {
    switch (field.shape) {
      case Shape::text:
        return text(value, at, field);
      case Shape::integer:
        if (!value.is_number_integer()) expected(value, at, "an integer");
        return;
      case Shape::boolean:
        if (!value.is_boolean()) expected(value, at, "true or false");
        return;
      case Shape::texts:
        return each(value, at, [&](const Json& v, const std::string& here) { text(v, here, field); });
      case Shape::integers:
        return each(value, at, [&](const Json& v, const std::string& here) {
          if (!v.is_number_integer()) expected(v, here, "an integer");
        });
      case Shape::map:
        if (!value.is_object()) return expected(value, at, "an object");
        return any(value, at);
      case Shape::record:
        return object(value, at, field.fields);
      case Shape::records:
        return each(value, at,
                    [&](const Json& v, const std::string& here) { object(v, here, field.fields); });
      case Shape::reference:
        return reference(value, at);
      case Shape::references:
        return each(value, at, [&](const Json& v, const std::string& here) { reference(v, here); });
    }
  }

  template <class Check>
  void each(const Json& value, const std::string& at, Check check_one) {
    if (!value.is_array()) return expected(value, at, "a list");
    std::size_t i = 0;
    for (const Json& item : value) check_one(item, fmt::format("{}/{}", at, i++));
  }

  void text(const Json& value, const std::string& at, const Field& field) {
    if (!value.is_string()) return reference(value, at);
    const auto& word = value.get_ref<const std::string&>();
    if (!field.choices.empty() && std::ranges::find(field.choices, word) == field.choices.end())
      r_.report(at, fmt::format("{} is none of {}", value.dump(), fmt::join(field.choices, ", ")));
  }

  void reference(const Json& value, const std::string& at) {
    if (const std::optional<Reference> found = as_reference(value)) return on_reference_(*found, at);
    expected(value, at, "a reference ($secret, $artifact, $sops or $output)");
  }

  /// Free data: every reference in it counts, and nothing else in it may look like one.
  void any(const Json& value, const std::string& at) {
    if (const std::optional<Reference> found = as_reference(value)) return on_reference_(*found, at);
    if (value.is_null()) return expected(value, at, "a value");
    if (value.is_array())
      return each(value, at, [&](const Json& v, const std::string& here) { any(v, here); });
    if (!value.is_object()) return;
    for (const auto& [name, item] : value.items()) {
      if (name.starts_with('$')) r_.report(at, fmt::format("`{}` is no reference", name));
      any(item, at + "/" + name);
    }
  }

  void expected(const Json& value, const std::string& at, std::string_view what) {
    r_.report(at, fmt::format("is {}, not {}", value.type_name(), what));
  }

  Reader& r_;
  const OnReference& on_reference_;
};

}  // namespace

void check_fields(const Json& object, const std::string& at, std::span<const Field> fields, Reader& reader,
                  const OnReference& on_reference) {
  FieldChecker(reader, on_reference).object(object, at, fields);
}

}  // namespace lab::plan
