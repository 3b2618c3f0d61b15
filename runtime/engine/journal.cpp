#include "runtime/engine/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

namespace lab::engine {

namespace {

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL,
  kind TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, chain BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS lease (
  only INTEGER PRIMARY KEY CHECK (only = 1), process INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'rows are only added'); END;
CREATE TRIGGER IF NOT EXISTS event_remains BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'rows are only added'); END;
PRAGMA user_version = 1;
)sql";

constexpr const char* all_rows =
    "SELECT seq, run, step, attempt, kind, at, body, chain FROM event ORDER BY seq";

class Statement {
 public:
  Statement(sqlite3* db, const char* sql) {
    ok_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) == SQLITE_OK;
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  bool ok() const { return ok_; }
  sqlite3_stmt* get() const { return statement_; }
  int step() { return sqlite3_step(statement_); }
  std::string_view text(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {bytes == nullptr ? "" : bytes,
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  bool ok_ = false;
};

// SHA-256 of the row before's hash and of this row's columns, each text after its length.
std::string link(std::string_view before, const Entry& entry, std::string_view body) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  const auto feed = [&state](std::string_view bytes) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  };
  feed(before);
  feed(fmt::format("{} {} {} {} {} {} {} {} ", entry.sequence, entry.run, entry.attempt,
                   entry.at.time_since_epoch().count(), entry.step.size(), entry.kind.size(), body.size(),
                   1));
  feed(entry.step);
  feed(entry.kind);
  feed(body);
  std::array<unsigned char, crypto_hash_sha256_BYTES> out{};
  crypto_hash_sha256_final(&state, out.data());
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

// Keeps some room on the disk; its path, or nothing when there is none.
std::string keep_reserve(const std::string& path) {
  constexpr off_t room = 256 << 10;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const bool kept = fd >= 0 && posix_fallocate(fd, 0, room) == 0;
  if (fd >= 0) close(fd);
  return kept ? path : std::string();
}

bool read_entry(const Statement& row, Entry& entry) {
  entry.sequence = row.number(0);
  entry.run = row.number(1);
  entry.step = row.text(2);
  entry.attempt = static_cast<unsigned>(row.number(3));
  entry.kind = row.text(4);
  entry.at = WallTime(Milliseconds(row.number(5)));
  entry.body = nlohmann::json::parse(row.text(6), nullptr, false);
  return !entry.body.is_discarded();
}

}  // namespace

Journal::~Journal() {
  sqlite3_finalize(insert_);
  sqlite3_close(db_);
}

bool Journal::fails() {
  problem_ = sqlite3_errmsg(db_);
  return false;
}

void Journal::release_reserve() {
  if (!reserve_.empty()) ::unlink(std::exchange(reserve_, {}).c_str());
}

bool Journal::exec(const char* sql) {
  return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK || fails();
}

// Opens the file with SQLite; false with the reason in problem_.
bool Journal::connect(const std::string& path, int flags) {
  sqlite3_close(std::exchange(db_, nullptr));
  if (sqlite3_open_v2(path.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) return fails();
  sqlite3_busy_timeout(db_, 5000);
  return true;
}

Journal::Opened Journal::open(const std::string& path, bool read_only) {
  Opened opened;
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
  if (read_only && !exists) {
    opened.problem = fmt::format("there is no journal at {}", path);
    return opened;
  }
  std::unique_ptr<Journal> journal(new Journal);
  // A file that is damaged is not written to, not even by SQLite's own housekeeping.
  std::string damage;
  if (exists) damage = journal->connect(path, SQLITE_OPEN_READONLY) ? journal->verify() : journal->problem_;
  const int code = sqlite3_errcode(journal->db_);
  const bool unread = code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE &&
                      code != SQLITE_CORRUPT && code != SQLITE_NOTADB;
  if (!damage.empty() && unread) {  // a full disk, missing rights: says nothing of the file
    opened.problem = fmt::format("{}: {}", path, damage);
    return opened;
  }
  if (damage.empty() && !read_only) {
    const bool ready =
        journal->connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) &&
        journal->exec("PRAGMA journal_mode = WAL") && journal->exec("PRAGMA synchronous = FULL") &&
        (exists || (journal->exec("BEGIN IMMEDIATE") && journal->exec(schema) && journal->exec("COMMIT")));
    if (!ready) {
      opened.problem = fmt::format("{}: {}", path, journal->problem_);
      return opened;
    }
    journal->reserve_ = keep_reserve(path + ".reserve");
  }
  if (damage.empty()) {
    opened.journal = std::move(journal);
    return opened;
  }
  opened.problem = fmt::format("{} is damaged: {}", path, damage);
  journal.reset();
  if (read_only) return opened;
  for (int number = 1;; ++number) {
    const std::string aside = fmt::format("{}.damaged-{}", path, number);
    if (::access(aside.c_str(), F_OK) == 0) continue;
    if (std::rename(path.c_str(), aside.c_str()) != 0) break;
    for (const char* suffix : {"-wal", "-shm"})
      std::rename((path + suffix).c_str(), (aside + suffix).c_str());
    opened.set_aside = aside;
    break;
  }
  return opened;
}

// What is wrong with the file, or nothing; learns its rows on the way.
std::string Journal::verify() {
  {
    Statement check(db_, "PRAGMA integrity_check(1)");
    if (!check.ok() || check.step() != SQLITE_ROW) return sqlite3_errmsg(db_);
    if (check.text(0) != "ok") return std::string(check.text(0));
  }
  Statement rows(db_, all_rows);
  if (!rows.ok()) return sqlite3_errmsg(db_);
  int code = SQLITE_OK;
  Entry entry;
  while ((code = rows.step()) == SQLITE_ROW) {
    if (!read_entry(rows, entry)) return fmt::format("row {} is no JSON", entry.sequence);
    std::string expected = link(chain_, entry, rows.text(6));
    if (entry.sequence != sequence_ + 1 || rows.text(7) != expected) {
      return fmt::format("row {} does not follow the one before", entry.sequence);
    }
    chain_ = std::move(expected);
    sequence_ = entry.sequence;
    learn(entry);
  }
  return code == SQLITE_DONE ? std::string() : sqlite3_errmsg(db_);
}

void Journal::learn(const Entry& entry) {
  run_ = std::max(run_, entry.run);
  if (entry.step.empty()) return;
  Past& past = steps_[entry.step];
  past.run = entry.run;
  if (const auto digest = entry.body.find("digest"); digest != entry.body.end() && digest->is_string()) {
    if (past.digest != digest->get_ref<const std::string&>()) {
      past.digest = *digest;
      past.fact = nullptr;
    }
  }
  if (entry.kind == "observed") {
    past.fact = entry.body.value("fact", nlohmann::json());
    return;
  }
  past.last = entry.kind;
  past.at = entry.at;
  if (entry.kind == "intent") {
    past.intent = entry.at;
  } else if (entry.kind != "failed") {  // a failed effect may have happened all the same
    past.intent.reset();
  }
  if (entry.kind == "removed") past.fact = nullptr;
}

bool Journal::begin_run(WallTime at, std::string_view plan_id, std::string_view command) {
  ++run_;
  Entry entry;
  entry.kind = "run";
  entry.at = at;
  entry.body = {{"plan", plan_id}, {"command", command}};
  return add({entry});
}

bool Journal::add(const std::vector<Entry>& entries) {
  if (on_boundary) on_boundary();
  if (insert_ == nullptr && sqlite3_prepare_v2(db_, "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", -1,
                                               &insert_, nullptr) != SQLITE_OK) {
    return fails();
  }
  if (!exec("BEGIN IMMEDIATE")) return false;
  std::string chain = chain_;
  std::int64_t sequence = sequence_;
  for (Entry entry : entries) {
    entry.run = run_;
    entry.sequence = ++sequence;
    const std::string body = entry.body.dump();
    chain = link(chain, entry, body);
    const auto text = [this](int at, std::string_view value) {
      sqlite3_bind_text(insert_, at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    };
    sqlite3_reset(insert_);
    sqlite3_bind_int64(insert_, 1, entry.sequence);
    sqlite3_bind_int64(insert_, 2, entry.run);
    text(3, entry.step);
    sqlite3_bind_int64(insert_, 4, entry.attempt);
    text(5, entry.kind);
    sqlite3_bind_int64(insert_, 6, entry.at.time_since_epoch().count());
    text(7, body);
    sqlite3_bind_blob(insert_, 8, chain.data(), static_cast<int>(chain.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(insert_) != SQLITE_DONE) {
      fails();
      sqlite3_reset(insert_);
      sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
      return false;
    }
  }
  sqlite3_reset(insert_);
  if (!exec("COMMIT")) {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    return false;
  }
  chain_ = std::move(chain);
  sequence_ = sequence;
  for (Entry entry : entries) {
    entry.run = run_;
    learn(entry);
  }
  if (on_boundary) on_boundary();
  return true;
}

const Past* Journal::past(std::string_view step) const {
  const auto found = steps_.find(step);
  return found == steps_.end() ? nullptr : &found->second;
}

std::vector<Entry> Journal::entries(std::int64_t run) const {
  std::vector<Entry> out;
  Statement rows(db_, all_rows);
  const std::int64_t wanted = run == 0 ? run_ : run;
  while (rows.ok() && rows.step() == SQLITE_ROW) {
    if (rows.number(1) != wanted) continue;
    read_entry(rows, out.emplace_back());
  }
  return out;
}

bool Journal::take_lease(std::int64_t process, std::string_view host, WallTime at) {
  Statement row(
      db_,
      "INSERT INTO lease VALUES (1, ?, ?, ?) ON CONFLICT (only) DO UPDATE SET process = excluded.process, "
      "host = excluded.host, since = excluded.since");
  if (!row.ok()) return fails();
  sqlite3_bind_int64(row.get(), 1, process);
  sqlite3_bind_text(row.get(), 2, host.data(), static_cast<int>(host.size()), SQLITE_TRANSIENT);
  sqlite3_bind_int64(row.get(), 3, at.time_since_epoch().count());
  return row.step() == SQLITE_DONE || fails();
}

}  // namespace lab::engine
