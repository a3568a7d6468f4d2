#pragma once

// The life of a leaf executor: kernels from the ring, one at a time, on the calling thread.

#include <cstdint>

#include "runtime/workflow/runtime.hpp"

namespace quercus::executor {

// Never returns: the process lives until its control process ends it. `memory_bytes`: default limit
// per task above what the idle process uses; 0: none.
[[noreturn]] void run_leaf(const workflow::Registry& registry, std::uint64_t memory_bytes);

}  // namespace quercus::executor
