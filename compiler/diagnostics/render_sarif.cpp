// SARIF 2.1.0 (OASIS, errata 01). Severities map to levels: error, warning, and note for hints.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/diagnostics/pages.h"
#include "compiler/diagnostics/render.h"

namespace lab::diagnostics {
namespace {

using Json = nlohmann::ordered_json;
using source::Span;

const char* level(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::hint:
      break;
  }
  return "note";
}

/// A path as the relative URI reference that SARIF wants (RFC 3986 §2.1, §3.3).
std::string uri(std::string_view path) {
  constexpr std::string_view unreserved = "-._~/!$&'()*+,;=@";
  std::string text;
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || unreserved.find(c) != std::string_view::npos) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

Json region(Span span, const source::Sources& sources) {
  const source::LineIndex& lines = sources.lines(span.file);
  const source::Position begin = lines.position(span.begin, source::Encoding::utf16);
  const source::Position end = lines.position(span.end, source::Encoding::utf16);
  return {{"startLine", begin.line + 1},
          {"startColumn", begin.character + 1},
          {"endLine", end.line + 1},
          {"endColumn", end.character + 1}};
}

Json artifact(Span span, const source::Sources& sources) {
  return {{"uri", uri(sources.path(span.file))}};
}

Json location(Span span, const std::string& text, const source::Sources& sources) {
  Json where = {{"physicalLocation",
                 {{"artifactLocation", artifact(span, sources)}, {"region", region(span, sources)}}}};
  if (!text.empty()) where["message"] = {{"text", text}};
  return where;
}

/// FNV-1a: the same on every machine and in every version.
std::uint64_t hash(std::uint64_t h, std::string_view text) {
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return h;
}

/// The text around a place without white space, so that neither moving nor formatting it changes it.
std::string surrounding(Span span, const source::Sources& sources) {
  constexpr std::uint32_t most = 200;
  const source::LineIndex& lines = sources.lines(span.file);
  const std::uint32_t line = lines.position(span.begin, source::Encoding::utf8).line;
  const std::uint32_t start = std::max(lines.line_start(line), span.begin - std::min(span.begin, most));
  const auto stop = std::min(lines.line_start(line) + static_cast<std::uint32_t>(lines.line(line).size()),
                             span.begin + most);
  std::string text(sources.slice({span.file, start, stop}));
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return text;
}

Json rule(const CodeInfo& code) {
  Json text = {{"text", std::string(code.title)}};
  Json help = {{"text", "labc explain " + spelled(code.code)}};
  if (const std::string_view page = explanation(code.code); !page.empty()) help["markdown"] = page;
  return {{"id", spelled(code.code)},
          {"name", code.name},
          {"shortDescription", text},
          {"help", help},
          {"defaultConfiguration", {{"level", level(code.severity)}}}};
}

/// Notes and advice in words have no field of their own in SARIF.
std::string whole_message(const Diagnostic& d) {
  std::string text = d.message;
  for (const std::string& note : d.notes) text += "\nnote: " + note;
  for (const Fix& fix : d.fixes) {
    if (fix.edits.empty()) text += "\nhelp: " + fix.title;
  }
  return text;
}

Json fix_object(const Fix& fix, const source::Sources& sources) {
  Json changes = Json::array();
  std::vector<source::FileId> files;
  for (const Edit& edit : fix.edits) {
    if (!edit.span.valid()) continue;
    auto found = std::ranges::find(files, edit.span.file);
    const auto at = static_cast<std::size_t>(found - files.begin());
    if (found == files.end()) {
      files.push_back(edit.span.file);
      changes.push_back(
          {{"artifactLocation", artifact(edit.span, sources)}, {"replacements", Json::array()}});
    }
    Json replacement = {{"deletedRegion", region(edit.span, sources)}};
    if (!edit.text.empty()) replacement["insertedContent"] = {{"text", edit.text}};
    changes[at]["replacements"].push_back(std::move(replacement));
  }
  return {{"description", {{"text", fix.title}}}, {"artifactChanges", std::move(changes)}};
}

Json result(const Diagnostic& d, std::size_t rule_index, const source::Sources& sources) {
  Json object = {{"ruleId", spelled(d.code)},
                 {"ruleIndex", rule_index},
                 {"level", level(d.severity)},
                 {"message", {{"text", whole_message(d)}}}};
  if (d.primary.valid()) object["locations"] = Json::array({location(d.primary, d.label, sources)});
  Json related = Json::array();
  for (const Label& label : d.labels) {
    if (!label.span.valid()) continue;
    Json where = {{"id", related.size() + 1}};
    where.update(location(label.span, label.text, sources));
    related.push_back(std::move(where));
  }
  if (!related.empty()) object["relatedLocations"] = std::move(related);
  Json fixes = Json::array();
  for (const Fix& fix : d.fixes) {
    Json made = fix_object(fix, sources);
    if (!made["artifactChanges"].empty()) fixes.push_back(std::move(made));
  }
  if (!fixes.empty()) object["fixes"] = std::move(fixes);
  return object;
}

std::uint64_t fingerprint(const Diagnostic& d, const source::Sources& sources) {
  std::uint64_t h = hash(14695981039346656037ULL, spelled(d.code));
  if (!d.primary.valid()) return hash(h, d.message);
  return hash(hash(h, sources.path(d.primary.file)), surrounding(d.primary, sources));
}

}  // namespace

std::string render_sarif(std::span<const Diagnostic> all, const source::Sources& sources) {
  std::map<std::uint16_t, std::size_t> rule_of;  // number of a code to its place among the rules
  for (const Diagnostic& d : all) rule_of[info(d.code).number] = 0;
  Json rules = Json::array();
  for (auto& [number, index] : rule_of) {
    const auto same = [number = number](const CodeInfo& code) { return code.number == number; };
    index = rules.size();
    rules.push_back(rule(*std::ranges::find_if(all_codes(), same)));
  }
  Json results = Json::array();
  std::map<std::uint64_t, unsigned> seen;  // equal places are told apart by their order
  for (const Diagnostic& d : all) {
    Json object = result(d, rule_of[info(d.code).number], sources);
    const std::uint64_t print = fingerprint(d, sources);
    object["partialFingerprints"] = {{"labDiagnostic/v1", fmt::format("{:016x}:{}", print, ++seen[print])}};
    results.push_back(std::move(object));
  }
  Json driver = {{"name", "labc"}, {"version", LAB_VERSION}, {"rules", std::move(rules)}};
  Json run = {{"tool", {{"driver", std::move(driver)}}},
              {"columnKind", "utf16CodeUnits"},
              {"results", std::move(results)}};
  Json log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
              {"version", "2.1.0"},
              {"runs", Json::array({std::move(run)})}};
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lab::diagnostics
