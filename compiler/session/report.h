// What a person wants to know of a build: what is open to whom, what was relaxed and why, what of secrets is
// public, what nobody could prove, which versions. Printed after a build and written to build.json.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/session/session.h"

namespace lab::session {

/// One hop of the way through a door.
struct Passed {
  std::string text;
  source::Span place;
};

/// A door: something that can be reached from outside its cluster or machine.
struct Exposure {
  std::string name;          // host name, or the address of a door `at` one
  std::string owner;         // "app plex"
  std::string via;           // "tunnel public-door", "gateway internal", "address"
  bool internet = false;     // somebody in the internet comes through it
  std::vector<Passed> path;  // how, from there to the workload
  std::string auth;          // identity provider, "oidc", "own", "none"; empty where nothing is asked
  source::Span place;
};

/// A value with its reason: `privileged = true because "…"`.
struct Relaxed {
  std::string resource;  // "app plex"
  std::string field;     // "expose.auth"
  std::string reason;
  source::Span place;
};

/// An assertion that nothing decided.
struct Unknown {
  std::string text;      // as written
  std::string function;  // what could not be decided: "survives"
  std::string reason;    // of `assume`; empty for an assertion
  std::string said;      // why it could not
  source::Span place;
};

/// A version that the lab pins.
struct Pinned {
  std::string what;  // "cluster homelab: talos", "helm loki"
  std::string version;
};

/// Something of a secret that is public: `declassify(secret.x, reason = "…")`.
struct Declassified {
  std::string function;
  std::string secret;  // "deploy-key", "grafana/admin-user"; several with commas
  std::string reason;  // of `declassify`; empty for others
  source::Span place;
};

struct Report {
  std::vector<Exposure> exposures;
  std::vector<Relaxed> relaxations;
  std::vector<Declassified> declassified;
  std::vector<Unknown> unknowns;
  std::vector<Pinned> versions;
};

/// Everything in the order of the lab's declarations. Complete for a complete snapshot.
[[nodiscard]] Report report(const Snapshot& snapshot);
/// The report as people read it; empty when there is nothing to say.
[[nodiscard]] std::string render_report(const Report& report, const Snapshot& snapshot);
/// Files and repositories that a lab is made of, with their SHA-256.
using Inputs = std::vector<std::pair<std::string, std::string>>;
/// Its own files, then those it reads, then imports.
[[nodiscard]] Inputs inputs(const Snapshot& snapshot);
/// build.json (format `lab.build/1`): the report with the inputs.
[[nodiscard]] std::string render_build_json(const Report& report, const Inputs& made_of,
                                            const Snapshot& snapshot);

/// `media.lab:31`; empty for no place.
[[nodiscard]] std::string spelled(const source::Sources& sources, source::Span place);

}  // namespace lab::session
