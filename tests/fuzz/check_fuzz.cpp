// Any bytes as the one file of a lab, through the whole of checking and, where that finds no error, the
// build.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "compiler/session/build.h"
#include "compiler/source/file_system.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lab::source::MemoryFileSystem disk;
  disk.files["lab/lab.lab"] = std::string(reinterpret_cast<const char*>(data), size);
  lab::session::Request request;
  request.folder = "lab";
  const auto snapshot = lab::session::compile(disk, request);
  if (snapshot->complete == snapshot->sink.has_errors()) std::abort();
  lab::session::Built built;
  if (!lab::session::build(*snapshot, built) && !snapshot->sink.has_errors()) std::abort();
  return 0;
}
