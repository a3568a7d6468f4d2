#pragma once

// Qubits named by their order of first use, so that a circuit whose qubits have other names is
// compiled into the same blocks.

#include <vector>

#include "quantum/circuit/circuit.hpp"

namespace quercus::circuit {

// Entry q: the place of qubit q when the qubits are ordered by the first operation on them that is
// no barrier (a barrier on a whole register lists it in the order of its names); untouched ones
// last.
[[nodiscard]] std::vector<Qubit> order_of_first_use(const Circuit& circuit);

// All that follow sort the qubits of barriers, which are sets.

// Renames the qubits by order_of_first_use: one register of all qubits. Returns what the new names
// stand for.
std::vector<Qubit> name_by_first_use(Circuit& circuit);

// Qubit q becomes places[q]; one register of all qubits.
[[nodiscard]] Circuit rename_qubits(const Circuit& circuit, const std::vector<Qubit>& places);
// The inverse, with the registers back.
[[nodiscard]] Circuit restore_qubits(Circuit circuit, const std::vector<Qubit>& places,
                                     const std::vector<Register>& qregs);

}  // namespace quercus::circuit
