#include "compiler/session/seal.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/emit/yaml.h"
#include "compiler/lower/secret_leaf.h"

namespace lab::session {

namespace {

constexpr std::string_view format_name = "lab.sealed/1";

/// What an earlier build wrote; nothing of a file that is not as labc writes it.
vault::Records read_records(const std::string& text) {
  vault::Records out;
  const nlohmann::json root = nlohmann::json::parse(text, nullptr, false);
  if (!root.is_object() || root.value("format", "") != format_name || !root.contains("files")) return out;
  for (const auto& [path, record] : root["files"].items())
    if (record.is_object()) out[path] = {record.value("digest", ""), record.value("sha256", "")};
  return out;
}

/// `again`: an earlier build had one, and its encrypted files would be removed.
void warn_of_no_vault(Snapshot& snapshot, const document::Bundle& bundle, bool again) {
  using namespace diagnostics;
  const auto count =
      std::ranges::count(bundle.artifacts, document::Format::sops, &document::Artifact::format);
  if (count == 0) return;
  Diagnostic d =
      make(Code::vault_missing, {}, "", "there is no vault: {} encrypted files are not written", count);
  if (std::ranges::any_of(bundle.artifacts, [](const auto& a) { return a.path == "plan.json"; }))
    d.note(
        "plan.json and kustomizations name them: `labrun` and kustomize refuse the tree until they are "
        "there");
  d.note("`labc secret init` makes one in secrets/, with every value that can be generated");
  if (again) {
    d.severity = Severity::error;
    d.note(
        "an earlier build wrote encrypted files there, which would be removed: bring the vault back, or "
        "build elsewhere");
  }
  snapshot.sink.report(std::move(d));
}

/// Nothing is encrypted for a text that is no recipient.
bool check_operators(Snapshot& snapshot) {
  using namespace diagnostics;
  bool whole = true;
  for (const auto& one : snapshot.lab.lab().operators) {
    const std::string problem = crypto::age::recipient_problem(*one);
    if (problem.empty()) continue;
    Diagnostic d = make(Code::refinement_failed, snapshot.span(one.at), "no recipient of age",
                        "nothing can be encrypted to `{}`: {}", *one, problem);
    d.note("`labc secret identity FILE` and `age-keygen` make an identity and say its recipient");
    snapshot.sink.report(std::move(d));
    whole = false;
  }
  return whole;
}

}  // namespace

Sealing::Sealing(Snapshot& snapshot, const document::Bundle& bundle, SealRequest request)
    : snapshot_(snapshot),
      request_(std::move(request)),
      vault_(*request_.files, snapshot.request.folder, snapshot.sink) {
  std::string records;
  if (!request_.out.empty())
    (void)request_.files->read(request_.out + "/" + std::string(sealed_name), records);
  if (!vault_.present()) {
    if (!request_.check && !vault_.damaged())
      warn_of_no_vault(snapshot, bundle, !read_records(records).empty());
    return;
  }
  if (!check_operators(snapshot)) return;
  if (!request_.check) identities_ = vault::find_identities();
  wanted_ = wanted(snapshot);
  const bool missing = std::ranges::any_of(
      wanted_, [&](const Wanted& one) { return one.source == Source::generated && !vault_.has(one.handle); });
  if (request_.create && missing && !vault_.damaged() && vault_.opens(identities_) &&
      vault_.unlock(identities_))
    made_ = make_missing(vault_, wanted_);
  vault::SealOptions options;
  options.check_only = request_.check;
  options.locate = [&snapshot](document::Origin origin) { return snapshot.span(origin); };
  if (request_.check)
    options.coming = [this](std::string_view handle) {
      return std::ranges::any_of(wanted_, [&](const Wanted& one) {
        return one.source == Source::generated && handle.starts_with(one.handle);
      });
    };
  options.before = read_records(records);
  options.read = [this](const std::string& path) -> std::optional<std::string> {
    std::string bytes;
    if (!request_.files->read(request_.out + "/" + path, bytes).ok()) return std::nullopt;
    return bytes;
  };
  sealer_ = std::make_unique<vault::Sealer>(vault_, identities_, snapshot.sink, std::move(options));
}

emit::Seal Sealing::seal() {
  if (sealer_ == nullptr) return {};
  return [this](const document::Artifact& artifact, std::vector<emit::LineOrigin>& lines) {
    std::vector<crypto::sops::Line> places;
    auto bytes = sealer_->seal(artifact, places);
    for (const crypto::sops::Line& place : places) lines.push_back({place.line, place.origin});
    return bytes;
  };
}

void Sealing::add_rules(document::Bundle& bundle) const {
  if (sealer_ == nullptr || request_.check) return;
  document::Arena& arena = bundle.arena();
  document::Map root = arena.map();
  document::List rules = root.list("creation_rules");
  const auto add = [&](std::string_view pattern, std::string_view keys, const document::Sealing& sealing) {
    document::Map rule = rules.map();
    rule.set("path_regex", pattern);
    if (!keys.empty()) rule.set("encrypted_regex", keys).set("mac_only_encrypted", true);
    std::string recipients;
    for (const std::string& one : sealing.recipients) recipients += (recipients.empty() ? "" : ",") + one;
    for (const std::string& reader : sealing.readers)
      recipients += "," + vault_.public_value(reader + "/recipient_unencrypted");
    rule.set("age", recipients);
  };
  document::Sealing everywhere = lower::operator_sealing(snapshot_.lab);
  for (const model::Cluster& cluster : snapshot_.lab.clusters)
    everywhere.readers.push_back(lower::cluster_identity(cluster));
  add("(kubernetes|gitops)/.*\\.sops\\.ya?ml$", lower::kubernetes_values, everywhere);
  add("\\.sops\\.ya?ml$", {}, lower::operator_sealing(snapshot_.lab));
  bundle.add(".sops.yaml", "secrets.rules", {root});
}

std::string Sealing::records() const {
  if (sealer_ == nullptr || sealer_->records().empty()) return {};
  document::Arena arena;
  document::Map root = arena.map();
  root.set("format", format_name);
  document::Map files = root.map("files");
  for (const auto& [path, record] : sealer_->records())
    files.map(std::string_view(path))
        .set("digest", std::string_view(record.digest))
        .set("sha256", std::string_view(record.sha256));
  std::string out;
  std::uint32_t line = 1;
  std::vector<emit::LineOrigin> lines;
  emit::write_json(*root.node(), out, line, lines);
  return out;
}

source::IoStatus Sealing::save(source::FileSystem& files, std::string_view now) {
  return made_ == 0 ? source::IoStatus{} : vault_.save(files, now);
}

}  // namespace lab::session
