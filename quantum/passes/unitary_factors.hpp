#pragma once

// Private to this room: a unitary as a product of unitaries on disjoint sets of qubits. Thread:
// pure functions.

#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::passes {

struct UnitaryFactor {
    std::vector<circuit::Qubit> qubits;  // ascending; bit i of `matrix` is qubits[i]
    base::Matrix matrix;                 // unitary to what was split off
};

// As many factors as there are, the unitary itself if there is one. The product differs from
// `unitary` (2^n x 2^n) by a global phase and by 1e-10 per entry at most. Time 2^n times its size.
[[nodiscard]] std::vector<UnitaryFactor> split_product(const base::Matrix& unitary);

}  // namespace quercus::passes
