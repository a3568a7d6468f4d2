#pragma once

// What decides between two circuits. Private to this room.

#include <array>
#include <compare>
#include <cstdint>
#include <vector>

#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"
#include "quantum/passes/target.hpp"

namespace quercus::passes {

// A cost and what its gates weigh. The weights are for fidelity alone: -log(1 - error) of a two-
// and of a one-qubit gate, on a machine with error rates their means over its edges and qubits;
// else a two-qubit gate counts 1 and a one-qubit gate a tenth of it.
struct Objective {
    Optimize optimize = Optimize::kTwoQubit;
    double two_qubit = 1;
    double one_qubit = 0.1;
    friend bool operator==(const Objective&, const Objective&) = default;
};

// Compared entry by entry:
//   two_qubit  cx, operations
//   depth      circuit::two_qubit_depth, cx, operations
//   fidelity   weighted sum over the gates, cx, operations
struct Cost {
    std::array<double, 3> parts{};
    friend auto operator<=>(const Cost&, const Cost&) = default;
    // What the objective is named after.
    [[nodiscard]] double first() const { return parts[0]; }
};

// Of a circuit in {cx, u3} and fences.
[[nodiscard]] Cost cost_of(const Circuit& circuit, const Objective& objective);
// Weights from the machine's error rates, if it has any.
[[nodiscard]] Objective objective_for(Optimize optimize, const Target& target);

// Of a circuit on its machine, in the gates of the target: with every gate's own error rate where
// the machine has one, else as Objective says.
[[nodiscard]] Result<Cost> placed_cost_of(const Circuit& circuit, const TargetSpec& target,
                                          const Objective& objective);

// Index of the first of those that cost least.
[[nodiscard]] Result<std::size_t> best_placed(const std::vector<Placed>& placed,
                                              const TargetSpec& target, const Objective& objective);

// Of any circuit, in cx equivalents.
[[nodiscard]] Result<Cost> full_cost_of(const Circuit& circuit, const Objective& objective);

}  // namespace quercus::passes
