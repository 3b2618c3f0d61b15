#include "compiler/session/build_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "compiler/emit/manifest.h"
#include "compiler/lower/hash.h"
#include "compiler/session/version.h"
#include "compiler/vault/vault.h"

namespace lab::session {

namespace {

using Json = nlohmann::json;

constexpr std::string_view format_name = "lab.build-record/1";
constexpr std::size_t most_records = 256;

/// Pieces with their sizes, so that no two lists of pieces give the same bytes. `Hash` adds and gives `hex`.
template <class Hash>
class Pieces {
 public:
  template <class... Arguments>
  explicit Pieces(Arguments... arguments) : hash_(arguments...) {}
  void add(std::string_view piece) {
    const std::uint64_t size = piece.size();
    hash_.add({reinterpret_cast<const char*>(&size), sizeof size});
    hash_.add(piece);
  }
  [[nodiscard]] std::string hex() { return hash_.hex(); }

 private:
  Hash hash_;
};

/// XXH3, 128 bits: ten times as fast as SHA-256, for the many bytes of a tree. Nobody can make two trees of
/// one hash who does not know the seed, which is drawn for each record and stands beside none of the trees.
class FastHash {
 public:
  explicit FastHash(std::uint64_t seed) : state_(XXH3_createState()) {
    XXH3_128bits_reset_withSeed(state_, seed);
  }
  FastHash(const FastHash&) = delete;
  FastHash& operator=(const FastHash&) = delete;
  ~FastHash() { XXH3_freeState(state_); }
  void add(std::string_view bytes) { XXH3_128bits_update(state_, bytes.data(), bytes.size()); }
  [[nodiscard]] std::string hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  XXH3_state_t* state_;
};

/// Who could open the vault now: recipients, which are public.
std::string identities() {
  const vault::Identities found = vault::find_identities();
  Pieces<lower::Sha256> hash;
  hash.add(found.looked_at);  // diagnostics name it
  hash.add(found.problem);
  for (const auto& identity : found.keys) hash.add(identity.recipient);
  return hash.hex();
}

std::string tree_hash(const std::vector<emit::Output>& outputs, std::uint64_t seed) {
  Pieces<FastHash> hash(seed);
  hash.add(emit::manifest_name);
  hash.add(emit::manifest_of(outputs));
  for (const emit::Output& output : outputs) {
    hash.add(output.path);
    hash.add(output.bytes);
  }
  return hash.hex();
}

/// The same of what is on the disk; nothing when it cannot be known.
std::optional<std::string> tree_hash(const std::string& out, std::uint64_t seed) {
  Pieces<FastHash> hash(seed);
  const bool whole = emit::read_tree(out, [&](std::string_view path, std::string_view bytes) {
    hash.add(path);
    hash.add(bytes);
  });
  return whole ? std::optional(hash.hex()) : std::nullopt;
}

/// Of one that is damaged, nothing.
std::optional<Asked> read_asked(const Json& from) {
  if (!from.is_array() || from.size() != 3 || !from[0].is_number_unsigned() || !from[1].is_string() ||
      !from[2].is_string() || from[0] > static_cast<unsigned>(Question::is_directory))
    return std::nullopt;
  return Asked{static_cast<Question>(from[0].get<unsigned>()), from[1], from[2]};
}

/// Leaves the newest records in a folder when there are too many.
void forget_old(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::pair<fs::file_time_type, fs::path>> all;
  std::error_code failed, gone;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
    all.emplace_back(at->last_write_time(gone), at->path());
  if (all.size() <= most_records) return;
  std::ranges::sort(all);
  for (std::size_t i = 0; i < all.size() - most_records / 2; ++i) fs::remove(all[i].second, gone);
}

}  // namespace

BuildRecord::BuildRecord(source::FileSystem& files, const std::string& folder,
                         const std::vector<std::string>& key)
    : files_(files) {
  std::error_code failed;
  const std::string here = std::filesystem::current_path(failed).string();
  const std::string program = program_id();
  if (failed || program.empty() || folder.empty()) return;
  Pieces<lower::Sha256> hash;
  hash.add(here);  // paths in questions and diagnostics are relative to it
  hash.add(program);
  for (const std::string& piece : key) hash.add(piece);
  path_ = fmt::format("{}/{}", folder, hash.hex());
}

std::optional<Said> BuildRecord::recall(const std::string& out) const {
  std::string text;
  if (path_.empty() || !files_.read(path_, text).ok()) return std::nullopt;
  const std::size_t line = std::min(text.find('\n'), text.size());
  const Json head = Json::parse(text.data(), text.data() + line, nullptr, false);
  if (!head.is_object() || head.value("format", "") != format_name) return std::nullopt;
  try {
    for (const Json& one : head.at("asked")) {
      const std::optional<Asked> then = read_asked(one);
      if (!then || !still_so(files_, *then)) return std::nullopt;
    }
    const std::size_t diagnostics = head.at("diagnostics"), report = head.at("report");
    if (std::max(diagnostics, report) > text.size() || text.size() - line != 1 + diagnostics + report ||
        head.at("identities") != identities() ||
        tree_hash(out, head.at("seed")) != head.at("tree").get<std::string>())
      return std::nullopt;
    return Said{text.substr(line + 1, diagnostics), text.substr(line + 1 + diagnostics), head.at("files")};
  } catch (const Json::exception&) {  // damaged
    return std::nullopt;
  }
}

void BuildRecord::keep(const TracedFiles& trace, const std::vector<emit::Output>& outputs, const Said& said) {
  const auto asked = trace.asked();
  if (path_.empty() || !asked) return;
  Json questions = Json::array();
  for (const Asked& one : *asked)
    questions.push_back({static_cast<unsigned>(one.question), one.path, one.answer});
  std::random_device random;
  const std::uint64_t seed = std::uint64_t{random()} << 32U | random();
  const Json head = {{"format", format_name},
                     {"asked", std::move(questions)},
                     {"identities", identities()},
                     {"seed", seed},
                     {"tree", tree_hash(outputs, seed)},
                     {"files", said.files},
                     {"diagnostics", said.diagnostics.size()},
                     {"report", said.report.size()}};
  try {
    if (files_.write(path_, head.dump() + "\n" + said.diagnostics + said.report).ok())
      forget_old(path_.substr(0, path_.rfind('/')));
  } catch (const Json::exception&) {  // a path that is not UTF-8
  }
}

}  // namespace lab::session
