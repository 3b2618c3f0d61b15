// `labc fmt` of one text.
#pragma once
#include <optional>
#include <string>

#include "compiler/diagnostics/sink.h"
#include "compiler/source/sources.h"

namespace lab::session {

struct Formatted {
  std::optional<std::string> text;  // nothing when the text has errors; they stand in `sink`
  source::Sources sources;
  diagnostics::Sink sink;
};

void format_file(const std::string& path, std::string text, Formatted& into);

}  // namespace lab::session
