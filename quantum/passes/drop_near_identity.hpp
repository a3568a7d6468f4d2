#pragma once

// Removal of what does almost nothing: rotations by tiny angles, and runs on one pair of qubits
// that are close to the identity.

#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// `tolerance` is the most delta (ARCHITECTURE section 8) that one removal may cost; for rz(a) it
// costs about |a| / 2. The removals' deltas are summed up in the result.
// Precondition: a valid circuit. Postcondition: equal up to global phase with the reported delta,
// never more cx; where anything was removed, one-qubit gates are u3, and the order of operations
// may have changed where they commute trivially. INVALID_ARGUMENT: tolerance outside [0, 1).
[[nodiscard]] Result<PassResult> drop_near_identity(const Circuit& circuit,
                                                    double tolerance = 1e-9);

}  // namespace quercus::passes
