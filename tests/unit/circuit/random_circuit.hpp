#pragma once

// Random valid circuits over the whole gate set of the IR, for round trips and comparisons.

#include "quantum/base/random.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::testing {

inline std::vector<circuit::Qubit> pick_qubits(std::uint32_t n, std::size_t count, Philox& random) {
    std::vector<circuit::Qubit> all(n);
    for (std::uint32_t i = 0; i < n; ++i) {
        all[i] = i;
    }
    for (std::size_t i = 0; i < count; ++i) {
        std::swap(all[i], all[i + random.below(n - i)]);
    }
    all.resize(count);
    return all;
}

// A unitary gate of the set other than kUnitary, with random angles, on random qubits of n >= 5.
inline circuit::Operation random_gate(std::uint32_t n, Philox& random) {
    circuit::Operation op;
    op.gate = static_cast<circuit::Gate>(random.below(static_cast<int>(circuit::Gate::kUnitary)));
    const circuit::GateInfo& info = circuit::info(op.gate);
    const auto qubits = pick_qubits(n, static_cast<std::size_t>(info.num_qubits), random);
    op.qubits.assign(qubits.begin(), qubits.end());
    for (int i = 0; i < info.num_params; ++i) {
        op.params.push_back(random.uniform(-7, 7));
    }
    return op;
}

inline circuit::Circuit random_unitary_circuit(std::uint32_t n, int gates, Seed seed) {
    Philox random(seed);
    circuit::Circuit circuit = circuit::Circuit::with_qubits(n);
    for (int i = 0; i < gates; ++i) {
        circuit.operations.push_back(random_gate(n, random));
    }
    return circuit;
}

// Several registers, all kinds of operations but kUnitary and, on request, kOpaque.
inline circuit::Circuit random_mixed_circuit(int operations, bool with_opaque, Seed seed) {
    using circuit::Gate;
    Philox random(seed);
    circuit::Circuit circuit;
    circuit.qregs = {{"a", 3}, {"data", 1}, {"z_9", 2}};
    circuit.cregs = {{"c", 2}, {"flags", 3}};
    for (int i = 0; i < operations; ++i) {
        circuit::Operation op = random_gate(6, random);
        const std::uint64_t kind = random.below(8);
        if (kind < 2) {
            op = {};
            op.gate = kind == 0 ? Gate::kMeasure : Gate::kReset;
            op.qubits.push_back(static_cast<circuit::Qubit>(random.below(6)));
            if (kind == 0) {
                op.clbit = static_cast<circuit::Clbit>(random.below(5));
            }
        } else if (kind == 2) {
            op.gate = Gate::kBarrier;
            op.params.clear();
        } else if (kind == 3 && with_opaque) {
            op = {};
            op.gate = Gate::kOpaque;
            op.opaque_name = random.below(2) == 0 ? "mystery" : "r7";
            const bool is_mystery = op.opaque_name == "mystery";
            const auto qubits = pick_qubits(6, is_mystery ? 2 : 1, random);
            op.qubits.assign(qubits.begin(), qubits.end());
            op.params.assign(is_mystery ? 0 : 2, random.uniform(-1, 1));
        }
        if (op.gate != Gate::kBarrier && random.below(4) == 0) {
            const auto creg = static_cast<std::uint32_t>(random.below(2));
            op.condition = circuit::Condition{creg, random.below(creg == 0 ? 4 : 8)};
        }
        circuit.operations.push_back(std::move(op));
    }
    return circuit;
}

}  // namespace quercus::testing
