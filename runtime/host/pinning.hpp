#pragma once

// Which cores a rank's workers are pinned to: what --cpus means. The executors pin themselves
// (runtime/executor/process.cpp).

#include <cstdint>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::host {

// One cpu per worker. A single number in `cpus` with several workers is a start index counted up,
// as in the BQSKit guide; otherwise there must be as many cpus as workers. More workers than
// allowed cores share them (with a warning in the log). INVALID_ARGUMENT for cpus outside the
// allowed set.
[[nodiscard]] Result<std::vector<std::vector<int>>> place_workers(std::uint32_t workers,
                                                                  const std::vector<int>& cpus);

}  // namespace quercus::host
