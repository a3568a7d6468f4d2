#pragma once

// Two-qubit unitaries in terms of one native two-qubit gate. Private to this room.

#include <array>

#include "quantum/mapping/machine_model.hpp"

namespace quercus::mapping {

// Whether native_pair can build circuits from this gate.
[[nodiscard]] bool is_entangler(Gate gate);
// Whether native_pair finds its circuits numerically, which takes milliseconds.
[[nodiscard]] bool is_fitted(Gate gate);
// Whether a rotation about z of the gate's qubit `k` can be moved across it.
[[nodiscard]] bool commutes_with_z(Gate gate, std::size_t k);

struct EntanglerChoice {
    Gate gate = Gate::kCX;
    // Where the gate is not symmetric: its first qubit must be qubit 0 / qubit 1 of the pair.
    bool only_forward = false, only_backward = false;
};

// Either a matrix on qubit order[0], or the native gate on (order[0], order[1]).
struct NativeStep {
    std::array<std::uint8_t, 2> order = {0, 1};
    std::optional<base::Matrix> matrix;
    Gate gate = Gate::kCX;
    std::vector<double> params;
};

struct NativePair {
    std::vector<NativeStep> steps;
    double delta = 0;
};

// `block`: unitary gates on two qubits. With gates of CX's class: as many as the least number of
// CX, except that rzz does with one where the block is a single ZZ rotation up to one-qubit gates.
// With the others: the least number of that gate.
[[nodiscard]] Result<NativePair> native_pair(const Circuit& block, const EntanglerChoice& choice);

}  // namespace quercus::mapping
