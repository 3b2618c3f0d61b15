// The life of a session: what may be asked when, and who answers it.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "compiler/lsp/convert.h"
#include "compiler/lsp/wire.h"
#include "compiler/lsp/workspace.h"

namespace lab::lsp {

/// Takes what is big to free off the thread that answers.
class Reaper {
 public:
  Reaper();
  ~Reaper();
  void take(std::shared_ptr<ide::Analysis> analysis);

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<std::shared_ptr<ide::Analysis>> waiting_;
  bool done_ = false;
  std::thread thread_;
};

/// One thread reads and remembers what was cancelled; this one answers in order, and compiles when nothing
/// waits.
class Server {
 public:
  Server(int in, int out, const source::FileSystem& files);
  [[nodiscard]] int run();

 private:
  using Handler = Json (Server::*)(const Json& params);
  struct Incoming {
    bool end = false;
    bool broken = false;     // no JSON
    bool cancelled = false;  // a request that nobody waits for any more
    Json message;
  };

  // ---- server.cpp
  void read();
  void handle(const Json& message, bool cancelled);
  void request(const Json& id, const std::string& method, const Json& params, bool cancelled);
  void notification(const std::string& method, const Json& params);
  void respond(const Json& id, Json result);
  void refuse(const Json& id, int code, const std::string& message);
  void notify(const char* method, Json params);
  void ask(const char* method, Json params);
  Json initialize(const Json& params);
  void initialized();
  void did_open(const Json& params);
  void did_change(const Json& params);
  void did_close(const Json& params);
  void did_change_files(const Json& params);
  void did_change_folders(const Json& params);
  void did_change_settings(const Json& settings);
  static const std::map<std::string, Handler>& requests();

  // ---- publish.cpp
  void refresh(Lab& lab);
  void refresh_all();
  void publish(Lab& lab);
  [[nodiscard]] std::map<std::string, Json> diagnostics_of(Lab& lab);
  [[nodiscard]] Json diagnostic_json(Lab& lab, const diagnostics::Diagnostic& d);
  Json pull_document(const Json& params);
  Json pull_workspace(const Json& params);

  // ---- features.cpp
  struct At {
    Document* document;
    Lab* lab;
    ide::Analysis* analysis;
    source::FileId file;
    std::uint32_t offset;
  };
  Document& document(const Json& params);
  [[nodiscard]] At at(const Json& params);
  [[nodiscard]] At of_document(const Json& params);
  [[nodiscard]] std::optional<At> earlier(const At& now) const;
  template <class Query>
  auto first_answer(At& here, const Query& query);
  [[nodiscard]] Json location(Lab& lab, const ide::Analysis& analysis, source::Span span);
  [[nodiscard]] Json edits_json(Lab& lab, const ide::Analysis& analysis,
                                const std::vector<diagnostics::Edit>& edits);
  Json hover(const Json& params);
  Json definition(const Json& params);
  Json references(const Json& params);
  Json highlight(const Json& params);
  Json completion(const Json& params);
  Json signature_help(const Json& params);
  Json document_symbols(const Json& params);
  Json workspace_symbols(const Json& params);
  Json formatting(const Json& params);
  Json range_formatting(const Json& params);
  [[nodiscard]] Json layout(const Json& params, std::uint32_t begin, std::uint32_t end);
  Json code_actions(const Json& params);
  Json prepare_rename(const Json& params);
  Json rename(const Json& params);
  Json semantic_tokens(const Json& params);
  Json folding(const Json& params);
  Json inlay_hints(const Json& params);
  Json document_links(const Json& params);
  Json selection_ranges(const Json& params);
  Json shutdown(const Json& params);

  Reader reader_;
  Writer writer_;
  Workspace workspace_;
  Client client_;
  Reaper reaper_;
  enum class State : std::uint8_t { fresh, running, down } state_ = State::fresh;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Incoming> queue_;
  std::atomic<int> parent_{0};  // the client's process
  std::int64_t next_id_ = 1;
  int exit_code_ = -1;
};

}  // namespace lab::lsp
