#pragma once

// Rebase: every unitary gate in terms of {cx, u3}.

#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// Precondition: a valid circuit. Postcondition: equal up to global phase with the reported delta;
// all unitary operations but delays are cx and u3, those of a gate under a condition each under
// that condition, where one-qubit gates in a row are merged. Gates with fixed definitions use them
// (qelib1.inc or better: ccx 6 cx, c3x 14, c4x 30); other two-qubit gates and matrices go through
// KAK and take at most 3 cx; wider matrices through decompose_unitary. One-qubit gates that are the
// identity vanish. Fails only when one of these does.
[[nodiscard]] Result<PassResult> rebase_to_cx_u3(const Circuit& circuit);

// The cx that it comes to, those under a condition included, without writing it out.
[[nodiscard]] Result<std::uint64_t> count_rebased_cx(const Circuit& circuit);

}  // namespace quercus::passes
