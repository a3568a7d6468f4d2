#pragma once

// The life of a flow executor: all workflows of a rank, on the calling thread.

#include "runtime/workflow/runtime.hpp"

namespace quercus::executor {

// Never returns: the process lives until its control process ends it. `remembered_bytes`: of
// results of cacheable children.
[[noreturn]] void run_flows(const workflow::Registry& registry, std::uint64_t remembered_bytes);

}  // namespace quercus::executor
