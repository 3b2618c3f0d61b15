#include "compiler/session/version.h"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstring>

namespace lab::session {

namespace {

struct Ids {
  std::string bytes;
  std::size_t objects = 0;
};

std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

/// The description of the note NT_GNU_BUILD_ID in a segment of notes; "" when it holds none.
std::string_view build_id(const char* at, std::size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof note);
    const std::size_t name = padded(note.n_namesz);
    const std::size_t whole = sizeof note + name + padded(note.n_descsz);
    if (whole > size) break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(at + sizeof note, "GNU", 4) == 0)
      return {at + sizeof note + name, note.n_descsz};
    at += whole;
    size -= whole;
  }
  return {};
}

/// Of one loaded object; the first is the program.
int add(dl_phdr_info* object, std::size_t /*size*/, void* into) {
  Ids& ids = *static_cast<Ids*>(into);
  std::string_view found;
  for (ElfW(Half) i = 0; i < object->dlpi_phnum && found.empty(); ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type == PT_NOTE)
      found = build_id(reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz);
  }
  if (found.empty() && ids.objects == 0) return 1;
  ids.bytes += found;
  ids.bytes += '\n';
  ++ids.objects;
  return 0;
}

}  // namespace

std::string program_id() {
  Ids ids;
  ::dl_iterate_phdr(add, &ids);
  return ids.bytes;
}

}  // namespace lab::session
