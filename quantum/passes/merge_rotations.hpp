#pragma once

// Rotation merging: every Z rotation is pulled back through the Clifford gates before it to a Pauli
// rotation at the circuit's beginning; two about the same Pauli, with nothing between them that
// anticommutes with it, become one. This finds all that phase folding over {cx, x, rz} regions
// finds, also across Hadamard gates.
// After Nam, Ross, Su, Childs, Maslov (arXiv:1710.07345), and Zhang, Chen (arXiv:1903.12456).

#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"

namespace quercus::passes {

struct MergeRotationsOptions {
    bool keep_last = false;    // the merged rotation stands at the last place instead of the first
    std::size_t reach = 4000;  // how many rotations back a partner is looked for
};

// Precondition: a valid circuit; gates on several qubits other than cx stand still like fences.
// Postcondition: equal up to global phase with the reported delta; the same cx at the same places;
// one-qubit gates are u3. Unchanged when nothing merges, and above 4096 qubits.
[[nodiscard]] Result<PassResult> merge_rotations(Circuit circuit,
                                                 MergeRotationsOptions options = {});

}  // namespace quercus::passes
