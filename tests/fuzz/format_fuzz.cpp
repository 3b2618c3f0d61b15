// Any bytes to the formatter: what it lays out, it leaves alone the second time.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "compiler/syntax/format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto once = lab::syntax::format({reinterpret_cast<const char*>(data), size});
  if (once && lab::syntax::format(*once) != once) std::abort();
  return 0;
}
