#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "compiler/cli/compile.h"
#include "compiler/diagnostics/nearest.h"
#include "compiler/session/wanted.h"
#include "compiler/vault/sources.h"

namespace lab::cli {

namespace {

using session::Source;
using session::Wanted;

std::string_view spelled(const Wanted& one) {
  switch (one.source) {
    case Source::given:
      return "given";
    case Source::generated:
      return one.recipe;
    case Source::environment:
      return "env";
    case Source::file:
      return "file";
    case Source::command:
      return "command";
    case Source::remote:
      return "remote";
  }
  return {};
}

/// What is written is what was decrypted.
void forget_ciphers(crypto::sops::Node& node) {
  node.cipher.clear();
  for (crypto::sops::Node& child : node.children) forget_ciphers(child);
}

/// A tree of values as a file of its own, which `labc secret set` reads again.
crypto::SecretBytes as_yaml(const crypto::sops::Node& tree) {
  crypto::SecretBuilder out;
  std::uint32_t line = 1;
  std::vector<crypto::sops::Line> lines;
  crypto::sops::Node plain = tree.clone();
  forget_ciphers(plain);
  crypto::sops::write_yaml(plain, out, line, lines);
  return out.take();
}

/// One run of the command: the lab, its vault and who opens it.
class Run {
 public:
  Run(const Arguments& arguments, Terminal& terminal)
      : arguments_(arguments), terminal_(terminal), files_(source::real_file_system()) {}

  /// Compiles the lab and reads the vault; false when there is nothing to work on.
  bool open(bool identities) {
    snapshot_ = compile(arguments_, terminal_, *files_);
    if (snapshot_ == nullptr) return fail(usage_or_io);
    if (snapshot_->sink.has_errors()) return show();
    wanted_ = session::wanted(*snapshot_);
    vault_.emplace(*files_, snapshot_->request.folder, snapshot_->sink);
    if (vault_->damaged()) return show();
    if (!identities) return true;
    identities_ = vault::find_identities();
    if (!vault_->present() || vault_->unlock(identities_)) return true;
    if (!identities_.problem.empty()) terminal_.complain(identities_.problem);
    return show();
  }

  int init() {
    if (!open(true)) return status_;
    if (!vault_->present()) {
      if (!may_begin()) return status_;
      vault_->set_recipients(operators());
    }
    const std::size_t made = session::make_missing(*vault_, wanted_);
    std::size_t read = 0;
    std::vector<std::string> left;
    for (const Wanted& one : wanted_) {
      if (vault_->has(one.handle)) continue;
      vault::Read value = from_source(one);
      if (value.value) {
        vault_->set_text(one.handle, *value.value);
        ++read;
      } else {
        left.push_back(value.problem.empty() ? one.handle
                                             : fmt::format("{}  ({})", one.handle, value.problem));
      }
    }
    if (!save()) return status_;
    if (terminal_.quiet()) return success;
    terminal_.out(fmt::format("{}/secrets: {} values made, {} read from their sources\n",
                              snapshot_->request.folder, made, read));
    if (!left.empty()) terminal_.out("still to be typed, with `labc secret set NAME`:\n");
    for (const std::string& line : left) terminal_.out(fmt::format("  {}\n", line));
    return success;
  }

  int list() {
    if (!open(false)) return status_;
    std::size_t width = 0;
    for (const Wanted& one : wanted_) width = std::max(width, one.handle.size());
    for (const Wanted& one : wanted_)
      terminal_.out(fmt::format("{:<{}}  {:<13}  {}\n", one.handle, width, spelled(one),
                                vault_->has(one.handle) ? "there" : "missing"));
    for (const std::string& handle : vault_->handles())
      if (declared(handle) == nullptr && !handle.starts_with(session::public_parts))
        terminal_.out(fmt::format("{:<{}}  {:<13}  there\n", handle, width, "not of the lab"));
    return success;
  }

  int set(bool anew) {
    if (!named() || !open(true) || !known()) return status_;
    const std::string& handle = arguments_.second;
    const Wanted* one = declared(handle);
    if (!vault_->present() && !may_begin()) return status_;
    if (!vault_->present()) vault_->set_recipients(operators());
    const session::BundleRecipe* bundle =
        one != nullptr && one->handle == handle ? session::bundle_of(*one) : nullptr;
    if (anew && one != nullptr && one->source == Source::generated) {
      if (bundle != nullptr && !bundle->kept.empty() && vault_->has(handle)) return complain(bundle->kept);
      if (one->handle != handle)
        return complain(fmt::format("`{}` is a part of `{}`, which is made as a whole", handle, one->handle));
      session::make(*vault_, *one);
    } else {
      const bool source = one != nullptr && one->source != Source::given &&
                          one->source != Source::generated && one->source != Source::remote;
      vault::Read value =
          source ? from_source(*one) : vault::read_input(fmt::format("value of {}: ", handle));
      if (!value.value) return complain(value.problem);
      if (bundle == nullptr || bundle->read == nullptr) {
        vault_->set_text(handle, *value.value);
      } else {
        auto tree = bundle->read(*value.value, value.problem);
        if (!tree) return complain(value.problem);
        vault_->set(handle, std::move(*tree));
      }
    }
    return save() ? success : status_;
  }

  int get() {
    if (!named() || !open(true)) return status_;
    crypto::SecretBytes tree;
    const crypto::SecretBytes* value = vault_->value(arguments_.second);
    if (const crypto::sops::Node* found = vault_->find(arguments_.second);
        value == nullptr && vault_->unlocked() && found != nullptr &&
        found->type == crypto::sops::Type::map) {
      tree = as_yaml(*found);
      value = &tree;
    }
    if (value == nullptr) return complain(fmt::format("`{}` has no value in the vault", arguments_.second));
    terminal_.flush();
    std::string_view rest = value->expose_text();
    while (!rest.empty()) {
      const ssize_t n = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return complain(std::strerror(errno));
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::isatty(STDOUT_FILENO) == 1) terminal_.out("\n");
    return success;
  }

  int recipients() {
    if (!open(arguments_.update)) return status_;
    if (!vault_->present()) return complain("there is no vault yet: `labc secret init` makes one");
    if (arguments_.update) {
      if (!may_begin()) return status_;
      vault_->set_recipients(operators());
      if (!save()) return status_;
    }
    const std::vector<std::string> now = vault_->recipients(), wanted = operators();
    const auto in = [](const std::vector<std::string>& all, const std::string& one) {
      return std::find(all.begin(), all.end(), one) != all.end();
    };
    bool same = true;
    for (const std::string& one : now) {
      same = same && in(wanted, one);
      terminal_.out(fmt::format("{}{}\n", one, in(wanted, one) ? "" : "  (no longer among `operators`)"));
    }
    for (const std::string& one : wanted)
      if (!in(now, one)) {
        same = false;
        terminal_.out(fmt::format("{}  (among `operators`, cannot read the vault yet)\n", one));
      }
    if (!same) terminal_.out("`labc secret recipients --update` encrypts the vault to `operators`\n");
    return success;
  }

 private:
  bool fail(int status) {
    status_ = status;
    return false;
  }
  int complain(std::string_view words) {
    terminal_.complain(words);
    return status_ = errors_found;
  }
  bool show() {
    show_diagnostics(*snapshot_, terminal_);
    return fail(errors_found);
  }

  std::vector<std::string> operators() const {
    std::vector<std::string> out;
    for (const auto& one : snapshot_->lab.lab().operators) out.emplace_back(*one);
    return out;
  }

  /// A vault that nobody here can read would be lost the moment it is written.
  bool may_begin() {
    const std::vector<std::string> all = operators();
    for (const std::string& one : all)
      if (const std::string problem = crypto::age::recipient_problem(one); !problem.empty()) {
        complain(fmt::format("`operators`: {}: {}", one, problem));
        return false;
      }
    const bool ours =
        std::any_of(identities_.keys.begin(), identities_.keys.end(), [&](const auto& identity) {
          return std::find(all.begin(), all.end(), identity.recipient) != all.end();
        });
    if (ours) return true;
    if (!identities_.problem.empty()) terminal_.complain(identities_.problem);
    complain(fmt::format(
        "none of `operators` is yours: no identity of theirs was found in {}; `labc secret identity "
        "FILE` makes one",
        identities_.looked_at));
    return false;
  }

  /// What makes the value at a handle: the longest of those that it stands in.
  const Wanted* declared(std::string_view handle) const {
    const Wanted* best = nullptr;
    for (const Wanted& one : wanted_)
      if (handle == one.handle || (handle.starts_with(one.handle) && handle[one.handle.size()] == '/'))
        if (best == nullptr || best->handle.size() < one.handle.size()) best = &one;
    return best;
  }

  bool named() {
    if (!arguments_.second.empty()) return true;
    terminal_.complain(fmt::format("`labc secret {} NAME`: the name is missing; `labc secret list` shows all",
                                   arguments_.first));
    return fail(usage_or_io);
  }

  bool known() {
    const std::string& handle = arguments_.second;
    if (declared(handle) != nullptr || vault_->value(handle) != nullptr) return true;
    std::vector<std::string_view> names;
    for (const Wanted& one : wanted_) names.push_back(one.handle);
    const auto near = diagnostics::nearest(handle, names);
    complain(near ? fmt::format("the lab declares no secret `{}`; there is `{}`", handle, *near)
                  : fmt::format("the lab declares no secret `{}`", handle));
    return false;
  }

  vault::Read from_source(const Wanted& one) const {
    if (one.source == Source::environment) return vault::read_variable(one.place);
    if (one.source == Source::file)
      return vault::read_file(one.place.starts_with('/') ? one.place
                                                         : snapshot_->request.folder + "/" + one.place);
    if (one.source == Source::command) return vault::read_command(one.argv);
    return {};
  }

  bool save() {
    auto status = vault_->save(*files_, utc_now());
    // What is public of a value that changed.
    if (status.ok() && !snapshot_->evaluation->disclosures().empty()) {
      snapshot_ = compile(arguments_, terminal_, *files_, Fetch::no, Disclose::yes);
      if (snapshot_ == nullptr) return fail(usage_or_io);
      if (snapshot_->discloser != nullptr) status = snapshot_->discloser->save(*files_, utc_now());
    }
    if (status.ok()) return true;
    terminal_.complain(status.error);
    return fail(usage_or_io);
  }

  const Arguments& arguments_;
  Terminal& terminal_;
  std::unique_ptr<source::FileSystem> files_;
  session::Snapshot* snapshot_ = nullptr;
  std::vector<Wanted> wanted_;
  vault::Identities identities_;
  std::optional<vault::Vault> vault_;
  int status_ = success;
};

/// A new identity in a file that its owner alone can read; its recipient on standard output.
int make_identity(const Arguments& arguments, Terminal& terminal) {
  if (arguments.second.empty()) {
    terminal.complain("`labc secret identity FILE`: say where to write it");
    return usage_or_io;
  }
  const int fd = ::open(arguments.second.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    terminal.complain(fmt::format("{}: {}", arguments.second, std::strerror(errno)));
    return usage_or_io;
  }
  const crypto::age::Identity identity = crypto::age::generate_identity();
  const crypto::SecretBytes text = crypto::SecretBuilder()
                                       .append(fmt::format("# public key: {}\n", identity.recipient))
                                       .append(crypto::age::identity_text(identity))
                                       .append('\n')
                                       .take();
  const ssize_t n = ::write(fd, text.expose().data(), text.size());
  if (::close(fd) != 0 || n != static_cast<ssize_t>(text.size())) {
    terminal.complain(fmt::format("{}: {}", arguments.second, std::strerror(errno)));
    return usage_or_io;
  }
  terminal.out(identity.recipient + "\n");
  return success;
}

}  // namespace

int run_secret(const Arguments& arguments, Terminal& terminal) {
  vault::harden_process();
  const std::string& action = arguments.first;
  if (action == "identity") return make_identity(arguments, terminal);
  Arguments given = arguments;
  // Actions without a name take the lab in its place.
  if ((action == "init" || action == "list" || action == "recipients") && given.lab.empty())
    given.lab = given.second;
  if (!given.lab.empty() && !source::real_file_system()->is_directory(given.lab)) {
    // Not quoted: somebody may have taken the last operand for the value.
    terminal.complain(
        "the last operand is the folder of the lab, and there is no such folder; a value is typed or read "
        "from standard input, never said on the command line");
    return usage_or_io;
  }
  Run run(given, terminal);
  if (action == "init") return run.init();
  if (action == "list") return run.list();
  if (action == "get") return run.get();
  if (action == "recipients") return run.recipients();
  return run.set(action == "rotate");
}

}  // namespace lab::cli
