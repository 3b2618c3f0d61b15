// Answers about one document: parameters in, queries of `ide`, JSON out.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/ide/complete.h"
#include "compiler/ide/describe.h"
#include "compiler/ide/mark.h"
#include "compiler/ide/navigate.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/uri.h"
#include "compiler/session/format_file.h"

namespace lab::lsp {

using source::FileId;
using source::Span;

namespace {

/// LSP 3.17, "SymbolKind".
int symbol_kind(ide::SymbolKind kind) {
  switch (kind) {
    case ide::SymbolKind::resource:
      return 5;  // Class
    case ide::SymbolKind::block:
      return 8;  // Field
    case ide::SymbolKind::constant:
      return 14;  // Constant
    case ide::SymbolKind::parameter:
      return 13;  // Variable
    case ide::SymbolKind::function:
      return 12;  // Function
    case ide::SymbolKind::type:
    case ide::SymbolKind::kind:
      return 23;  // Struct
    case ide::SymbolKind::environment:
      return 3;  // Namespace
    case ide::SymbolKind::test:
      return 6;  // Method
  }
  return 13;
}

/// LSP 3.17, "CompletionItemKind".
int completion_kind(ide::Candidate::Kind kind) {
  using Kind = ide::Candidate::Kind;
  switch (kind) {
    case Kind::kind:
      return 7;  // Class
    case Kind::field:
      return 5;  // Field
    case Kind::computed:
      return 10;  // Property
    case Kind::word:
      return 20;  // EnumMember
    case Kind::resource:
      return 18;  // Reference
    case Kind::entry:
      return 5;
    case Kind::constant:
      return 21;  // Constant
    case Kind::parameter:
    case Kind::variable:
      return 6;  // Variable
    case Kind::function:
      return 3;  // Function
    case Kind::tag:
      return 4;  // Constructor
    case Kind::type:
      return 25;  // TypeParameter
    case Kind::statement:
    case Kind::clause:
      return 14;  // Keyword
  }
  return 1;
}

/// A snippet as plain text, for clients that know none.
std::string without_places(std::string_view snippet) {
  std::string out;
  for (std::size_t i = 0; i < snippet.size(); ++i) {
    if (snippet[i] != '$') {
      out += snippet[i];
      continue;
    }
    if (i + 1 < snippet.size() && snippet[i + 1] == '{') {
      const std::size_t end = snippet.find('}', i), colon = snippet.find(':', i);
      if (end == std::string_view::npos) break;
      if (colon < end) out += snippet.substr(colon + 1, end - colon - 1);
      i = end;
    } else {
      ++i;
    }
  }
  return out;
}

Json markup(const Client& client, const std::string& text) {
  return {{"kind", client.markdown ? "markdown" : "plaintext"}, {"value", text}};
}

}  // namespace

Document& Server::document(const Json& params) {
  const std::string uri = params.at("textDocument").at("uri").get<std::string>();
  Document* d = workspace_.find(uri);
  if (d == nullptr) throw Failure{request_failed, fmt::format("{} is not open", uri)};
  return *d;
}

Server::At Server::of_document(const Json& params) {
  Document& d = document(params);
  Lab& lab = workspace_.lab_of(d);
  refresh(lab);
  const auto file = workspace_.file_of(lab, *lab.now, d);
  if (!file || !lab.now->ready())
    throw Failure{request_failed, fmt::format("{} is of no lab that can be read", d.uri)};
  return {&d, &lab, lab.now.get(), *file, 0};
}

Server::At Server::at(const Json& params) {
  // First the parameters: what has the wrong shape is said before what is not there.
  const source::Position position = position_of(params.at("position"));
  At here = of_document(params);
  here.offset = source::LineIndex(here.document->text).offset(position, client_.encoding);
  return here;
}

/// The same place in the last text that was read whole, where the text around it is as it was.
std::optional<Server::At> Server::earlier(const At& now) const {
  const Lab& lab = *now.lab;
  if (!now.analysis->damaged(now.file) || lab.good == nullptr || lab.good == lab.now) return std::nullopt;
  const auto file = workspace_.file_of(lab, *lab.good, *now.document);
  if (!file) return std::nullopt;
  const std::string_view before = lab.good->text(*file), text = now.document->text;
  const auto edits = ide::difference(before, text);
  std::uint32_t offset = now.offset;
  if (!edits.empty()) {
    const diagnostics::Edit& e = edits.front();
    const auto end = static_cast<std::uint32_t>(e.span.begin + e.text.size());
    if (offset > e.span.begin && offset < end) return std::nullopt;
    if (offset >= end) offset = offset - end + e.span.end;
  }
  return At{now.document, now.lab, lab.good.get(), *file, offset};
}

Json Server::location(Lab& lab, const ide::Analysis& a, Span span) {
  Json range = range_json(a.snapshot().sources.lines(span.file), span.begin, span.end, client_.encoding);
  // What an older compilation says of an open text is shown where that stands now.
  if (&a != lab.now.get())
    for (const Document* d : workspace_.documents_of(lab))
      if (workspace_.file_of(lab, a, *d) == span.file) {
        const auto edits = ide::difference(a.text(span.file), d->text);
        if (!edits.empty() && span.begin >= edits.front().span.end) {
          const auto shift = static_cast<std::uint32_t>(edits.front().text.size() -
                                                        (edits.front().span.end - edits.front().span.begin));
          range =
              range_json(source::LineIndex(d->text), span.begin + shift, span.end + shift, client_.encoding);
        }
      }
  return {{"uri", workspace_.uri_of_file(lab, a, span.file)}, {"range", range}};
}

Json Server::edits_json(Lab& lab, const ide::Analysis& a, const std::vector<diagnostics::Edit>& edits) {
  std::map<std::string, Json> by_uri;
  for (const diagnostics::Edit& e : edits) {
    const std::string uri = workspace_.uri_of_file(lab, a, e.span.file);
    if (uri.empty()) continue;
    by_uri.try_emplace(uri, Json::array())
        .first->second.push_back({{"range", range_json(a.snapshot().sources.lines(e.span.file), e.span.begin,
                                                       e.span.end, client_.encoding)},
                                  {"newText", e.text}});
  }
  if (!client_.document_changes) return {{"changes", by_uri}};
  Json changes = Json::array();
  for (auto& [uri, list] : by_uri) {
    const Document* d = workspace_.find(uri);
    changes.push_back(
        {{"textDocument", {{"uri", uri}, {"version", d == nullptr ? Json() : Json(d->version)}}},
         {"edits", list}});
  }
  return {{"documentChanges", changes}};
}

/// The answer of the text as it is; where that says nothing, of its environments and tests, which only a
/// compilation with them reads, and then of the last text that was whole. `here` becomes the place that
/// answered.
template <class Query>
auto Server::first_answer(At& here, const Query& query) {
  auto found = query(here);
  const auto nothing = [&] { return found == decltype(found){}; };
  if (nothing() && ide::in_changes(*here.analysis, here.file, here.offset)) {
    for (const auto& variant : workspace_.variants(*here.lab)) {
      At other = here;
      other.analysis = variant.get();
      if (found = query(other); nothing()) continue;
      here = other;
      return found;
    }
  }
  if (!nothing()) return found;
  if (const auto before = earlier(here)) {
    here = *before;
    found = query(here);
  }
  return found;
}

Json Server::hover(const Json& params) {
  At here = at(params);
  return first_answer(here, [&](const At& where) -> Json {
    const auto found = ide::hover(*where.analysis, where.file, where.offset);
    if (!found) return nullptr;
    return {{"contents", markup(client_, found->markdown)},
            {"range", location(*where.lab, *where.analysis, found->span)["range"]}};
  });
}

Json Server::definition(const Json& params) {
  At here = at(params);
  const auto found = first_answer(
      here, [](const At& where) { return ide::definitions(*where.analysis, where.file, where.offset); });
  Json out = Json::array();
  for (const Span& s : found)
    if (Json l = location(*here.lab, *here.analysis, s); !l["uri"].get_ref<const std::string&>().empty())
      out.push_back(std::move(l));
  return out.empty() ? Json(nullptr) : out;
}

Json Server::references(const Json& params) {
  At here = at(params);
  const bool with = params.contains("context") && params["context"].value("includeDeclaration", false);
  return first_answer(here, [&](const At& where) {
    Json out = Json::array();
    for (const auto& r :
         ide::references(*where.analysis, workspace_.variants(*where.lab), where.file, where.offset, with))
      out.push_back(location(*where.lab, *where.analysis, r.span));
    return out.empty() ? Json() : out;
  });
}

Json Server::highlight(const Json& params) {
  At here = at(params);
  return first_answer(here, [&](const At& where) {
    Json out = Json::array();
    for (const auto& r : ide::references(*where.analysis, {}, where.file, where.offset, true))
      if (r.span.file == where.file)
        out.push_back({{"range", location(*where.lab, *where.analysis, r.span)["range"]},
                       {"kind", r.declaration ? 3 : 2}});
    return out.empty() ? Json() : out;
  });
}

Json Server::completion(const Json& params) {
  const At here = at(params);
  const ide::Analysis* a = here.analysis;
  if (a->damaged(here.file) && here.lab->good != nullptr) a = here.lab->good.get();
  const ide::Completion found = ide::complete(*a, here.document->text, here.offset);
  const Json range = range_json(source::LineIndex(here.document->text), found.replaced.begin,
                                found.replaced.end, client_.encoding);
  Json items = Json::array();
  unsigned number = 0;
  for (const ide::Candidate& c : found.candidates) {
    Json item = {
        {"label", c.label}, {"kind", completion_kind(c.kind)}, {"sortText", fmt::format("{:05}", number++)}};
    if (!c.detail.empty()) item["detail"] = c.detail;
    if (!c.documentation.empty()) item["documentation"] = markup(client_, c.documentation);
    const bool snippet = c.snippet && client_.snippets;
    item["textEdit"] = {{"range", range},
                        {"newText", c.snippet && !snippet ? without_places(c.insert) : c.insert}};
    if (snippet) item["insertTextFormat"] = 2;
    items.push_back(std::move(item));
  }
  return {{"isIncomplete", false}, {"items", items}};
}

Json Server::signature_help(const Json& params) {
  const At here = at(params);
  const ide::Analysis* a = here.analysis;
  if (a->damaged(here.file) && here.lab->good != nullptr) a = here.lab->good.get();
  const auto call = ide::call_at(*a, here.document->text, here.offset);
  if (!call) return nullptr;
  Json parameters = Json::array();
  for (std::size_t i = 0; i < call->parameters.size(); ++i) {
    const auto [begin, end] = call->parameters[i];
    Json p = {{"label", call->label.substr(begin, end - begin)}};
    if (!call->documentation[i].empty()) p["documentation"] = markup(client_, call->documentation[i]);
    parameters.push_back(std::move(p));
  }
  return {{"signatures", {{{"label", call->label}, {"parameters", parameters}}}},
          {"activeSignature", 0},
          {"activeParameter", call->active}};
}

Json Server::document_symbols(const Json& params) {
  const At here = of_document(params);
  const source::LineIndex& lines = here.analysis->snapshot().sources.lines(here.file);
  Json flat = Json::array();
  const auto convert = [&](auto&& self, const ide::Symbol& s, const std::string& container) -> Json {
    const Json range = range_json(lines, s.whole.begin, s.whole.end, client_.encoding);
    if (!client_.hierarchical_symbols) {
      Json one = {{"name", s.name},
                  {"kind", symbol_kind(s.kind)},
                  {"location", {{"uri", here.document->uri}, {"range", range}}}};
      if (!container.empty()) one["containerName"] = container;
      flat.push_back(std::move(one));
      for (const ide::Symbol& c : s.children) self(self, c, s.name);
      return nullptr;
    }
    Json out = {{"name", s.name},
                {"detail", s.detail},
                {"kind", symbol_kind(s.kind)},
                {"range", range},
                {"selectionRange", range_json(lines, s.selection.begin, s.selection.end, client_.encoding)}};
    Json children = Json::array();
    for (const ide::Symbol& c : s.children) children.push_back(self(self, c, ""));
    if (!children.empty()) out["children"] = children;
    return out;
  };
  Json out = Json::array();
  for (const ide::Symbol& s : ide::symbols(*here.analysis, here.file)) {
    Json one = convert(convert, s, "");
    if (client_.hierarchical_symbols) out.push_back(std::move(one));
  }
  return client_.hierarchical_symbols ? out : flat;
}

Json Server::workspace_symbols(const Json& params) {
  std::string query = params.at("query").get<std::string>();
  std::ranges::transform(query, query.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  Json out = Json::array();
  for (Lab* lab : workspace_.labs()) {
    if (lab->alone || workspace_.documents_of(*lab).empty()) continue;
    refresh(*lab);
    for (const FileId file : lab->now->files())
      for (const ide::Symbol& s : ide::symbols(*lab->now, file)) {
        std::string name = s.name;
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (name.find(query) == std::string::npos) continue;
        out.push_back({{"name", s.name},
                       {"kind", symbol_kind(s.kind)},
                       {"location", location(*lab, *lab->now, s.selection)},
                       {"containerName", s.detail}});
      }
  }
  return out;
}

Json Server::formatting(const Json& params) {
  (void)params.at("options");
  return layout(params, 0, 0xffffffff);
}

Json Server::range_formatting(const Json& params) {
  const source::LineIndex lines(document(params).text);
  const Json& range = params.at("range");
  return layout(params, lines.offset(position_of(range.at("start")), client_.encoding),
                lines.offset(position_of(range.at("end")), client_.encoding));
}

/// The edits of `labc fmt` that touch the bytes from `begin` to `end`.
Json Server::layout(const Json& params, std::uint32_t begin, std::uint32_t end) {
  const Document& d = document(params);
  session::Formatted formatted;
  session::format_file("text.lab", d.text, formatted);
  if (!formatted.text) throw Failure{request_failed, "the text has syntax errors, and is left as it is"};
  Json out = Json::array();
  const source::LineIndex lines(d.text);
  for (const diagnostics::Edit& e : ide::layout_edits(d.text, *formatted.text))
    if (e.span.begin <= end && e.span.end >= begin)
      out.push_back(
          {{"range", range_json(lines, e.span.begin, e.span.end, client_.encoding)}, {"newText", e.text}});
  return out;
}

Json Server::code_actions(const Json& params) {
  const Json& range = params.at("range");
  const source::Position first = position_of(range.at("start")), last = position_of(range.at("end"));
  const At here = of_document(params);
  const source::LineIndex lines(here.document->text);
  const std::uint32_t begin = lines.offset(first, client_.encoding),
                      end = lines.offset(last, client_.encoding);
  const auto wanted = [&](const std::string& kind) {
    if (!params.at("context").contains("only")) return true;
    for (const Json& only : params["context"]["only"])
      if (const std::string& o = only.get_ref<const std::string&>();
          o.empty() || kind == o || kind.starts_with(o + "."))
        return true;
    return false;
  };
  if (!client_.literal_actions) return Json::array();
  Json out = Json::array();
  std::vector<diagnostics::Edit> all;
  for (const diagnostics::Diagnostic& d : here.analysis->diagnostics()) {
    if (d.primary.file != here.file) continue;
    for (const diagnostics::Fix& fix : d.fixes) {
      if (fix.edits.empty()) continue;
      const bool sure = fix.applicability == diagnostics::Applicability::machine;
      const bool free = std::ranges::none_of(fix.edits, [&](const auto& e) {
        return std::ranges::any_of(all, [&](const auto& taken) {
          return taken.span.file == e.span.file && taken.span.begin <= e.span.end &&
                 e.span.begin <= taken.span.end;
        });
      });
      if (sure && free && &fix == &d.fixes.front()) all.insert(all.end(), fix.edits.begin(), fix.edits.end());
      if (d.primary.begin > end || d.primary.end < begin || !wanted("quickfix")) continue;
      out.push_back({{"title", fix.title},
                     {"kind", "quickfix"},
                     {"diagnostics", {diagnostic_json(*here.lab, d)}},
                     {"isPreferred", sure},
                     {"edit", edits_json(*here.lab, *here.analysis, fix.edits)}});
    }
  }
  if (!all.empty() && wanted("source.fixAll"))
    out.push_back({{"title", "apply all fixes that labc vouches for"},
                   {"kind", "source.fixAll"},
                   {"edit", edits_json(*here.lab, *here.analysis, all)}});
  return out;
}

Json Server::prepare_rename(const Json& params) {
  const At here = at(params);
  const auto answer = ide::prepare_rename(*here.analysis, here.file, here.offset);
  if (const auto* why = std::get_if<std::string>(&answer)) throw Failure{request_failed, *why};
  const ide::Renaming& r = std::get<ide::Renaming>(answer);
  return {{"range",
           range_json(source::LineIndex(here.document->text), r.span.begin, r.span.end, client_.encoding)},
          {"placeholder", r.name}};
}

Json Server::rename(const Json& params) {
  const std::string name = params.at("newName").get<std::string>();
  const At here = at(params);
  const auto answer =
      ide::rename(*here.analysis, workspace_.variants(*here.lab), here.file, here.offset, name);
  if (const auto* why = std::get_if<std::string>(&answer)) throw Failure{request_failed, *why};
  return edits_json(*here.lab, *here.analysis, std::get<std::vector<diagnostics::Edit>>(answer));
}

Json Server::semantic_tokens(const Json& params) {
  const At here = of_document(params);
  const source::LineIndex lines(here.document->text);
  std::uint32_t begin = 0, end = 0xffffffff;
  if (params.contains("range")) {
    begin = lines.offset(position_of(params["range"].at("start")), client_.encoding);
    end = lines.offset(position_of(params["range"].at("end")), client_.encoding);
  }
  Json data = Json::array();
  source::Position before;
  for (const ide::MeaningToken& t : ide::meaning_tokens(*here.analysis, here.file)) {
    if (t.end <= begin || t.begin >= end) continue;
    const source::Position from = lines.position(t.begin, client_.encoding),
                           to = lines.position(t.end, client_.encoding);
    data.push_back(from.line - before.line);
    data.push_back(from.line == before.line ? from.character - before.character : from.character);
    data.push_back(to.character - from.character);
    data.push_back(static_cast<unsigned>(t.cls));
    data.push_back(t.modifiers);
    before = from;
  }
  return {{"data", data}};
}

Json Server::folding(const Json& params) {
  const Document& d = document(params);
  const source::LineIndex lines(d.text);
  Json out = Json::array();
  for (const ide::Fold& f : ide::folds(d.text)) {
    const source::Position from = lines.position(f.begin, client_.encoding);
    source::Position to = lines.position(f.end, client_.encoding);
    if (!f.comment && to.line > from.line) --to.line;  // the closing bracket stays in sight
    if (to.line <= from.line) continue;
    Json one = {{"startLine", from.line}, {"endLine", to.line}};
    if (f.comment) one["kind"] = "comment";
    out.push_back(std::move(one));
  }
  return out;
}

Json Server::inlay_hints(const Json& params) {
  const source::Position first = position_of(params.at("range").at("start")),
                         last = position_of(params.at("range").at("end"));
  const At here = of_document(params);
  const source::LineIndex lines(here.document->text);
  Json out = Json::array();
  for (const ide::Hint& h : ide::hints(*here.analysis, here.file, lines.offset(first, client_.encoding),
                                       lines.offset(last, client_.encoding)))
    out.push_back({{"position", position_json(lines.position(h.offset, client_.encoding))},
                   {"label", h.text},
                   {"paddingLeft", false}});
  return out;
}

Json Server::document_links(const Json& params) {
  const At here = of_document(params);
  const source::LineIndex& lines = here.analysis->snapshot().sources.lines(here.file);
  Json out = Json::array();
  for (const ide::Link& l : ide::links(*here.analysis, here.file))
    out.push_back({{"range", range_json(lines, l.span.begin, l.span.end, client_.encoding)},
                   {"target", uri_of(here.lab->folder + "/" + l.path)}});
  return out;
}

Json Server::selection_ranges(const Json& params) {
  const At here = of_document(params);
  const source::LineIndex lines(here.document->text);
  Json out = Json::array();
  for (const Json& p : params.at("positions")) {
    const std::uint32_t offset = lines.offset(position_of(p), client_.encoding);
    Json range;
    Span outer;
    for (const ide::NodeRef n : here.analysis->path_to(here.file, offset)) {
      const Span span = here.analysis->program().span(n);
      if (!range.is_null() && span == outer) continue;
      Json inner = {{"range", range_json(lines, span.begin, span.end, client_.encoding)}};
      if (!range.is_null()) inner["parent"] = std::move(range);
      range = std::move(inner);
      outer = span;
    }
    if (range.is_null()) range = {{"range", range_json(lines, offset, offset, client_.encoding)}};
    out.push_back(std::move(range));
  }
  return out;
}

}  // namespace lab::lsp
