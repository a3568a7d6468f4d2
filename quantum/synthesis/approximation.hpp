#pragma once

// Approximations of a block with fewer and fewer CX: what an error budget can buy.

#include <vector>

#include "quantum/synthesis/instantiate.hpp"

namespace quercus::synthesis {

struct ApproximationOptions {
    Seed seed = 0;
    double most_delta = 0;             // what the last of them may differ by
    std::uint64_t max_descents = 600;  // optimiser starts
    StopCheck stop;
};

struct Approximation {
    Ansatz ansatz;
    double delta = 0;  // against the target, as in Instantiation
};

// Starting from `start` (equal or close to the target, on as many qubits), again and again removes
// the CX, or the two CX close to each other, whose absence the other gates make up for best. Each
// result has fewer CX than the one before it and is within most_delta; none where nothing is.
// Stopped: what was found so far. INVALID_ARGUMENT for a start on another number of qubits.
[[nodiscard]] Result<std::vector<Approximation>> approximate(const base::Matrix& target,
                                                             const Ansatz& start,
                                                             const ApproximationOptions& options);

}  // namespace quercus::synthesis
