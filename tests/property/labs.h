// The texts that the properties are tried on, and a lab in memory.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "compiler/diagnostics/code.h"
#include "compiler/session/session.h"
#include "compiler/source/file_system.h"

namespace lab::tests {

using Files = std::map<std::string, std::string>;  // name → text

/// The `.lab` files of a folder of the repository.
inline Files lab_files(const std::string& folder) {
  Files all;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(LAB_ROOT) + "/" + folder)) {
    if (entry.path().extension() != ".lab") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream buffer;
    buffer << in.rdbuf();
    all[entry.path().filename().string()] = buffer.str();
  }
  return all;
}

/// Every lab to try: each file of the corpus alone, and the example.
inline std::vector<Files> labs() {
  std::vector<Files> all;
  for (const auto& [name, text] : lab_files("tests/corpus")) all.push_back({{name, text}});
  all.push_back(lab_files("examples/talos-media"));
  return all;
}

inline std::unique_ptr<session::Snapshot> compile(const Files& files) {
  source::MemoryFileSystem disk;
  for (const auto& [name, text] : files) disk.files["lab/" + name] = text;
  session::Request request;
  request.folder = "lab";
  return session::compile(disk, request);
}

/// All diagnostics of a snapshot as text: `LAB0004 lab.lab:10-12 message`, one a line.
inline std::string diagnostics_of(session::Snapshot& s) {
  s.sink.sort();
  std::string out;
  for (const auto& d : s.sink.all()) {
    out += diagnostics::spelled(d.code) + " ";
    if (d.primary.valid())
      out += s.sources.path(d.primary.file) + ":" + std::to_string(d.primary.begin) + "-" +
             std::to_string(d.primary.end) + " ";
    out += d.message + "\n";
  }
  return out;
}

}  // namespace lab::tests
