#pragma once

// Arbitrary unitaries as circuits: the block-ZXZ decomposition (De Vos, De Baerdemacker, PRA 94,
// 052317 (2016); Krol, Al-Ars, arXiv:2403.13692, without its merges). It needs singular values and
// eigenvectors of unitaries only, no cosine-sine decomposition. Each level turns n qubits into four
// factors on n - 1 and 3 * 2^(n-1) CX; the factors on `leaf_qubits` are left to the caller.

#include <functional>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::synthesis {

// A circuit in {cx, one-qubit gates} for a unitary, up to global phase.
using LeafSynthesis = std::function<Result<circuit::Circuit>(const base::Matrix&)>;

// A circuit in {cx, u3} that equals `u` up to global phase. INVALID_ARGUMENT unless u is 2^n x 2^n,
// n = 1..8, and unitary to 1e-8; errors of `leaf` are passed on. 1 <= leaf_qubits.
[[nodiscard]] Result<circuit::Circuit> block_zxz(const base::Matrix& u, int leaf_qubits,
                                                 const LeafSynthesis& leaf);

}  // namespace quercus::synthesis
