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

// As many factors as there are, the unitary itself if there is one. For each factor split off, an
// entry of the product differs from `unitary` (2^n x 2^n) by at most 3e-9 and by what `unitary` is
// not quite unitary, up to a global phase. Time 2^n times its size.
[[nodiscard]] std::vector<UnitaryFactor> split_product(const base::Matrix& unitary);

// Appends a factor's circuit, whose qubit i is qubits[i] of `into`.
void append(circuit::Circuit& into, const circuit::Circuit& factor,
            const std::vector<circuit::Qubit>& qubits);

}  // namespace quercus::passes
