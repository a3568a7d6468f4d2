#pragma once

// Circuits as OpenQASM 2.0. read(write(c)) == c for every valid circuit without kUnitary
// operations. Angles are the shortest decimals that read back as the same double. Gates outside
// qelib1.inc are defined in the header, up to a global phase, so that other tools (Qiskit, BQSKit,
// pytket) can read the file; the reader recognises these definitions.

#include <string>

#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::qasm {

struct WriteOptions {
    // Also define the gates that today's qelib1.inc files contain but the one of the OpenQASM 2
    // paper does not (sx, p, swap, rzz, ...).
    bool define_all = false;
};

// INVALID_ARGUMENT for a circuit that is not valid (circuit::validate) or uses one opaque name with
// different numbers of qubits or parameters, or the name of another gate it uses.
// FAILED_PRECONDITION for kUnitary: OpenQASM 2 has no matrices; synthesise first or use the JSON or
// binary form.
[[nodiscard]] Result<std::string> write(const circuit::Circuit& circuit,
                                        const WriteOptions& options = {});

}  // namespace quercus::qasm
