#include "compiler/session/traced_files.h"

#include "compiler/lower/hash.h"

namespace lab::session {

namespace {

std::string of_read(const source::IoStatus& status, const std::string& bytes) {
  return status.ok() ? lower::sha256_hex(bytes) : status.error;
}

std::string of_list(const source::IoStatus& status, const std::vector<source::DirectoryEntry>& entries) {
  if (!status.ok()) return status.error;
  lower::Sha256 hash;
  for (const source::DirectoryEntry& entry : entries) {
    hash.add(entry.name);
    hash.add(entry.directory ? std::string_view("/\0", 2) : std::string_view("\0", 1));
  }
  return hash.hex();
}

std::string of_bool(bool yes) {
  return yes ? "yes" : "no";
}

}  // namespace

source::IoStatus TracedFiles::read(const std::string& path, std::string& into) const {
  source::IoStatus status = below_.read(path, into);
  note(Question::read, path, of_read(status, into));
  return status;
}

source::IoStatus TracedFiles::list(const std::string& path, std::vector<source::DirectoryEntry>& into) const {
  source::IoStatus status = below_.list(path, into);
  note(Question::list, path, of_list(status, into));
  return status;
}

bool TracedFiles::exists(const std::string& path) const {
  const bool answer = below_.exists(path);
  note(Question::exists, path, of_bool(answer));
  return answer;
}

bool TracedFiles::is_directory(const std::string& path) const {
  const bool answer = below_.is_directory(path);
  note(Question::is_directory, path, of_bool(answer));
  return answer;
}

source::IoStatus TracedFiles::write(const std::string& path, std::string_view bytes) {
  unsteady_ = true;
  return below_.write(path, bytes);
}

source::IoStatus TracedFiles::remove(const std::string& path) {
  unsteady_ = true;
  return below_.remove(path);
}

void TracedFiles::note(Question question, const std::string& path, std::string answer) const {
  const auto [at, first] = answers_.try_emplace({path, question}, std::move(answer));
  if (!first && at->second != answer) unsteady_ = true;
}

std::optional<std::vector<Asked>> TracedFiles::asked() const {
  if (unsteady_) return std::nullopt;
  std::vector<Asked> out;
  out.reserve(answers_.size());
  for (const auto& [key, answer] : answers_) out.push_back({key.second, key.first, answer});
  return out;
}

bool still_so(const source::FileSystem& files, const Asked& then) {
  switch (then.question) {
    case Question::read: {
      std::string bytes;
      const source::IoStatus status = files.read(then.path, bytes);
      return of_read(status, bytes) == then.answer;
    }
    case Question::list: {
      std::vector<source::DirectoryEntry> entries;
      const source::IoStatus status = files.list(then.path, entries);
      return of_list(status, entries) == then.answer;
    }
    case Question::exists:
      return of_bool(files.exists(then.path)) == then.answer;
    case Question::is_directory:
      return of_bool(files.is_directory(then.path)) == then.answer;
  }
  return false;
}

}  // namespace lab::session
