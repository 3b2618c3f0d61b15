// How a short-lived process that fills its memory once asks the kernel for it.
#pragma once

namespace lab::cli {

/// Grows the heap in large steps that are never given back, in huge pages where the kernel has them
/// (madvise(2), MADV_HUGEPAGE): without it a fifth of a large build is spent in page faults. Only a hint;
/// nothing depends on it.
void prepare_memory();

}  // namespace lab::cli
