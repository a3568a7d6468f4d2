#pragma once

// Private to this room: the first circuit for a bare target. Unitaries are split into factors on
// disjoint qubits. A factor of a form that is recognised (unitary_forms.hpp) takes the form's
// circuit; up to four qubits, and where the form needs many cx, quantum/synthesis is asked too and
// the fewer cx win. All others go there alone. Thread: pure functions.

#include "quantum/synthesis/synthesis_target.hpp"

namespace quercus::passes {

// As synthesis::synthesize, which does states and state maps. The factors share polish and
// threshold.
[[nodiscard]] Result<synthesis::UnitaryResult> synthesize_bare(
    const synthesis::SynthesisTarget& target, const synthesis::UnitaryOptions& options);

}  // namespace quercus::passes
