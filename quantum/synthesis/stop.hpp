#pragma once

// Cooperative stop. Kernels here have no threads and no clock; they ask this callback between
// optimiser iterations, far more often than every 100 ms. Empty = never.

#include <functional>

namespace quercus::synthesis {

using StopCheck = std::function<bool()>;

[[nodiscard]] inline bool should_stop(const StopCheck& stop) {
    return stop && stop();
}

}  // namespace quercus::synthesis
