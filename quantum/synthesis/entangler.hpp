#pragma once

// Two-qubit unitaries over any of the usual entangling gates, with the least number of them: the
// KAK decomposition tells the class, a core circuit with the same Weyl coordinates is written down,
// and one-qubit gates at both ends make it equal. Counts: cx, cz, ecr 0 to 3 (Vidal, Dawson 2004);
// iswap 0 to 3 (a CZ up to SWAP); sqrt_iswap 0 to 3, two where x >= y + |z| (Huang et al., PRL 130,
// 070601 (2023)); rzz with free angles: one per nonzero coordinate; fsim with free angles: one
// where two coordinates are equal up to sign, else two; the B gate 0 to 2 (Zhang et al., PRL 93,
// 020502 (2004)) and Sycamore 0 to 3, from two on by numerical fits.

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::synthesis {

enum class Entangler { kCX, kCZ, kECR, kISwap, kSqrtISwap, kRZZ, kFSim, kB, kSycamore };

// A circuit on two qubits in {entangler, u3} equal to `u` up to global phase, with the least number
// of entanglers that reaches d <= tolerance. INVALID_ARGUMENT unless u is 4x4 and unitary to 1e-8.
// The closed form for two sqrt_iswap has square roots and arc cosines: delta up to 1e-7 near the
// edges of its region, 1e-15 otherwise.
[[nodiscard]] Result<circuit::Circuit> synthesize_two_qubit(const base::Matrix& u,
                                                            Entangler entangler,
                                                            double tolerance = 1e-14);

}  // namespace quercus::synthesis
