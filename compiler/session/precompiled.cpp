#include "compiler/session/precompiled.h"

#include <cstring>

// The bytes stand in the object file as they are; the build passes the path.
asm(".section .rodata\n"
    ".balign 8\n"
    ".global lab_standard_library\n"
    "lab_standard_library:\n"
    ".incbin \"" LAB_STANDARD_LIBRARY "\"\n"
    ".global lab_standard_library_end\n"
    "lab_standard_library_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" {
extern const char lab_standard_library[];
}

namespace lab::session {
namespace {

class Reader {
 public:
  std::uint32_t count() {
    std::uint32_t n;
    std::memcpy(&n, at_, sizeof n);
    at_ += sizeof n;
    return n;
  }
  std::string_view text() {
    const std::uint32_t n = count();
    const std::string_view out(at_, n);
    at_ += (n + 3) / 4 * 4;
    return out;
  }
  template <class T>
  std::span<const T> items() {
    const std::uint32_t n = count();
    const std::span<const T> out(reinterpret_cast<const T*>(at_), n);
    at_ += n * sizeof(T);
    return out;
  }

 private:
  const char* at_ = lab_standard_library;
};

}  // namespace

void load_standard_library(source::Sources& sources, source::Symbols& symbols, names::Program& program) {
  Reader in;
  for (std::uint32_t n = in.count(); n > 0; --n) symbols.intern_static(in.text());
  for (std::uint32_t n = in.count(); n > 0; --n) {
    const std::string_view path = in.text(), text = in.text();
    const source::FileId file = sources.add_view(std::string(path), text);
    const auto nodes = in.items<syntax::Node>();
    const auto docs = in.items<syntax::Doc>();
    program.add(nodes, docs, file, names::Home::standard);
  }
}

}  // namespace lab::session
