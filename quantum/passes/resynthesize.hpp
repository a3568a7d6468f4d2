#pragma once

// Resynthesis of convex regions as Pauli rotations and a Clifford: phase polynomials, Cliffords and
// everything between. See pauli_network.hpp for the synthesis and its sources.

#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes {

struct ResynthesizeOptions {
    std::size_t most_qubits = 64;      // of a region, 2..64
    std::size_t most_steps = 2000;     // of a region, one-qubit gates counted as rz and h
    std::size_t most_rotations = 400;  // larger regions stay as they are
    int restarts = 16;                 // of the randomised synthesis, per region, at most
    Seed seed = 1;
    bool overlapping = false;  // a region from every cx instead of from those not yet in one
    // Also replaces a region by another circuit with as many cx: with a new seed per call, a random
    // walk that never gets worse.
    bool accept_equal = false;
    synthesis::StopCheck stop = {};  // asked before every region; the circuit so far is returned
};

// All three. Precondition: a valid circuit; gates on several qubits other than cx stand still like
// fences. Postcondition: equal up to global phase with the reported delta; never more cx, and
// fewer where `changed` (with accept_equal: perhaps as many); one-qubit gates are u3; the order of
// operations may change where they commute trivially. INVALID_ARGUMENT: most_qubits outside 2..64,
// restarts < 1.

// Regions of cx, x and z rotations: parity networks for the merged phase polynomial.
[[nodiscard]] Result<PassResult> resynthesize_linear(const Circuit& circuit,
                                                     ResynthesizeOptions options = {});
// Clifford regions: the tableau.
[[nodiscard]] Result<PassResult> resynthesize_clifford(const Circuit& circuit,
                                                       ResynthesizeOptions options = {});
// Regions of any cx and one-qubit gates.
[[nodiscard]] Result<PassResult> resynthesize_pauli(const Circuit& circuit,
                                                    ResynthesizeOptions options = {});

struct WalkOptions {
    int rounds = 50;  // sweeps over the circuit
    Seed seed = 1;
    std::size_t most_qubits = 12;    // of a region, 2..64
    synthesis::StopCheck stop = {};  // asked before every region; the circuit so far is returned
};

// Stochastic rewriting (the idea of GUOQ, arXiv:2411.04104): every round sweeps over overlapping
// regions of a random size and replaces each by another circuit with at most as many cx. Same
// contract as above, except that `changed` may mean as many cx; deterministic per seed.
[[nodiscard]] Result<PassResult> walk_pauli_regions(const Circuit& circuit,
                                                    WalkOptions options = {});

}  // namespace quercus::passes
