#include <nlohmann/json.hpp>

#include "compiler/diagnostics/render.h"
#include "compiler/diagnostics/spelling.h"

namespace lab::diagnostics {
namespace {

using Json = nlohmann::ordered_json;

Json position(source::Position p) {
  return {{"line", p.line}, {"character", p.character}};
}

/// `file` and `range` of a place; both null when there is none.
Json place(source::Span span, const source::Sources& sources) {
  if (!span.valid()) return {{"file", nullptr}, {"range", nullptr}};
  const source::LineIndex& lines = sources.lines(span.file);
  return {{"file", sources.path(span.file)},
          {"range",
           {{"start", position(lines.position(span.begin, source::Encoding::utf16))},
            {"end", position(lines.position(span.end, source::Encoding::utf16))}}}};
}

Json place_with(source::Span span, const source::Sources& sources, const char* key, const std::string& text) {
  Json object = place(span, sources);
  object[key] = text;
  return object;
}

}  // namespace

std::string render_json(const Diagnostic& d, const source::Sources& sources) {
  Json object = {{"code", spelled(d.code)}, {"severity", name(d.severity)}, {"message", d.message}};
  object.update(place_with(d.primary, sources, "label", d.label));
  Json& labels = object["labels"] = Json::array();
  for (const Label& label : d.labels)
    labels.push_back(place_with(label.span, sources, "message", label.text));
  object["notes"] = d.notes;
  Json& fixes = object["fixes"] = Json::array();
  for (const Fix& fix : d.fixes) {
    Json edits = Json::array();
    for (const Edit& edit : fix.edits) edits.push_back(place_with(edit.span, sources, "text", edit.text));
    fixes.push_back({{"title", fix.title}, {"applicability", spelled(fix.applicability)}, {"edits", edits}});
  }
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lab::diagnostics
