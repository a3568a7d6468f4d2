#pragma once

// Private to this room: bare unitaries that are recognised exactly and need no search. Cliffords
// are read off from what they do to Paulis; matrices with one entry per row and column (diagonals,
// permutations, both at once) become phases on parities, and a linear reversible map or a cascade
// of multi-controlled X found by transformation (Miller, Maslov, Dueck, "A transformation based
// algorithm for reversible logic synthesis", DAC 2003; from both ends). All are synthesised as
// Pauli programs (pauli_network.hpp), dense diagonals parity by parity. Thread: pure functions.

#include <optional>

#include "quantum/base/matrix.hpp"
#include "quantum/base/random.hpp"
#include "quantum/synthesis/synthesize_unitary.hpp"

namespace quercus::passes {

struct FormOptions {
    Seed seed = 0;
    int effort = 1;  // 0: few restarts; each step above 1 doubles them
    synthesis::StopCheck stop;
};

// A circuit in {cx, u3} for a unitary on 1 to 8 qubits of one of these forms, equal up to a global
// phase and what it lacks in precision (delta at most 1e-7); nothing for others, for permutations
// whose cascade would be too long, and when stopped.
[[nodiscard]] std::optional<synthesis::UnitaryResult> synthesize_form(const base::Matrix& unitary,
                                                                      const FormOptions& options);

}  // namespace quercus::passes
