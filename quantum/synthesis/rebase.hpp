#pragma once

// Blocks of any unitary gates as {cx, one-qubit} structure, the starting point of gate deletion.

#include <cstdint>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis {

// The 2^k x 2^k matrix of one operation, its first qubit the least significant bit.
// INVALID_ARGUMENT if it is conditional or not unitary.
[[nodiscard]] Result<base::Matrix> operation_matrix(const circuit::Operation& operation);

// CX equivalents of a gate: cx, cz, ... = 1, swap = 3, other two-qubit gates by KAK; three and four
// qubits: the best counts known without ancillas (ccx 6, cswap 7, rccx 3, c3x 14, ...); an
// arbitrary unitary on three qubits 14 (the least count for a generic one), on four 100. Barriers
// 0.
[[nodiscard]] Result<std::uint32_t> cx_equivalents(const circuit::Operation& operation);

// The circuit as an ansatz, equal to it up to global phase. ccx, ccz and cswap are expanded by
// their textbook circuits, two-qubit gates by KAK. FAILED_PRECONDITION for other gates on three or
// more qubits, INVALID_ARGUMENT for what is not unitary or conditional or wider than
// kMaxTemplateQubits.
[[nodiscard]] Result<Ansatz> rebase_to_ansatz(const circuit::Circuit& circuit);

}  // namespace quercus::synthesis
