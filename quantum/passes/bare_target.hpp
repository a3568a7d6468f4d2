#pragma once

// Private to this room: the first circuit for a bare target. Unitaries are split into factors on
// disjoint qubits; factors of a form that is recognised (unitary_forms.hpp) need no search, all
// others go to quantum/synthesis. Up to four qubits both are done and the fewer cx win, above also
// where a form takes many. Thread: pure functions.

#include "quantum/synthesis/synthesis_target.hpp"

namespace quercus::passes {

// As synthesis::synthesize, which does states and state maps.
[[nodiscard]] Result<synthesis::UnitaryResult> synthesize_bare(
    const synthesis::SynthesisTarget& target, const synthesis::UnitaryOptions& options);

}  // namespace quercus::passes
