#pragma once

// Random circuits over the whole gate set, with fences, for the tests of partition and passes.

#include <algorithm>
#include <cmath>
#include <memory>

#include "quantum/base/random.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/circuit/generate.hpp"

namespace quercus::test {

using circuit::Circuit;
using circuit::Gate;
using circuit::Operation;
using circuit::Qubit;

struct RandomOptions {
    std::uint32_t qubits = 4;
    int operations = 30;
    std::size_t widest = 3;   // most qubits of a gate
    double fence_chance = 0;  // measure, reset, barrier, conditional
    bool matrices = false;    // kUnitary as well
    bool native = false;      // cx and u3 only
};

inline base::Matrix random_unitary(std::size_t size, Philox& random) {
    return circuit::haar_unitary(size, random);
}

inline boost::container::small_vector<Qubit, 4> random_qubits(std::size_t count, std::uint32_t n,
                                                              Philox& random) {
    boost::container::small_vector<Qubit, 4> qubits;
    while (qubits.size() < count) {
        const auto q = static_cast<Qubit>(random.below(n));
        if (std::find(qubits.begin(), qubits.end(), q) == qubits.end()) {
            qubits.push_back(q);
        }
    }
    return qubits;
}

inline Operation random_gate(const RandomOptions& options, Philox& random) {
    for (;;) {
        Operation op;
        op.gate = static_cast<Gate>(random.below(static_cast<std::uint64_t>(circuit::kGateCount)));
        if (options.native) {
            op.gate = random.below(2) == 0 ? Gate::kCX : Gate::kU3;
        }
        const auto& info = circuit::info(op.gate);
        if (op.gate == Gate::kUnitary) {
            if (!options.matrices) {
                continue;
            }
            op.qubits = random_qubits(1 + random.below(options.widest), options.qubits, random);
            op.matrix = std::make_shared<const base::Matrix>(
                random_unitary(std::size_t{1} << op.qubits.size(), random));
            return op;
        }
        const auto width = static_cast<std::size_t>(std::max(info.num_qubits, 0));
        if (!info.is_unitary || width == 0 || width > options.widest || width > options.qubits) {
            continue;
        }
        op.qubits = random_qubits(width, options.qubits, random);
        for (int i = 0; i < info.num_params; ++i) {
            // Multiples of pi/4 now and then, so that special cases occur.
            op.params.push_back(random.below(2) == 0
                                    ? random.uniform(-4, 4)
                                    : 0.78539816339744831 * static_cast<double>(random.below(9)));
        }
        return op;
    }
}

inline Operation random_fence(const RandomOptions& options, Philox& random) {
    Operation op;
    switch (random.below(4)) {
        case 0:
            op.gate = Gate::kMeasure;
            op.qubits = random_qubits(1, options.qubits, random);
            op.clbit = static_cast<circuit::Clbit>(random.below(4));
            return op;
        case 1:
            op.gate = Gate::kReset;
            op.qubits = random_qubits(1, options.qubits, random);
            return op;
        case 2:
            op.gate = Gate::kBarrier;
            op.qubits = random_qubits(1 + random.below(options.qubits), options.qubits, random);
            return op;
        default:
            op = random_gate(options, random);
            op.condition =
                circuit::Condition{static_cast<std::uint32_t>(random.below(2)), random.below(3)};
            return op;
    }
}

// Registers q (options.qubits), c (1 bit), d (3 bits).
inline Circuit random_circuit(const RandomOptions& options, Philox& random) {
    Circuit circuit = Circuit::with_qubits(options.qubits);
    circuit.cregs = {{"c", 1}, {"d", 3}};
    for (int i = 0; i < options.operations; ++i) {
        circuit.operations.push_back(random.uniform() < options.fence_chance
                                         ? random_fence(options, random)
                                         : random_gate(options, random));
    }
    return circuit;
}

}  // namespace quercus::test
