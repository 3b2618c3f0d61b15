#include "compiler/lsp/server.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "compiler/ide/mark.h"
#include "compiler/lsp/uri.h"
#include "compiler/session/cache_folder.h"
#include "compiler/session/version.h"

namespace lab::lsp {

namespace {

constexpr int idle_ms = 1000;               // how often the client's process is looked for
constexpr std::size_t queue_limit = 10000;  // messages that may wait

template <std::size_t N>
Json words(const std::string_view (&list)[N]) {
  Json out = Json::array();
  for (const std::string_view w : list) out.push_back(std::string(w));
  return out;
}

}  // namespace

Reaper::Reaper()
    : thread_([this] {
        for (;;) {
          std::vector<std::shared_ptr<ide::Analysis>> gone;
          std::unique_lock lock(mutex_);
          ready_.wait(lock, [this] { return done_ || !waiting_.empty(); });
          gone.swap(waiting_);
          if (gone.empty()) return;
          lock.unlock();
        }
      }) {}

Reaper::~Reaper() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

void Reaper::take(std::shared_ptr<ide::Analysis> analysis) {
  if (analysis == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(analysis));
  }
  ready_.notify_one();
}

Server::Server(int in, int out, const source::FileSystem& files)
    : reader_(in), writer_(out), workspace_(files) {
  workspace_.settings.cache = session::cache_folder();
}

void Server::read() {
  std::string body;
  for (;;) {
    Incoming incoming;
    switch (reader_.next(body, idle_ms)) {
      case Reader::Status::idle: {
        // A client that died leaves its pipes to whoever else holds them (LSP 3.17,
        // InitializeParams.processId).
        const int parent = parent_.load();
        if (parent <= 0 || ::kill(parent, 0) == 0 || errno != ESRCH) continue;
        incoming.end = true;
        break;
      }
      case Reader::Status::end:
        incoming.end = true;
        break;
      case Reader::Status::message:
        incoming.broken = !parse(body, incoming.message);
        break;
    }
    const bool end = incoming.end;
    bool last = end;
    std::unique_lock lock(mutex_);
    if (!end && !incoming.broken && incoming.message.is_object() && incoming.message.contains("method")) {
      const Json& method = incoming.message["method"];
      last = last || method == "exit";
      if (method == "$/cancelRequest" && incoming.message.contains("params") &&
          incoming.message["params"].is_object()) {
        // What is answered already, or about to be, is not in the queue: its answer goes out.
        const Json id = incoming.message["params"].value("id", Json());
        const auto waits = [&](const Incoming& i) {
          return i.message.is_object() && i.message.contains("id") && i.message["id"] == id;
        };
        if (const auto at = std::find_if(queue_.rbegin(), queue_.rend(), waits); at != queue_.rend())
          at->cancelled = true;
        continue;
      }
    }
    arrived_.wait(lock, [&] { return queue_.size() < queue_limit; });
    queue_.push_back(std::move(incoming));
    lock.unlock();
    arrived_.notify_all();
    if (last) return;
  }
}

int Server::run() {
  std::thread reading([this] { read(); });
  while (exit_code_ < 0) {
    Incoming next;
    bool have = false;
    {
      std::unique_lock lock(mutex_);
      const auto labs = workspace_.labs();
      const bool work =
          state_ == State::running && std::ranges::any_of(labs, [](const Lab* l) { return l->stale; });
      if (!work) arrived_.wait(lock, [this] { return !queue_.empty(); });
      if (!queue_.empty()) {
        next = std::move(queue_.front());
        queue_.pop_front();
        have = true;
      }
    }
    arrived_.notify_all();
    if (!have) {
      refresh_all();  // only what is queued is waited for, never a clock
    } else if (next.end) {
      exit_code_ = 1;  // without `exit`
    } else if (next.broken) {
      refuse(nullptr, parse_error, "this is no JSON in UTF-8, or nested too deeply");
    } else {
      handle(next.message, next.cancelled);
    }
  }
  // The reader ends by itself after `exit` and at the end of the input.
  reading.join();
  return exit_code_;
}

void Server::respond(const Json& id, Json result) {
  writer_.send({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

void Server::refuse(const Json& id, int code, const std::string& message) {
  writer_.send({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}});
}

void Server::notify(const char* method, Json params) {
  writer_.send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Server::ask(const char* method, Json params) {
  Json message = {{"jsonrpc", "2.0"}, {"id", next_id_++}, {"method", method}};
  if (!params.is_null()) message["params"] = std::move(params);
  writer_.send(message);
}

void Server::handle(const Json& message, bool cancelled) {
  if (!message.is_object()) return refuse(nullptr, invalid_request, "a message is one object");
  const auto id = message.find("id");
  const auto method = message.find("method");
  if (method == message.end()) return;  // a response of the client: nothing waits for it
  const Json params = message.value("params", Json());
  if (!method->is_string()) {
    if (id != message.end()) refuse(*id, invalid_request, "`method` is a string");
    return;
  }
  const std::string name = method->get<std::string>();
  if (id == message.end()) return notification(name, params);
  if (!id->is_string() && !id->is_number_integer())
    return refuse(nullptr, invalid_request, "`id` is an integer or a string");
  request(*id, name, params, cancelled);
}

const std::map<std::string, Server::Handler>& Server::requests() {
  static const std::map<std::string, Handler> table = {
      {"shutdown", &Server::shutdown},
      {"textDocument/hover", &Server::hover},
      {"textDocument/definition", &Server::definition},
      {"textDocument/references", &Server::references},
      {"textDocument/documentHighlight", &Server::highlight},
      {"textDocument/completion", &Server::completion},
      {"textDocument/signatureHelp", &Server::signature_help},
      {"textDocument/documentSymbol", &Server::document_symbols},
      {"workspace/symbol", &Server::workspace_symbols},
      {"textDocument/formatting", &Server::formatting},
      {"textDocument/rangeFormatting", &Server::range_formatting},
      {"textDocument/codeAction", &Server::code_actions},
      {"textDocument/prepareRename", &Server::prepare_rename},
      {"textDocument/rename", &Server::rename},
      {"textDocument/semanticTokens/full", &Server::semantic_tokens},
      {"textDocument/semanticTokens/range", &Server::semantic_tokens},
      {"textDocument/foldingRange", &Server::folding},
      {"textDocument/inlayHint", &Server::inlay_hints},
      {"textDocument/documentLink", &Server::document_links},
      {"textDocument/selectionRange", &Server::selection_ranges},
      {"textDocument/diagnostic", &Server::pull_document},
      {"workspace/diagnostic", &Server::pull_workspace},
  };
  return table;
}

void Server::request(const Json& id, const std::string& method, const Json& params, bool cancelled) {
  if (state_ == State::fresh && method != "initialize")
    return refuse(id, not_initialized, "`initialize` comes first");
  if (state_ == State::down) return refuse(id, invalid_request, "the server was shut down");
  if (method == "initialize" && state_ != State::fresh)
    return refuse(id, invalid_request, "`initialize` was sent already");
  const auto found = requests().find(method);
  if (found == requests().end() && method != "initialize")
    return refuse(id, method_not_found, "there is no method `" + method + "`");
  if (cancelled) return refuse(id, request_cancelled, "cancelled");
  try {
    respond(id, method == "initialize" ? initialize(params) : (this->*found->second)(params));
  } catch (const Failure& failure) {
    refuse(id, failure.code, failure.message);
  } catch (const Json::exception& problem) {
    refuse(id, invalid_params, problem.what());
  }
}

void Server::notification(const std::string& method, const Json& params) {
  if (method == "exit") {
    exit_code_ = state_ == State::down ? 0 : 1;
    return;
  }
  if (state_ != State::running) return;
  try {
    if (method == "initialized")
      initialized();
    else if (method == "textDocument/didOpen")
      did_open(params);
    else if (method == "textDocument/didChange")
      did_change(params);
    else if (method == "textDocument/didClose")
      did_close(params);
    else if (method == "workspace/didChangeWatchedFiles")
      did_change_files(params);
    else if (method == "workspace/didChangeWorkspaceFolders")
      did_change_folders(params);
    else if (method == "workspace/didChangeConfiguration")
      did_change_settings(params.value("settings", Json()));
  } catch (const Json::exception&) {
    // A notification has no answer: what cannot be read is left out.
  }
}

Json Server::initialize(const Json& params) {
  if (!params.is_object()) throw Failure{invalid_params, "`initialize` takes an object"};
  const Json capabilities = params.value("capabilities", Json::object());
  client_ = client_of(capabilities);
  if (const Json process = params.value("processId", Json()); process.is_number_integer())
    parent_ = process.get<int>();
  const auto add = [&](const Json& uri) {
    if (!uri.is_string()) return;
    if (const auto path = path_of(uri.get<std::string>())) workspace_.settings.folders.push_back(*path);
  };
  if (const Json folders = params.value("workspaceFolders", Json()); folders.is_array() && !folders.empty()) {
    for (const Json& f : folders) add(f.value("uri", Json()));
  } else {
    add(params.value("rootUri", Json()));
  }
  did_change_settings(params.value("initializationOptions", Json()));
  state_ = State::running;
  Json sync = {{"openClose", true}, {"change", 2}};
  Json server = {
      {"positionEncoding", client_.encoding == source::Encoding::utf8 ? "utf-8" : "utf-16"},
      {"textDocumentSync", sync},
      {"hoverProvider", true},
      {"definitionProvider", true},
      {"referencesProvider", true},
      {"documentHighlightProvider", true},
      {"completionProvider", {{"triggerCharacters", {".", " ", "=", "(", "["}}, {"resolveProvider", false}}},
      {"signatureHelpProvider", {{"triggerCharacters", {"(", ","}}}},
      {"documentSymbolProvider", true},
      {"workspaceSymbolProvider", true},
      {"documentFormattingProvider", true},
      {"documentRangeFormattingProvider", true},
      {"codeActionProvider", {{"codeActionKinds", {"quickfix", "source.fixAll"}}}},
      {"foldingRangeProvider", true},
      {"selectionRangeProvider", true},
      {"inlayHintProvider", true},
      {"documentLinkProvider", {{"resolveProvider", false}}},
      {"semanticTokensProvider",
       {{"legend",
         {{"tokenTypes", words(ide::token_classes)}, {"tokenModifiers", words(ide::token_modifiers)}}},
        {"full", true},
        {"range", true}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}},
  };
  server["renameProvider"] = client_.prepare_rename ? Json{{"prepareProvider", true}} : Json(true);
  // Never push and pull the same document: a client that pulls is told so here.
  if (client_.pull_diagnostics)
    server["diagnosticProvider"] = {
        {"identifier", "labc"}, {"interFileDependencies", true}, {"workspaceDiagnostics", true}};
  return {{"capabilities", server}, {"serverInfo", {{"name", "labc"}, {"version", session::version()}}}};
}

void Server::initialized() {
  if (!client_.watched_files) return;
  Json watchers = Json::array();
  for (const char* glob : {"**/*.lab", "**/lab.lock", "**/*.{conf,toml,ini,json,yaml,yml,txt,sh}"})
    watchers.push_back({{"globPattern", glob}});
  ask("client/registerCapability", {{"registrations",
                                     {{{"id", "watch"},
                                       {"method", "workspace/didChangeWatchedFiles"},
                                       {"registerOptions", {{"watchers", watchers}}}}}}});
}

void Server::did_open(const Json& params) {
  const Json& d = params.at("textDocument");
  workspace_.open(d.at("uri").get<std::string>(), d.at("version").get<std::int64_t>(),
                  d.at("text").get<std::string>());
}

void Server::did_change(const Json& params) {
  const Json& d = params.at("textDocument");
  Document* document = workspace_.find(d.at("uri").get<std::string>());
  if (document == nullptr) return;
  apply_changes(document->text, params.at("contentChanges"), client_.encoding);
  if (const Json version = d.value("version", Json()); version.is_number_integer())
    document->version = version.get<std::int64_t>();
  workspace_.changed(*document);
}

void Server::did_close(const Json& params) {
  workspace_.close(params.at("textDocument").at("uri").get<std::string>());
}

void Server::did_change_files(const Json& params) {
  for (const Json& change : params.at("changes"))
    if (const auto path = path_of(change.at("uri").get<std::string>())) workspace_.changed_on_disk(*path);
}

void Server::did_change_folders(const Json& params) {
  const Json& event = params.at("event");
  auto& folders = workspace_.settings.folders;
  for (const Json& f : event.at("removed"))
    if (const auto path = path_of(f.at("uri").get<std::string>())) std::erase(folders, *path);
  for (const Json& f : event.at("added"))
    if (const auto path = path_of(f.at("uri").get<std::string>())) folders.push_back(*path);
  workspace_.all_stale();
}

/// `{ "lab": { "environment": "small" } }`, or the inner object.
void Server::did_change_settings(const Json& settings) {
  if (!settings.is_object()) return;
  const Json& own = settings.contains("lab") && settings["lab"].is_object() ? settings["lab"] : settings;
  if (const Json e = own.value("environment", Json()); e.is_string())
    workspace_.settings.environment = e.get<std::string>();
  workspace_.all_stale();
}

Json Server::shutdown(const Json&) {
  state_ = State::down;
  return nullptr;
}

}  // namespace lab::lsp
