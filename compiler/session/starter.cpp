#include "compiler/session/starter.h"

#include <fmt/format.h>

#include "compiler/session/load.h"
#include "compiler/source/embedded.h"

namespace lab::embedded {
std::span<const source::Embedded> starters();
}

namespace lab::session {

namespace {

std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.find('/'));
}

std::string_view first_doc_line(std::string_view text) {
  constexpr std::string_view mark = "/// ";
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + mark.size());
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::vector<Starter> starters() {
  std::vector<Starter> out;
  for (const source::Embedded& file : embedded::starters()) {
    if (!file.name.ends_with("/lab.lab")) continue;
    out.push_back({folder_of(file.name), first_doc_line(file.bytes)});
  }
  return out;
}

source::IoStatus write_starter(source::FileSystem& files, std::string_view name, const std::string& folder,
                               std::vector<std::string>& written) {
  std::vector<LabFile> there;
  if (files.is_directory(folder)) {
    if (const source::IoStatus status = load(files, folder, there); !status.ok()) return status;
  }
  if (!there.empty()) return {fmt::format("there is a lab already: {}/{}", folder, there.front().path)};
  for (const source::Embedded& file : embedded::starters()) {
    if (folder_of(file.name) != name) continue;
    const std::string path = fmt::format("{}/{}", folder, file.name.substr(name.size() + 1));
    if (const source::IoStatus status = files.write(path, file.bytes); !status.ok())
      return {fmt::format("{}: {}", path, status.error)};
    written.push_back(path);
  }
  return {};
}

}  // namespace lab::session
