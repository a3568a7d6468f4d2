#pragma once

// Running one kernel: its seed, and the wall around its exceptions. Any thread.

#include "runtime/scheduling/items.hpp"
#include "runtime/workflow/runtime.hpp"

namespace quercus::workflow {

// Content-seeded: Philox(job seed, digest of what the task computes); path-seeded: Philox(job seed,
// digest of its path). `path` = scheduling::Path::bytes().
[[nodiscard]] Seed task_seed(const scheduling::TaskHead& head, Seeding seeding, BytesView path,
                             BytesView input);

// The kernel's own Status passes; std::bad_alloc becomes RESOURCE_EXHAUSTED, any other exception
// INTERNAL. INTERNAL too for a kind that is no kernel.
[[nodiscard]] Result<Bytes> call_kernel(const KindInfo& kind, BytesView input,
                                        const KernelContext& context);

}  // namespace quercus::workflow
