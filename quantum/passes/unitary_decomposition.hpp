#pragma once

// Arbitrary unitaries as circuits, quickly: synthesis::block_zxz down to pairs, which KAK takes. A
// starting point for synthesis, not a minimum: 24 cx for three qubits, 120 for four, 528 for five,
// 2208 for six.

#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// Operations in {cx, one-qubit gates} on `qubits` (qubits[0] = least significant) that equal `u` up
// to global phase. INVALID_ARGUMENT unless u is 2^n x 2^n, n = qubits.size() in 1..6, and unitary
// to 1e-8.
[[nodiscard]] Result<std::vector<Operation>> decompose_unitary(const base::Matrix& u,
                                                               std::vector<Qubit> qubits);

}  // namespace quercus::passes
