#pragma once

// All histories of a circuit with measurements, resets and conditions, from one input state.

#include <map>
#include <string>
#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::circuit {

using State = std::vector<base::Complex>;

// Final content of the classical bits (one char '0'/'1' per bit, first bit first) -> the
// unnormalised final states of all histories that end with it. Histories of probability below 1e-24
// are dropped.
using Outcomes = std::map<std::string, std::vector<State>>;

// Follows every measurement outcome and both branches of every reset; branches that a reset makes
// parallel are merged. RESOURCE_EXHAUSTED above `max_branches` branches or 2^26 amplitudes in all.
[[nodiscard]] Result<Outcomes> run_branches(const Circuit& circuit, State input,
                                            std::size_t max_branches);

// || sum |a><a| - sum |b><b| ||_F / sqrt(larger trace), or for single states (or none) the minimum
// over phases of ||a - e^{i phi} b||: zero exactly when the ensembles are the same.
[[nodiscard]] double ensemble_distance(const std::vector<State>& a, const std::vector<State>& b);

[[nodiscard]] double squared_norm(const State& state);

}  // namespace quercus::circuit
