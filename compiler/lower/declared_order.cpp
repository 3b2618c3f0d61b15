#include "compiler/lower/declared_order.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/manifest_object.h"

namespace lab::lower {

namespace {

constexpr std::string_view top = "kubernetes/";

}  // namespace

ObjectsOf::ObjectsOf(const model::Lab& lab, const Bundle& bundle) : lab_(lab) {
  if (lab.orders.empty()) return;
  for (const document::Artifact& artifact : bundle.artifacts) {
    const std::string_view path = artifact.path;
    if (!path.starts_with(top)) continue;
    const std::string_view folder = path.substr(0, path.rfind('/'));
    for (const document::Node* object : artifact.documents) {
      std::vector<std::string_view>& known = folders_[object->origin];
      if (std::ranges::find(known, folder) == known.end()) known.push_back(folder);
    }
  }
}

std::vector<std::string_view> ObjectsOf::folders(const model::AnyRef& resource) const {
  const model::Named* named = lab_.named(resource);
  const auto known = named == nullptr ? folders_.end() : folders_.find(named->at);
  if (known == folders_.end()) return {};
  if (known->second.size() < 2) return known->second;
  const model::Namespace* ns = lab_.find(lab_.namespace_of(resource));
  const std::string home = ns == nullptr ? std::string() : model::object_name(ns->name);
  const std::string name = model::object_name(named->name);
  const bool whole = home.empty() || resource.kind == model::Namespace::kind;
  const std::string exact = whole ? fmt::format("{}{}", top, name) : fmt::format("{}{}/{}", top, home, name);
  if (std::ranges::find(known->second, exact) == known->second.end()) return known->second;
  std::vector<std::string_view> own;
  for (const std::string_view folder : known->second)
    if (folder.starts_with(exact) &&
        (folder.size() == exact.size() || folder.substr(exact.size()) == "-doors"))
      own.push_back(folder);
  return own;
}

bool ObjectsOf::applied(const model::AnyRef& resource) const {
  if (lab_.as<model::Helm>(resource) != nullptr || !folders(resource).empty()) return true;
  const auto* manifest = lab_.as<model::Manifest>(resource);
  return manifest != nullptr && is_application(*manifest);
}

}  // namespace lab::lower
