#include "compiler/emit/tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "compiler/emit/directories.h"
#include "compiler/emit/manifest.h"
#include "compiler/emit/parallel.h"
#include "compiler/source/write_all.h"

namespace lab::emit {

namespace {

constexpr const char* staged_manifest = "manifest";

std::string system_words(int error) {
  return std::strerror(error);
}

bool is_regular(int file) {
  struct stat about {};
  return ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
}

/// A manifest; nothing when there is none.
std::string read_manifest(int folder, const char* name) {
  std::string buffer;
  return std::string(read_whole(folder, name, buffer).value_or(""));
}

enum class Standing : std::uint8_t { same, different, absent, failed };

/// What is there where an output belongs.
struct Found {
  Standing standing = Standing::absent;
  bool folder = true;  // that it belongs into could be opened
  int error = 0;
  std::size_t missing = 0;  // length of the outermost folder that is not there
};

/// An output to write, and what is renamed to bring it there: the file itself, or the outermost folder that
/// is not there yet, which comes with everything in it.
struct Change {
  const Output* output = nullptr;
  std::string_view unit;
};

class TreeWriter {
 public:
  TreeWriter(const std::string& out, std::vector<Output> outputs, unsigned jobs)
      : out_(out), outputs_(std::move(outputs)), jobs_(jobs) {}

  TreeResult run(bool write) {
    if (!check_paths() || !open_root(write)) return std::move(result_);
    read_manifests();
    if (!compare()) return std::move(result_);
    find_stale();
    if (write) apply();
    return std::move(result_);
  }

 private:
  bool fail(std::string_view what, std::string_view path, std::string_view why) {
    result_.error = fmt::format("{} {}{}{}: {}", what, out_, path.empty() ? "" : "/", path, why);
    return false;
  }

  bool check_paths() {
    const auto less = [](const Output& a, const Output& b) { return path_less(a.path, b.path); };
    if (!std::is_sorted(outputs_.begin(), outputs_.end(), less))
      std::sort(outputs_.begin(), outputs_.end(), less);
    const Output* before = nullptr;
    for (const Output& output : outputs_) {
      if (!is_safe(output.path))
        return fail("cannot write", output.path, "the path leads out of the output folder");
      if (before != nullptr && output.path.substr(0, before->path.size()) == before->path) {
        if (output.path.size() == before->path.size())
          return fail("cannot write", output.path, "two outputs have this path");
        if (output.path[before->path.size()] == '/')
          return fail("cannot write", output.path, "its folder is an output file too");
      }
      before = &output;
    }
    return true;
  }

  bool open_root(bool write) {
    if (write) {
      std::error_code error;
      std::filesystem::create_directories(out_, error);
      if (error) return fail("cannot make", "", error.message());
    }
    root_ = Fd(::open(out_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_.valid()) {
      if (!write && errno == ENOENT) return true;
      return fail("cannot open", "", system_words(errno));
    }
    // Taken by the kernel, so it falls with the process.
    if (write && ::flock(root_.get(), LOCK_EX | LOCK_NB) != 0) {
      return fail("cannot write", "",
                  errno == EWOULDBLOCK ? "another build is writing there" : system_words(errno));
    }
    return true;
  }

  /// Files of earlier builds: of the last one that ended, and of one that was killed while it renamed.
  void read_manifests() {
    if (!root_.valid()) return;
    manifest_ = read_manifest(root_.get(), manifest_name);
    parse_manifest(manifest_, ours_);
    if (const Fd left{::openat(root_.get(), staging_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        left.valid()) {
      parse_manifest(read_manifest(left.get(), staged_manifest), ours_);
    }
    if (!std::is_sorted(ours_.begin(), ours_.end(), path_less))
      std::sort(ours_.begin(), ours_.end(), path_less);
    ours_.erase(std::unique(ours_.begin(), ours_.end()), ours_.end());
  }

  [[nodiscard]] bool is_ours(std::string_view path) const {
    return std::binary_search(ours_.begin(), ours_.end(), path, path_less);
  }

  /// `buffer` is for the bytes that are read.
  static Standing standing(int folder, const std::string& name, std::string_view bytes, std::string& buffer) {
    // Not blocking, in case it is a pipe.
    const Fd file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid()) {
      if (errno == ENOENT) return Standing::absent;
      return errno == ELOOP || errno == ENXIO ? Standing::different : Standing::failed;
    }
    if (buffer.size() <= bytes.size()) buffer.resize(2 * bytes.size() + 1);
    std::size_t done = 0;
    ssize_t n = 0;
    do {
      // A byte more than there should be, to see the end in one call.
      n = ::read(file.get(), buffer.data() + done, bytes.size() + 1 - done);
      if (n < 0) return errno == EAGAIN ? Standing::different : Standing::failed;
      done += static_cast<std::size_t>(n);
    } while (n > 0 && done < bytes.size());
    if (done == 0 && !is_regular(file.get())) return Standing::different;
    return std::string_view(buffer.data(), done) == bytes ? Standing::same : Standing::different;
  }

  static Found look(Directories& folders, const Output& output, std::string& buffer) {
    Found found;
    if (const int folder = folders.open(folder_of(output.path)); folder >= 0) {
      found.standing = standing(folder, std::string(name_of(output.path)), output.bytes, buffer);
      // A folder of earlier outputs gives way; `remove_stale` empties it before the rename.
      if (found.standing == Standing::failed && errno == EISDIR) found.standing = Standing::absent;
      if (found.standing == Standing::failed) found.error = errno;
    } else {
      found.folder = false;
      found.error = errno;
      if (errno == ENOENT) found.missing = folders.missing().size();
    }
    return found;
  }

  bool compare() {
    std::vector<Found> all(outputs_.size());
    if (root_.valid())
      in_ranges(all.size(), ranges_of(all.size(), jobs_),
                [&](std::size_t, std::size_t begin, std::size_t end) {
                  Directories folders(root_.get());
                  std::string buffer;
                  for (std::size_t i = begin; i < end; ++i) all[i] = look(folders, outputs_[i], buffer);
                });
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!judge(outputs_[i], all[i])) return false;
    return true;
  }

  bool judge(const Output& output, const Found& found) {
    Change change{&output, output.path};
    if (found.standing == Standing::failed)
      return fail("cannot read", output.path, system_words(found.error));
    if (found.missing > 0) {
      change.unit = output.path.substr(0, found.missing);
    } else if (!found.folder) {
      // A file of an earlier build may stand where a folder is needed now; anything else may not.
      change.unit = stale_parent(output.path);
      if (change.unit.empty())
        return fail("cannot open the folder of", output.path, system_words(found.error));
    }
    if (found.standing == Standing::same) {
      ++result_.unchanged;
      return true;
    }
    if (found.standing == Standing::different && !is_ours(output.path))
      return fail("cannot overwrite", output.path, "no build wrote this file; move it away");
    (found.standing == Standing::absent ? result_.added : result_.changed).emplace_back(output.path);
    changes_.push_back(change);
    return true;
  }

  /// The folder on the way to `path` where an earlier build wrote a file; "" for none.
  [[nodiscard]] std::string_view stale_parent(std::string_view path) const {
    while (!path.empty() && !is_ours(path = folder_of(path))) {
    }
    return path;
  }

  void find_stale() {
    auto output = outputs_.begin();
    for (const std::string& path : ours_) {
      while (output != outputs_.end() && path_less(output->path, path)) ++output;
      if (output == outputs_.end() || output->path != path) result_.removed.push_back(path);
    }
  }

  void apply() {
    const std::string manifest = manifest_of(outputs_);
    if (!result_.anything() && manifest == manifest_ && !has_staging()) return;
    if (!stage(manifest)) {
      clean_staging();
      return;
    }
    remove_stale();
    place_all();
    // Last, and even after a failure: what stands in the manifest and is not there does no harm, a file
    // that is there and in no manifest would look foreign.
    if (::renameat(staging_.get(), staged_manifest, root_.get(), manifest_name) != 0 && result_.ok()) {
      fail("cannot write", manifest_name, system_words(errno));
    }
    clean_staging();
  }

  [[nodiscard]] bool has_staging() const {
    struct stat about {};
    return ::fstatat(root_.get(), staging_name, &about, AT_SYMLINK_NOFOLLOW) == 0;
  }

  bool write_file(int folder, const char* name, std::string_view bytes, std::string_view path) {
    const Fd file(folder < 0 ? -1 : ::openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file.valid()) return fail("cannot write", path, system_words(errno));
    return source::write_all(file.get(), bytes) || fail("cannot write", path, system_words(errno));
  }

  /// Writes each unit to the staging folder, under its number: a file, or a folder with what belongs in it.
  /// On one thread: several wait for each other in the kernel, which takes a seventh less time and a seventh
  /// more CPU.
  bool stage(const std::string& manifest) {
    clean_staging();  // of a build that was killed
    if (::mkdirat(root_.get(), staging_name, 0777) != 0)
      return fail("cannot make", staging_name, system_words(errno));
    staging_ = Fd(::openat(root_.get(), staging_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!staging_.valid()) return fail("cannot open", staging_name, system_words(errno));
    if (!write_file(staging_.get(), staged_manifest, manifest, manifest_name)) return false;
    Directories folders(staging_.get());
    std::string path;
    for (const Change& change : changes_) {
      if (units_.empty() || units_.back() != change.unit) units_.push_back(change.unit);
      path = std::to_string(units_.size() - 1);
      path += change.output->path.substr(change.unit.size());
      const std::size_t slash = path.rfind('/');
      const bool inside = slash != std::string::npos;
      const int folder = inside ? folders.make(std::string_view(path).substr(0, slash)) : staging_.get();
      const char* name = inside ? path.c_str() + slash + 1 : path.c_str();
      if (!write_file(folder, name, change.output->bytes, change.output->path)) return false;
    }
    return true;
  }

  void remove_stale() {
    Directories folders(root_.get());
    std::vector<std::string> emptied;
    for (const std::string& path : result_.removed) {
      const int folder = folders.open(folder_of(path));
      if (folder < 0) continue;
      if (::unlinkat(folder, std::string(name_of(path)).c_str(), 0) != 0) continue;
      if (!folder_of(path).empty() && (emptied.empty() || emptied.back() != folder_of(path))) {
        emptied.emplace_back(folder_of(path));
      }
    }
    folders.close();
    // Innermost first; a folder that holds anything else stays, because rmdir refuses it.
    std::sort(emptied.begin(), emptied.end(),
              [](const auto& a, const auto& b) { return a.size() > b.size(); });
    for (const std::string& innermost : emptied) {
      for (std::string_view path = innermost; !path.empty(); path = folder_of(path)) {
        const int folder = folders.open(folder_of(path));
        if (folder < 0 || ::unlinkat(folder, std::string(name_of(path)).c_str(), AT_REMOVEDIR) != 0) break;
      }
      folders.close();
    }
  }

  void place_all() {
    Directories folders(root_.get());
    for (std::size_t i = 0; i < units_.size(); ++i) {
      const int folder = folders.make(folder_of(units_[i]));
      const std::string name(name_of(units_[i]));
      if (folder < 0 || ::renameat(staging_.get(), std::to_string(i).c_str(), folder, name.c_str()) != 0) {
        fail("cannot write", units_[i], system_words(errno));
        return;
      }
    }
  }

  void clean_staging() {
    staging_.reset();
    std::error_code ignored;  // what cannot be removed is said by whoever makes the folder anew
    std::filesystem::remove_all(std::filesystem::path(out_) / staging_name, ignored);
  }

  std::string out_;
  std::vector<Output> outputs_;
  TreeResult result_;
  Fd root_;
  Fd staging_;
  std::string manifest_;           // its bytes
  std::vector<std::string> ours_;  // paths that earlier builds wrote, by path_less
  std::vector<Change> changes_;
  std::vector<std::string_view> units_;  // of the changes, by number
  unsigned jobs_;
};

}  // namespace

TreeResult write_tree(const std::string& out, std::vector<Output> outputs, unsigned jobs) {
  return TreeWriter(out, std::move(outputs), jobs).run(true);
}

TreeResult compare_tree(const std::string& out, std::vector<Output> outputs) {
  return TreeWriter(out, std::move(outputs), 1).run(false);
}

}  // namespace lab::emit
