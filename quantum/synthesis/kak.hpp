#pragma once

// Two-qubit unitaries: the KAK (Weyl) decomposition and circuits with the fewest CX.
// Sources: Kraus, Cirac, PRA 63, 062309 (2001); Vatan, Williams, PRA 69, 032315 (2004);
// Shende, Markov, Bullock, PRA 69, 062321 (2004). The simultaneous diagonalisation is by Jacobi
// rotations (Bunse-Gerstner, Byers, Mehrmann 1993), which needs no special case when eigenvalues
// coincide. Qubit 0 is the low one: `high` factors act on qubit 1.

#include <array>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::synthesis {

// u = e^{i phase} (after_high (x) after_low) exp(i (x XX + y YY + z ZZ)) (before_high (x)
// before_low) with (x, y, z) in the Weyl chamber pi/4 >= x >= y >= |z|.
struct KakDecomposition {
    double phase = 0;
    std::array<double, 3> coordinates{};
    base::Matrix before_low, before_high, after_low, after_high;
};

// INVALID_ARGUMENT unless u is 4x4 and unitary to 1e-8.
[[nodiscard]] Result<KakDecomposition> kak_decompose(const base::Matrix& u);

// A lower bound of minimal_cx(u) at a tolerance of up to 1e-14, much cheaper: from the trace of
// u YY u^T YY (Shende, Bullock, Markov, PRA 70, 012310 (2004)). 0 for another size.
[[nodiscard]] int least_cx(const base::Matrix& u);

// The least number of CX (0..3) whose circuits reach d = 1 - |Tr|/4 <= tolerance.
[[nodiscard]] Result<int> minimal_cx(const base::Matrix& u, double tolerance = 1e-14);

// A circuit on two qubits in {cx, u3} with minimal_cx(u, tolerance) CX, equal to u up to global
// phase: with delta near 1e-15, except where a smaller count within the tolerance was taken.
[[nodiscard]] Result<circuit::Circuit> synthesize_two_qubit(const base::Matrix& u,
                                                            double tolerance = 1e-14);

}  // namespace quercus::synthesis
