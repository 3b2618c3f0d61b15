// simulate: the whole plan against the built-in world.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "crypto/secret_bytes.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/state.h"
#include "runtime/cli/vault.h"
#include "runtime/simulator/simulator.h"

namespace lab::labrun {

namespace {

namespace fs = std::filesystem;

// A folder for a world that is not to be kept.
class Scratch {
 public:
  Scratch() {
    std::error_code ignored;
    std::string pattern = (fs::temp_directory_path(ignored) / "labrun-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A secret that the next run has too: a kept world holds secrets, and is encrypted.
engine::Secret world_key(const plan::Plan& plan, engine::Vault& vault, std::uint64_t seed) {
  for (const plan::Artifact& artifact : plan.artifacts) {
    if (!artifact.sealed) continue;
    if (auto text = vault.sealed(artifact.path); text.ok()) return *text;
  }
  return std::make_shared<const crypto::SecretBytes>(
      crypto::SecretBytes::copy_text(fmt::format("world {}", seed)));
}

// Whether the identities at hand open what this plan needs.
bool opens(const plan::Plan& plan, engine::Vault& vault) {
  for (const plan::Artifact& artifact : plan.artifacts) {
    if (artifact.sealed && !vault.sealed(artifact.path).ok()) return false;
  }
  return std::ranges::all_of(plan.secrets,
                             [&](const plan::Secret& secret) { return vault.named(secret).ok(); });
}

void tell(Session& session, std::string_view sentence) {
  if (session.options().json) {
    session.terminal().out(nlohmann::json{{"event", "note"}, {"text", sentence}}.dump() + "\n");
  } else {
    session.terminal().out(fmt::format("{}\n", sentence));
  }
}

}  // namespace

int run_simulate(const Options& given, Terminal& terminal) {
  Options options = given;
  options.yes = true;  // nothing here can do harm
  const Scratch scratch;
  const bool kept = !options.state.empty();
  if (!kept) options.state = scratch.path();
  Session session(options, terminal, engine::Loop::Time::simulated);
  if (const auto status = session.load()) return *status;

  simulator::Faults faults;
  if (!options.faults.empty()) {
    const auto text = read_file(options.faults);
    std::string problem = "it cannot be read";
    auto parsed = text ? simulator::Faults::read(*text, problem) : std::nullopt;
    if (!parsed) {
      terminal.complain(fmt::format("{}: {}", options.faults, problem));
      return usage;
    }
    faults = std::move(*parsed);
  }

  auto vault = real_vault(session.plan(), session.reader());
  if (!opens(session.plan(), *vault)) {
    tell(session, "no age identity opens the secrets of this plan: their values are made up");
    vault = made_up_vault(session.reader(), options.seed);
  }
  const engine::Secret key = world_key(session.plan(), *vault, options.seed);
  session.use(std::move(vault));

  if (const auto status = session.open_state("simulate")) return *status;
  simulator::Simulator world(
      {session.plan(), session.loop(), session.reader(), options.seed, std::move(faults), {}});
  if (const auto known = world.keep_in(session.state_folder() + "/world", *key); !known.ok()) {
    terminal.complain(known.error().message);
    return usage;
  }
  session.use(&world);
  const std::uint64_t before = world.writes();
  const int status =
      session.pass("simulate", session.rules(engine::Mode::apply), [](int) { return std::string(); });
  if (options.json) {
    const nlohmann::json event{{"event", "world"},
                               {"writes", world.writes() - before},
                               {"wrote", world.log()},
                               {"is", world.picture()}};
    terminal.out(event.dump() + "\n");
    return status;
  }
  if (status == success) {
    for (const std::string& line : world.summary()) terminal.out(line + "\n");
  }
  terminal.out(
      fmt::format("{} requests changed something in the simulated world\n", world.writes() - before));
  return status;
}

}  // namespace lab::labrun
