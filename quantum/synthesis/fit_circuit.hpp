#pragma once

// Instantiation of any circuit: the angles of its gates, and the matrices of its unknown gates,
// such that it does what a target says. instantiate.hpp is the fast engine for {cx, rotations} on a
// few qubits; this one takes every gate of the IR. Pure: results depend on the arguments alone.
//
// Three methods, all on V in = e^{i phi} out with the best phi, d = ||V in - e^{i phi} out||^2 / (2
// k) for k columns (1 - |Tr| / k of a unitary):
// - Levenberg-Marquardt on the residual; an unknown gate moves by G -> G exp(i sum a_P P / 2) over
//   the Pauli matrices P. A column of the Jacobian is R^dagger (G^dagger dG) R in, R the gates
//   before.
// - L-BFGS on d (Liu and Nocedal, Math. Program. 45, 503 (1989)), along the same coordinates.
// - QFactor (Kukliansky et al., arXiv:2306.08152): each unknown gate in turn becomes the unitary
//   closest to its environment; angles stay.
// Derivatives by angles are exact: the entries of every gate of the IR are trigonometric
// polynomials of degree 2 in half of each angle, whose derivative is a sum over four shifts
// (M. Riesz 1914; Wierichs et al., Quantum 6, 677 (2022)).

#include <cstdint>
#include <string_view>
#include <vector>

#include "quantum/base/random.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/synthesis/stop.hpp"
#include "quantum/synthesis/synthesis_target.hpp"

namespace quercus::synthesis {

enum class FitMethod : std::uint8_t {
    kAuto,  // Levenberg-Marquardt, where its matrices are large L-BFGS; unknown gates first by
            // QFactor
    kLevenbergMarquardt,
    kLbfgs,
    kQFactor,
};

struct FitOptions {
    FitMethod method = FitMethod::kAuto;
    double threshold = 1e-8;  // d that counts as success
    double polish = 1e-14;    // successes are driven down to this d, or as far as they go
    int max_iterations = 0;   // 0: 200, of L-BFGS 2,000, of QFactor 5,000 sweeps
    // One per operation, if not empty: nonzero where it stays as it is.
    std::vector<std::uint8_t> frozen;
    StopCheck stop;
};

struct CircuitFit {
    circuit::Circuit circuit;  // with its angles; unknown gates have become kUnitary
    double d = 2;
    int iterations = 0;
    bool success = false;  // d < threshold
};

// What of a circuit is free: every parameter in radians (or half turns) of a gate that is not
// frozen, and every opaque gate, which stands for an unknown unitary on up to three qubits.
struct FreeParts {
    std::size_t coordinates = 0;  // angles, and 4^q - 1 for each unknown gate on q qubits
    std::size_t unknown = 0;      // gates
};

// INVALID_ARGUMENT names the operation or the option: a gate without a matrix (measure, reset, a
// condition, a frozen or parametrised opaque gate, one on four qubits or more), another number of
// qubits than the target, nothing free, a method that has nothing to do or would need too large
// matrices.
[[nodiscard]] Result<FreeParts> check_fit(const circuit::Circuit& shape,
                                          const SynthesisTarget& target,
                                          const FitOptions& options = {});

// One descent from the circuit's own angles, or from random ones (uniform; of QFactor from its own
// too); unknown gates start from random unitaries (Haar). Errors of check_fit and of check(target).
// The d of a descent that failed or was stopped is where it ended.
[[nodiscard]] Result<CircuitFit> fit_circuit(const circuit::Circuit& shape,
                                             const SynthesisTarget& target, Philox& random,
                                             bool from_random, const FitOptions& options = {});

// "auto", "lm", "lbfgs" or "qfactor". INVALID_ARGUMENT for anything else.
[[nodiscard]] Result<FitMethod> fit_method_from_text(std::string_view text);
[[nodiscard]] std::string_view to_text(FitMethod method);

}  // namespace quercus::synthesis
