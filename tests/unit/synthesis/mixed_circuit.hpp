#pragma once

// Test material: circuits of many kinds of gates, unknown ones among them.

#include "tests/unit/synthesis/random_unitary.hpp"

namespace quercus::synthesis::test {

inline void append(Circuit& c, Gate gate, const std::vector<circuit::Qubit>& qubits,
                   Philox& random) {
    circuit::Operation op;
    op.gate = gate;
    op.qubits.assign(qubits.begin(), qubits.end());
    for (int i = 0; i < circuit::info(gate).num_params; ++i) {
        op.params.push_back(random_angle(random));
    }
    c.operations.push_back(op);
}

inline void append_unknown(Circuit& c, const std::vector<circuit::Qubit>& qubits) {
    circuit::Operation op;
    op.gate = Gate::kOpaque;
    op.opaque_name = "unknown";
    op.qubits.assign(qubits.begin(), qubits.end());
    c.operations.push_back(op);
}

// Gates of many kinds on three qubits, two of them unknown where asked for.
inline Circuit mixed(Philox& random, bool with_unknown) {
    Circuit c = Circuit::with_qubits(3);
    append(c, Gate::kU3, {0}, random);
    append(c, Gate::kPhasedXZ, {1}, random);
    append(c, Gate::kFSim, {0, 2}, random);
    append(c, Gate::kCU3, {1, 0}, random);
    c.append(Gate::kBarrier, {0, 1, 2});
    c.append(Gate::kSqrtISwap, {2, 1});
    append(c, Gate::kRXX, {0, 1}, random);
    append(c, Gate::kCCP, {2, 0, 1}, random);
    if (with_unknown) {
        append_unknown(c, {2, 0});
        append_unknown(c, {1});
    }
    append(c, Gate::kCRY, {1, 2}, random);
    return c;
}

}  // namespace quercus::synthesis::test
