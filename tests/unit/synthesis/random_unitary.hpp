#pragma once

// Test material: random unitaries and small circuits as dense matrices.

#include <cmath>
#include <numbers>

#include "quantum/base/matrix.hpp"
#include "quantum/base/random.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/circuit/generate.hpp"
#include "quantum/circuit/unitary.hpp"

namespace quercus::synthesis::test {

using base::Complex;
using base::Matrix;
using circuit::Circuit;
using circuit::Gate;

inline Matrix random_unitary(std::size_t size, Philox& random) {
    return circuit::haar_unitary(size, random);
}

inline double random_angle(Philox& random) {
    return random.uniform(-std::numbers::pi, std::numbers::pi);
}

// `count` CX on random pairs with random u3 around them.
inline Circuit random_circuit(std::uint32_t qubits, int count, Philox& random) {
    Circuit c = Circuit::with_qubits(qubits);
    const auto u3 = [&](std::uint32_t q) {
        c.append(Gate::kU3, {q},
                 {random_angle(random), random_angle(random), random_angle(random)});
    };
    for (std::uint32_t q = 0; q < qubits; ++q) {
        u3(q);
    }
    for (int i = 0; i < count; ++i) {
        const auto a = static_cast<std::uint32_t>(random.below(qubits));
        const auto b = static_cast<std::uint32_t>((a + 1 + random.below(qubits - 1)) % qubits);
        c.append(Gate::kCX, {a, b});
        u3(a);
        u3(b);
    }
    return c;
}

inline double distance(const Circuit& circuit, const Matrix& target) {
    const Result<Matrix> u = circuit::unitary_of(circuit);
    return u ? phase_invariant_distance(*u, target) : 9.0;
}

}  // namespace quercus::synthesis::test
