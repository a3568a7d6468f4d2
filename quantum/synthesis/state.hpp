#pragma once

// Preparing states and mapping states to states, on up to eight qubits, with few CX. Pure: results
// depend on the arguments alone.
//
// Up to four qubits only the columns that matter are fitted (Levenberg-Marquardt on
// ||e^{i phi} V in - out||^2 with the best phi taken out), so a state needs far fewer CX than a
// unitary: beam search over templates from zero CX on, then templates with as many parameters as
// the map has dimensions. Wider states: schmidt.hpp; wider maps: a unitary that completes them.

#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/synthesis/synthesize_unitary.hpp"

namespace quercus::synthesis {

using StateVector = std::vector<base::Complex>;  // 2^n amplitudes, qubit 0 the least significant

// One input-output pair.
struct StatePair {
    StateVector input, output;
    friend bool operator==(const StatePair&, const StatePair&) = default;
};
using StateMap = std::vector<StatePair>;

// Norms and inner products may be off by this much; the closest exact states are then meant.
inline constexpr double kStateTolerance = 1e-6;

// INVALID_ARGUMENT unless there are 2^n finite amplitudes, n = 1..8, of norm 1.
[[nodiscard]] Status check(const StateVector& state);
// INVALID_ARGUMENT unless there are 1 to 2^n pairs of such states, inputs orthonormal and outputs
// as well.
[[nodiscard]] Status check(const StateMap& pairs);

// A circuit in {cx, u3} that takes |0...0> to `state` up to global phase. In the result `delta` is
// min over phases of ||V|0> - e^{i phi} state||. Errors of check(); CANCELLED if it was stopped
// before there was any circuit.
[[nodiscard]] Result<UnitaryResult> synthesize_state(const StateVector& state,
                                                     const UnitaryOptions& options = {});

// A circuit that takes every input to its output, up to one global phase for all of them; `delta`
// is the root of the summed squared distances over the number of pairs. Errors as above.
[[nodiscard]] Result<UnitaryResult> synthesize_state_map(const StateMap& pairs,
                                                         const UnitaryOptions& options = {});

// The `delta` of a circuit as a solution. INVALID_ARGUMENT if it has no unitary on as many qubits.
[[nodiscard]] Result<double> distance_to(const StateMap& pairs, const circuit::Circuit& circuit);

// |0...0> -> state.
[[nodiscard]] StateMap preparation_of(const StateVector& state);

}  // namespace quercus::synthesis
