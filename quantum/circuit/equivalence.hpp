#pragma once

// Do two circuits do the same? Distances are the delta of ARCHITECTURE section 8 (min over global
// phases of ||A - e^{i phi} B||_F / sqrt(N)), estimated where the unitary is too large to build.

#include <string_view>

#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::circuit {

inline constexpr std::uint32_t kMaxEquivalenceQubits = 20;

enum class EquivalenceMethod : std::uint8_t {
    kUnitary,       // both unitaries built: the distance is exact
    kRandomStates,  // applied to random states: equal circuits give 0, different ones do not,
                    // almost surely; the distance is an unbiased estimate (of its square)
    kBranching,     // random states, every measurement outcome and reset followed exactly
};
[[nodiscard]] std::string_view to_string(EquivalenceMethod method);

struct EquivalenceOptions {
    double tolerance = 1e-7;
    Seed seed = 0;
    int num_states = 3;          // random input states
    bool zero_input = false;     // compare on |0...0> only
    bool outcomes_only = false;  // compare the distributions of the classical bits, not the states
    std::uint32_t max_unitary_qubits =
        7;                            // more use random states; at most kMaxUnitaryCircuitQubits
    std::size_t max_branches = 4096;  // of one circuit on one input
};

struct Equivalence {
    bool equivalent = false;  // distance <= tolerance
    double distance = 0;
    EquivalenceMethod method = EquivalenceMethod::kUnitary;
};

// Both circuits on any input state (or |0...0>). With measurements, resets or conditions: for each
// final content of the classical bits the unnormalised final states agree, up to a phase that may
// depend on that content; where several histories lead to the same content their density matrices
// agree. With outcomes_only the distance is the total variation of the distributions of contents.
//
// INVALID_ARGUMENT: an invalid circuit, or different numbers of qubits or classical bits.
// RESOURCE_EXHAUSTED: more than 20 qubits, or more branches than max_branches (or 2^26 amplitudes).
// FAILED_PRECONDITION: opaque gates.
[[nodiscard]] Result<Equivalence> check_equivalence(const Circuit& a, const Circuit& b,
                                                    EquivalenceOptions options = {});

// delta of two unitary circuits of n <= 12 qubits, by building both unitaries. Errors of
// unitary_of.
[[nodiscard]] Result<double> unitary_distance(const Circuit& a, const Circuit& b);

}  // namespace quercus::circuit
