#pragma once

// Private to this room: synthesis of the Clifford that is left when all rotations are emitted.
// Optimal up to three qubits; above, a greedy descent over the ranks of the tableau's 2x2 blocks
// (de Brugiere, Baboulin, Valiron, Martiel, Allouche, arXiv:2104.00934, for Cliffords), then qubit
// by qubit as in Bravyi, Hu, Maslov, Sklyar (arXiv:2105.02291), cheapest first.

#include "quantum/base/random.hpp"
#include "quantum/passes/network_state.hpp"

namespace quercus::passes::detail {

struct CliffordOptions {
    std::size_t most_cx = 0;  // of the whole network
    bool descend = true;      // before qubits are settled one by one
};

// Emits the Clifford of `state`, which has no rotations left. False, with the state half done, once
// more cx than allowed are needed.
[[nodiscard]] bool finish_clifford(NetworkState& state, const CliffordOptions& options,
                                   Philox& random);

// A bound of the cx that the Clifford of `state` takes: each ends at most two rows that are not yet
// on their own qubit.
[[nodiscard]] std::size_t least_cx_to_settle(const NetworkState& state);

}  // namespace quercus::passes::detail
