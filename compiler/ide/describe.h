// Declarations and values in words, as hover and completion show them (Markdown).
#pragma once
#include <optional>
#include <string>

#include "compiler/ide/analysis.h"

namespace lab::ide {

struct Hover {
  std::string markdown;
  Span span;  // what it is about
};

/// What stands at an offset: type, default, documentation, value. Nothing on white space and in comments.
[[nodiscard]] std::optional<Hover> hover(const Analysis& analysis, FileId file, std::uint32_t offset);

/// The declaration as one line of Lab: `memory: size = 4GiB`, `app sonarr in media`, `let int = …`.
[[nodiscard]] std::string signature(const Analysis& analysis, NodeRef declaration);
/// Documentation of a declaration; of a resource without one that of its kind.
[[nodiscard]] std::string documentation(const Analysis& analysis, NodeRef declaration);
/// A block of a resource as the value of its first field, where it stands for that: `nic k8s = .51`.
[[nodiscard]] eval::Value principal(const Analysis& analysis, eval::Value value);
/// A value on one line, cut where it is long.
[[nodiscard]] std::string shown(const Analysis& analysis, const eval::Value& value, std::size_t width = 120);

}  // namespace lab::ide
