#include "compiler/lsp/convert.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lab::lsp {

namespace {

/// The value at a path of keys; null where something on the way is missing.
const Json& at(const Json& json, std::initializer_list<const char*> path) {
  static const Json none;
  const Json* here = &json;
  for (const char* key : path) {
    if (!here->is_object()) return none;
    const auto found = here->find(key);
    if (found == here->end()) return none;
    here = &*found;
  }
  return *here;
}

bool yes(const Json& json, std::initializer_list<const char*> path) {
  const Json& v = at(json, path);
  return v.is_boolean() && v.get<bool>();
}

}  // namespace

Client client_of(const Json& c) {
  Client out;
  // UTF-16 unless UTF-8 is offered (LSP 3.17, "PositionEncodingKind").
  if (const Json& offered = at(c, {"general", "positionEncodings"}); offered.is_array())
    for (const Json& e : offered)
      if (e == "utf-8") out.encoding = source::Encoding::utf8;
  out.related_information = yes(c, {"textDocument", "publishDiagnostics", "relatedInformation"});
  out.code_description = yes(c, {"textDocument", "publishDiagnostics", "codeDescriptionSupport"});
  out.version_in_diagnostics = yes(c, {"textDocument", "publishDiagnostics", "versionSupport"});
  out.tags = at(c, {"textDocument", "publishDiagnostics", "tagSupport"}).is_object();
  out.document_changes = yes(c, {"workspace", "workspaceEdit", "documentChanges"});
  out.hierarchical_symbols = yes(c, {"textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport"});
  out.snippets = yes(c, {"textDocument", "completion", "completionItem", "snippetSupport"});
  out.prepare_rename = yes(c, {"textDocument", "rename", "prepareSupport"});
  out.pull_diagnostics = at(c, {"textDocument", "diagnostic"}).is_object();
  out.refresh_diagnostics = yes(c, {"workspace", "diagnostics", "refreshSupport"});
  out.refresh_tokens = yes(c, {"workspace", "semanticTokens", "refreshSupport"});
  out.refresh_hints = yes(c, {"workspace", "inlayHint", "refreshSupport"});
  out.watched_files = yes(c, {"workspace", "didChangeWatchedFiles", "dynamicRegistration"});
  out.progress = yes(c, {"window", "workDoneProgress"});
  out.literal_actions = at(c, {"textDocument", "codeAction", "codeActionLiteralSupport"}).is_object();
  if (const Json& formats = at(c, {"textDocument", "hover", "contentFormat"}); formats.is_array())
    out.markdown = std::ranges::find(formats, Json("markdown")) != formats.end();
  return out;
}

Json position_json(source::Position p) {
  return {{"line", p.line}, {"character", p.character}};
}

Json range_json(const source::LineIndex& lines, std::uint32_t begin, std::uint32_t end,
                source::Encoding encoding) {
  return {{"start", position_json(lines.position(begin, encoding))},
          {"end", position_json(lines.position(end, encoding))}};
}

source::Position position_of(const Json& json) {
  return {json.at("line").get<std::uint32_t>(), json.at("character").get<std::uint32_t>()};
}

void apply_changes(std::string& text, const Json& changes, source::Encoding encoding) {
  for (const Json& change : changes) {
    const std::string& added = change.at("text").get_ref<const std::string&>();
    if (!change.contains("range")) {
      text = added;
      continue;
    }
    const source::LineIndex lines(text);
    const std::uint32_t begin = lines.offset(position_of(change.at("range").at("start")), encoding);
    const std::uint32_t end = lines.offset(position_of(change.at("range").at("end")), encoding);
    text.replace(begin, end < begin ? 0 : end - begin, added);
  }
}

}  // namespace lab::lsp
