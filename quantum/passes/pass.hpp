#pragma once

// What every optimisation pass returns. A pass is a pure function of a valid circuit. It keeps the
// registers, the order of operations on every qubit and classical bit as far as it can be observed,
// and every fence (partition::is_fence) with its place; it never crosses a fence on its qubits.
// Only rebase_cx_u3 rewrites a kind of fence, gates under a condition, where they stand.

#include "quantum/circuit/circuit.hpp"

namespace quercus::passes {

using circuit::Circuit;
using circuit::Operation;
using circuit::Qubit;

struct PassResult {
    Circuit circuit;
    bool changed = false;
    // Upper bound of what the pass adds to the circuit's delta (ARCHITECTURE section 8), rounding
    // of the pass's own arithmetic left aside.
    double delta = 0;
};

// Entries up to this size are taken for zero when a gate is recognised as identity, diagonal, ...
inline constexpr double kExactTolerance = 1e-13;

}  // namespace quercus::passes
