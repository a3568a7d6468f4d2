#pragma once

// Preparing states and mapping states to states, on up to four qubits, with few CX. Only the
// columns that matter are fitted (Levenberg-Marquardt on ||e^{i phi} V in - out||^2 with the best
// phi taken out), so a state needs far fewer CX than a unitary: beam search over templates from
// zero CX on. Pure: the result depends on the arguments alone.

#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/synthesis/synthesize_unitary.hpp"

namespace quercus::synthesis {

using StateVector = std::vector<base::Complex>;  // 2^n amplitudes, qubit 0 the least significant

// One input-output pair.
struct StatePair {
    StateVector input, output;
};

// A circuit in {cx, u3} that takes |0...0> to `state` up to global phase. In the result `delta` is
// min over phases of ||V|0> - e^{i phi} state||. INVALID_ARGUMENT unless there are 2^n finite
// amplitudes, n = 1..4, of norm 1 to 1e-8.
[[nodiscard]] Result<UnitaryResult> synthesize_state(const StateVector& state,
                                                     const UnitaryOptions& options = {});

// A circuit that takes every input to its output, up to one global phase for all of them; `delta`
// is the root of the summed squared distances over the number of pairs. Inputs orthonormal to 1e-8
// and outputs as well, at most 2^n pairs; INVALID_ARGUMENT otherwise.
[[nodiscard]] Result<UnitaryResult> synthesize_state_map(const std::vector<StatePair>& pairs,
                                                         const UnitaryOptions& options = {});

}  // namespace quercus::synthesis
