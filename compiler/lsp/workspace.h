// Open texts and the labs they belong to; what the last compilation of each lab says. Knows no JSON.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ide/analysis.h"
#include "compiler/ide/navigate.h"
#include "compiler/session/overlay.h"
#include "compiler/source/file_system.h"

namespace lab::lsp {

/// A text that the editor holds.
struct Document {
  std::string uri;
  std::string path;  // absolute; of what is no file a path of its own below `/untitled`
  bool file = true;  // whether the lab around it on disk counts
  std::string text;
  std::int64_t version = 0;
};

/// One lab: a folder, or one text that is no file.
struct Lab {
  std::string folder;
  bool alone = false;                   // one text without files around it
  bool stale = true;                    // texts changed since `now`
  std::shared_ptr<ide::Analysis> now;   // of the texts as they were when last compiled
  std::shared_ptr<ide::Analysis> good;  // the last in which every file was read whole
  std::vector<std::string> published;   // URIs that have diagnostics
  ide::Variants variants;               // of `variants_of`
  std::uint64_t variants_of = 0;
  std::uint64_t revision = 0;  // of `now`
  std::chrono::milliseconds took{0};
  std::shared_ptr<session::ParseCache> parsed = std::make_shared<session::ParseCache>();
};

struct Settings {
  std::string environment;           // `--env`
  std::vector<std::string> folders;  // of the workspace, absolute
  std::string cache;  // for imported repositories and the text of the standard library; empty: none
};

class Workspace {
 public:
  explicit Workspace(const source::FileSystem& files) : files_(files), overlay_(files) {}
  Settings settings;

  Document& open(const std::string& uri, std::int64_t version, std::string text);
  void changed(const Document& document);
  void close(const std::string& uri);
  [[nodiscard]] Document* find(const std::string& uri);
  /// Something on disk changed: labs around it are compiled again when asked.
  void changed_on_disk(const std::string& path);
  void all_stale();

  /// The lab of a document, compiled if it is stale.
  Lab& lab_of(const Document& document);
  /// The labs of open documents, and those that had any.
  [[nodiscard]] std::vector<Lab*> labs();
  /// Compiles a lab again. Returns what it was before, so that another thread may free it.
  std::shared_ptr<ide::Analysis> refresh(Lab& lab);
  /// The same texts with each environment and test of the lab; compiled when first asked of a revision.
  const ide::Variants& variants(Lab& lab);

  /// The file of an analysis that a document is.
  [[nodiscard]] std::optional<source::FileId> file_of(const Lab& lab, const ide::Analysis& analysis,
                                                      const Document& document) const;
  /// The URI of a file of an analysis, as the editor spells it; empty for what is no file.
  [[nodiscard]] std::string uri_of_file(const Lab& lab, const ide::Analysis& analysis, source::FileId file);
  /// The URI of the page of a diagnostic; empty where it cannot be written.
  [[nodiscard]] std::string uri_of_page(diagnostics::Code code);
  /// Documents of a lab.
  [[nodiscard]] std::vector<Document*> documents_of(const Lab& lab);

 private:
  [[nodiscard]] std::string folder_of(const Document& document) const;
  [[nodiscard]] bool declares_lab(const std::string& folder) const;
  [[nodiscard]] std::unique_ptr<ide::Analysis> compile(const Lab& lab, const std::string& environment,
                                                       const std::string& test) const;
  /// Puts text that is part of labc where an editor can open it, once; the path, or nothing.
  [[nodiscard]] std::string kept(const std::string& name, std::string_view text);

  const source::FileSystem& files_;
  session::Overlay overlay_;
  mutable source::MemoryFileSystem
      alone_;  // texts that are no files, each in a folder of its own: queries read it too
  std::map<std::string, Document> documents_;         // by path
  std::map<std::string, std::string> uris_;           // by path: as the editor spelled it last
  std::map<diagnostics::Code, std::string> pages_;    // URIs
  std::map<std::string, std::unique_ptr<Lab>> labs_;  // by folder
};

}  // namespace lab::lsp
