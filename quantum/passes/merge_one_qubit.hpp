#pragma once

// One-qubit clean-up: each maximal run of one-qubit gates becomes one u3, or nothing.

#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// Precondition: a valid circuit. Postcondition: equal up to global phase; between two other
// operations on a qubit (multi-qubit gates or fences) stands at most one one-qubit gate, a u3, and
// never the identity. A lone u3 keeps its angles to the bit. The run's u3 stands where its last
// gate stood.
[[nodiscard]] PassResult merge_one_qubit(Circuit circuit);

}  // namespace quercus::passes
