#pragma once

// The cheap exact passes run to a fixpoint, between the costly ones.

#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// merge_one_qubit, cancel_two_qubit and fold_two_qubit until nothing changes (or nearly).
// Precondition and postcondition: those of rebase_to_cx_u3. The delta includes an allowance for
// rounding.
[[nodiscard]] Result<PassResult> clean_up(Circuit circuit);

// CX of a circuit in {cx, u3} and fences, those under a condition included.
[[nodiscard]] std::uint64_t count_cx(const Circuit& circuit);

}  // namespace quercus::passes
