#pragma once

// Multi-qubit gates in terms of cx and named one-qubit gates, equal up to global phase.

#include <optional>
#include <vector>

#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// nullopt for gates without a fixed definition (sycamore, b, fsim, ..., kUnitary). `op` is a
// unitary gate on two or more qubits. Sources: qelib1.inc and Qiskit's definitions; multiply
// controlled phases as phase polynomials in Gray-code order (n qubits: 2^n - 2 cx).
[[nodiscard]] std::optional<std::vector<Operation>> gate_definition(const Operation& op);

}  // namespace quercus::passes
