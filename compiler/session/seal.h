// The encrypted part of a build: the vault of a lab, and what is sealed from it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "compiler/emit/render.h"
#include "compiler/session/session.h"
#include "compiler/session/wanted.h"
#include "compiler/vault/sealer.h"

namespace lab::session {

/// Where the sealed files of an earlier build are told of.
inline constexpr std::string_view sealed_name = "sealed.json";

/// What a build may do with secrets.
struct SealRequest {
  const source::FileSystem* files = nullptr;
  std::string out;      // folder of earlier outputs, whose unchanged files are kept; "" for none
  bool check = false;   // report missing values, seal nothing
  bool create = false;  // make missing values that are generated; `Sealing::save` puts them into the vault
};

class Sealing {
 public:
  /// Reads the vault beside the lab; what is wrong with it goes to the snapshot's sink.
  Sealing(Snapshot& snapshot, const document::Bundle& bundle, SealRequest request);
  /// For `emit::render`; seals nothing without a vault.
  [[nodiscard]] emit::Seal seal();
  /// Adds `.sops.yaml`, by which `sops` encrypts what a person changes in the tree; nothing without a vault.
  void add_rules(document::Bundle& bundle) const;
  /// sealed.json; empty when nothing is sealed.
  [[nodiscard]] std::string records() const;
  /// Values made for this build; `save` stores them.
  [[nodiscard]] std::size_t made() const { return made_; }
  [[nodiscard]] source::IoStatus save(source::FileSystem& files, std::string_view now);

 private:
  const Snapshot& snapshot_;
  SealRequest request_;
  vault::Identities identities_;
  vault::Vault vault_;
  std::vector<Wanted> wanted_;
  std::unique_ptr<vault::Sealer> sealer_;
  std::size_t made_ = 0;
};

}  // namespace lab::session
