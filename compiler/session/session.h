// The façade: files in, an immutable snapshot of one compilation out. The command line and the language
// server run this and nothing else.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/document/document.h"
#include "compiler/eval/evaluate.h"
#include "compiler/model/lab.h"
#include "compiler/names/program.h"
#include "compiler/session/disclose.h"
#include "compiler/session/oracle.h"
#include "compiler/session/packages.h"
#include "compiler/session/parse_cache.h"
#include "compiler/source/file_system.h"
#include "compiler/source/sources.h"
#include "compiler/source/symbols.h"

namespace lab::session {

/// What to compile.
struct Request {
  std::string folder = ".";                        // the lab
  std::string environment;                         // `--env`
  std::map<std::string, std::string> parameters;   // `--set NAME=EXPR`
  std::string test;                                // title of a test to compile it with
  std::vector<diagnostics::Code> deny;             // `--deny CODE`: these count as errors
  bool deny_warnings = false;                      // `--deny warnings`
  std::shared_ptr<ParseCache> parsed;              // trees of an earlier compilation; null: parse all
  bool record_uses = false;                        // fill `Snapshot::uses`, for editors
  bool disclose = false;                           // open the vault for what functions make public of secrets
  std::string cache;                               // folder that holds imported repositories
  std::shared_ptr<Fetcher> fetcher;                // null: repositories that are not there are errors
};

/// A file beside the lab's own that it reads: `text("x.conf")`.
struct ReadFile {
  std::string path;  // relative to the lab
  std::string text;
};

/// One compilation. Everything it yields lives as long as it does.
class Snapshot {
 public:
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  document::Arena arena;
  std::unique_ptr<names::Program> program;
  std::unique_ptr<eval::Evaluation> evaluation;
  model::Lab lab;
  std::unique_ptr<FlowOracle> oracle;  // null when errors kept the model from being whole
  Request request;
  std::unique_ptr<Discloser> discloser;  // null when nothing of a secret is made public
  std::vector<eval::Use> uses;
  const source::FileSystem* files = nullptr;  // what it was read from; whoever compiles keeps it
  std::vector<ReadFile> read_files;  // in the order in which they were read, each once
  std::map<std::string, std::string> lock;             // imported repositories and the hashes of their files
  bool lock_grew = false;                              // one was seen for the first time
  std::map<std::string, std::string> package_folders;  // what is shown before names of their files, and the folder
  bool complete = false;        // the model was built without errors so far: checks and lowering may run

  /// Place of a provenance number.
  [[nodiscard]] source::Span span(std::uint32_t origin) const { return evaluation ? evaluation->span(origin) : source::Span{}; }
  /// Evaluates an expression in the lab's scope; errors go to the sink.
  eval::Value evaluate(const std::string& expression);

 private:
  friend std::unique_ptr<Snapshot> compile(const source::FileSystem& files, const Request& request);
  eval::Options options_;
};

/// Reads, checks and evaluates a lab. Never fails: what is wrong stands in the sink. A folder that cannot
/// be read is a diagnostic without a place.
std::unique_ptr<Snapshot> compile(const source::FileSystem& files, const Request& request);

}  // namespace lab::session
