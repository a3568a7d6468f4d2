#pragma once

// The JSON form of a circuit, exact in both directions:
//   {"qregs": [{"name": "q", "size": 2}], "cregs": [{"name": "c", "size": 2}],
//    "operations": [{"gate": "rz", "qubits": [0], "params": [0.5]},
//                   {"gate": "measure", "qubits": [1], "clbit": 0},
//                   {"gate": "x", "qubits": [0], "condition": {"creg": 0, "value": 1}},
//                   {"gate": "unitary", "qubits": [0], "matrix": [[1, 0], [0, 0], [0, 0], [0, 1]]},
//                   {"gate": "opaque", "name": "mystery", "qubits": [0]}]}
// Gate names as in OpenQASM; qubits and clbits count through all registers in order; a matrix is
// its entries [re, im] row by row, qubits[0] being the least significant bit of its index.

#include <string>
#include <string_view>

#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::circuit {

// One line per operation.
[[nodiscard]] std::string to_json(const Circuit& circuit);
// INVALID_ARGUMENT for anything that is not this form (names the operation), or validate()'s error.
// Unknown members are refused.
[[nodiscard]] Result<Circuit> from_json(std::string_view text);

}  // namespace quercus::circuit
