#pragma once

// Runs on one pair of qubits: where KAK needs fewer CX than the run has, its circuit replaces it.

#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// Precondition: the operations of rebase_to_cx_u3's postcondition. Postcondition: the same, equal
// up to global phase with the reported delta, never more cx. The order of operations may change
// where they commute trivially (no common qubit or classical bit).
[[nodiscard]] Result<PassResult> fold_two_qubit(Circuit circuit);

}  // namespace quercus::passes
