#pragma once

// Runs on one pair of qubits: where KAK needs fewer CX than the run has, its circuit replaces it.

#include <cstdint>
#include <unordered_set>

#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"

namespace quercus::passes {

// Precondition: the operations of rebase_to_cx_u3's postcondition. Postcondition: the same, equal
// up to global phase with the reported delta, never more cx. The order of operations may change
// where they commute trivially (no common qubit or classical bit).
[[nodiscard]] Result<PassResult> fold_two_qubit(Circuit circuit);

// Hashes of runs on two qubits that keep all of their cx; equal hashes would only cost cx.
using KeptRuns = std::unordered_set<std::uint64_t>;

// The same; what `kept` knows is not looked at, and what is found to keep its cx is added.
[[nodiscard]] Result<PassResult> fold_two_qubit(Circuit circuit, KeptRuns& kept);

}  // namespace quercus::passes
