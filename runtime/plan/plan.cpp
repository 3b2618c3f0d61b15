#include "runtime/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lab::plan {

namespace {

template <class T, class Key>
const T* find(const std::vector<T>& all, std::string_view key, Key T::*member) {
  const auto at = std::ranges::find(all, key, member);
  return at == all.end() ? nullptr : &*at;
}

struct RefWord {
  std::string_view word;
  RefKind kind;
};

constexpr std::array ref_words = {RefWord{"$secret", RefKind::secret},
                                  RefWord{"$artifact", RefKind::artifact}, RefWord{"$sops", RefKind::sops},
                                  RefWord{"$output", RefKind::output}};

}  // namespace

OnChange Step::change(std::string_view field) const {
  OnChange found = OnChange::refuse;
  std::size_t longest = 0;
  for (const auto& [name, action] : on_change) {
    const bool covers = field.starts_with(name) && (field.size() == name.size() || field[name.size()] == '.');
    if (!covers || name.size() < longest) continue;
    longest = name.size();
    found = action;
  }
  return found;
}

const Step* Plan::find_step(std::string_view step) const {
  return find(steps, step, &Step::id);
}

const Artifact* Plan::find_artifact(std::string_view path) const {
  return find(artifacts, path, &Artifact::path);
}

const Secret* Plan::find_secret(std::string_view ref) const {
  return find(secrets, ref, &Secret::ref);
}

const Pool* Plan::find_pool(std::string_view name) const {
  return find(pools, name, &Pool::name);
}

std::optional<Reference> as_reference(const Json& value) {
  if (!value.is_object() || value.size() != 1 || !value.begin()->is_string()) return std::nullopt;
  const auto word = std::ranges::find(ref_words, value.begin().key(), &RefWord::word);
  if (word == ref_words.end()) return std::nullopt;
  Reference out{word->kind, value.begin()->get<std::string>(), {}};
  if (out.kind == RefKind::output) {
    const std::size_t dot = out.target.rfind('.');
    if (dot == std::string::npos) return std::nullopt;
    out.output = out.target.substr(dot + 1);
    out.target.resize(dot);
  }
  return out;
}

std::string render(const std::vector<Problem>& problems, std::string_view file) {
  std::string out;
  for (const Problem& problem : problems) {
    if (problem.at.empty())
      out += fmt::format("{}: {}\n", file, problem.message);
    else
      out += fmt::format("{}: {}: {}\n", file, problem.at, problem.message);
  }
  return out;
}

}  // namespace lab::plan
