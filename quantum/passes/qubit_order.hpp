#pragma once

// Qubits named by their order of first use, so that a circuit whose qubits have other names is
// compiled into the same blocks. Private to this room.

#include <vector>

#include "quantum/circuit/circuit.hpp"

namespace quercus::passes {

// Entry q: the place of qubit q when the qubits are ordered by the first operation on them that is
// no barrier (a barrier on a whole register lists it in the order of its names); untouched ones
// last.
[[nodiscard]] std::vector<circuit::Qubit> order_of_first_use(const circuit::Circuit& circuit);

// Renames the qubits by order_of_first_use: one register of all qubits. Returns what the new names
// stand for.
std::vector<circuit::Qubit> name_by_first_use(circuit::Circuit& circuit);

// Qubit q becomes places[q]; one register of all qubits.
[[nodiscard]] circuit::Circuit rename_qubits(const circuit::Circuit& circuit,
                                             const std::vector<circuit::Qubit>& places);
// The inverse, with the registers back.
[[nodiscard]] circuit::Circuit restore_qubits(circuit::Circuit circuit,
                                              const std::vector<circuit::Qubit>& places,
                                              const std::vector<circuit::Register>& qregs);

}  // namespace quercus::passes
