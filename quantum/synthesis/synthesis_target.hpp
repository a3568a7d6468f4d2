#pragma once

// What can be synthesised, in one type. Thread: plain values, pure functions.

#include <variant>

#include "quantum/synthesis/state.hpp"
#include "quantum/synthesis/synthesize_unitary.hpp"

namespace quercus::synthesis {

// A unitary, a state to prepare from |0...0>, or a map between states.
using SynthesisTarget = std::variant<base::Matrix, StateVector, StateMap>;

// INVALID_ARGUMENT says what is wrong: not 2^n, more than kMaxUnitaryQubits, not finite, not
// unitary to 1e-8, not of norm 1 or not orthonormal to kStateTolerance.
[[nodiscard]] Status check(const SynthesisTarget& target);

// Of a target that has passed check(): qubits, and how many input states it prescribes.
[[nodiscard]] int num_qubits(const SynthesisTarget& target);
[[nodiscard]] std::size_t num_columns(const SynthesisTarget& target);

// synthesize_unitary, synthesize_state or synthesize_state_map.
[[nodiscard]] Result<UnitaryResult> synthesize(const SynthesisTarget& target,
                                               const UnitaryOptions& options = {});

// The `delta` of a circuit as a solution, by dense computation. INVALID_ARGUMENT if it has no
// unitary on as many qubits.
[[nodiscard]] Result<double> distance_to(const SynthesisTarget& target,
                                         const circuit::Circuit& circuit);

}  // namespace quercus::synthesis
