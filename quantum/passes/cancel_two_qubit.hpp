#pragma once

// Removal of pairs of equal self-inverse gates (cx, cz, cy, ch, swap, ccx, ccz, cswap) with nothing
// between them but gates that commute with them: diagonal gates on controls, X rotations on
// targets, other controlled gates that share only controls or only targets.

#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// Precondition: a valid circuit. Postcondition: equal exactly; operations were only removed. A pair
// is found when at most 1000 operations on its qubits lie between, and in at most 16 sweeps.
[[nodiscard]] PassResult cancel_two_qubit(Circuit circuit);

}  // namespace quercus::passes
