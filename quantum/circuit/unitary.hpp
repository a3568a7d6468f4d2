#pragma once

// Applying circuits to state vectors and building their unitaries, in place with strided loops. For
// checking and for small circuits; the simulation engine has its own kernels.

#include <span>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::circuit {

inline constexpr std::uint32_t kMaxUnitaryCircuitQubits = 12;

// amplitudes <- (matrix on `qubits`) amplitudes. amplitudes.size() is a power of two, qubit q is
// bit q of the index, qubits are distinct and in range, matrix is 2^k x 2^k with k = qubits.size()
// <= 6.
void apply_matrix(std::span<base::Complex> amplitudes, std::span<const Qubit> qubits,
                  const base::Matrix& matrix);

// As apply_matrix for a unitary operation; diagonal and controlled gates only touch what they
// change. The operation's condition is ignored. Barriers do nothing; other gates without a matrix
// are a broken precondition.
void apply_operation(std::span<base::Complex> amplitudes, const Operation& operation);

struct UnitaryOptions {
    // Measurements after which nothing happens to their qubit and that no condition reads are left
    // out instead of refused.
    bool ignore_final_measurements = false;
};

// The 2^n x 2^n matrix of a circuit of n <= 12 qubits, with its exact global phase. Column = input
// basis state. Refused: measure, reset, conditions and opaque gates (FAILED_PRECONDITION, names the
// operation), more qubits (RESOURCE_EXHAUSTED). The circuit must be valid.
[[nodiscard]] Result<base::Matrix> unitary_of(const Circuit& circuit, UnitaryOptions options = {});

// OK when the circuit consists of unitary gates and barriers only, else FAILED_PRECONDITION naming
// the first other operation.
[[nodiscard]] Status check_unitary(const Circuit& circuit, UnitaryOptions options = {});

// For each operation: a measurement whose qubit and result are not used afterwards.
[[nodiscard]] std::vector<bool> final_measurements(const Circuit& circuit);

}  // namespace quercus::circuit
