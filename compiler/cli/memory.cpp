#include "compiler/cli/memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace lab::cli {

void prepare_memory() {
  constexpr int step = 64 << 20;
  constexpr std::uintptr_t huge = 2 << 20;
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc accepts
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, step);
  void* volatile first = std::malloc(1 << 20);  // more than start-up left: the heap takes its first step
  std::free(first);
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0)) & ~(huge - 1);
  const auto begin = (end - step + huge) & ~(huge - 1);
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

}  // namespace lab::cli
