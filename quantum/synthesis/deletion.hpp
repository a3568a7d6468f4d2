#pragma once

// Gate deletion: remove a CX, instantiate what is left, keep it if it still reaches the target;
// repeat until no single removal works (BQSKit's scanning gate removal, with warm starts).
// Departure: then pairs of nearby CX are tried too, since two that undo each other cannot go one at
// a time.

#include "quantum/synthesis/instantiate.hpp"

namespace quercus::synthesis {

struct DeletionOptions {
    Seed seed = 0;
    double threshold = 1e-8;
    double polish = 1e-14;
    int random_starts = 1;              // per removal, after the warm start
    std::uint64_t max_descents = 2000;  // optimiser starts
    StopCheck stop;
};

struct DeletionResult {
    Ansatz ansatz;  // the input where nothing could be removed
    double delta = 0;
    int removed = 0;
    std::uint64_t descents = 0;
    bool stopped = false;
};

// `start` must be on as many qubits as `target`. INVALID_ARGUMENT otherwise.
[[nodiscard]] Result<DeletionResult> delete_gates(const base::Matrix& target, const Ansatz& start,
                                                  const DeletionOptions& options = {});

}  // namespace quercus::synthesis
