#pragma once

// Targets of quercus_bench_synthesis.

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "quantum/base/random.hpp"
#include "quantum/circuit/generate.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/instantiate.hpp"

namespace quercus::bench {

using base::Complex;
using base::Matrix;

using circuit::haar_unitary;

inline Matrix qft_without_reversal(int qubits) {
    using circuit::Gate;
    circuit::Circuit c = circuit::Circuit::with_qubits(static_cast<std::uint32_t>(qubits));
    for (int q = qubits - 1; q >= 0; --q) {
        const auto high = static_cast<circuit::Qubit>(q);
        c.append(Gate::kH, {high});
        for (int p = q - 1; p >= 0; --p) {
            c.append(Gate::kCP, {static_cast<circuit::Qubit>(p), high},
                     {std::numbers::pi / (1 << (q - p))});
        }
    }
    return *circuit::unitary_of(c);
}

// toffoli, fredkin or qft.
inline Matrix base_target(const std::string& name, int qubits) {
    if (name == "toffoli") {
        return circuit::gate_matrix(circuit::Gate::kCCX, {});
    }
    return name == "fredkin" ? circuit::gate_matrix(circuit::Gate::kCSwap, {})
                             : qft_without_reversal(qubits);
}

// Qubits permuted (the same before and after), then random one-qubit gates before and after.
inline Matrix dressed(const Matrix& u, Philox& random) {
    std::vector<std::size_t> position;
    for (std::size_t q = 0; (std::size_t{1} << q) < u.rows(); ++q) {
        position.insert(position.begin() + static_cast<std::ptrdiff_t>(random.below(q + 1)), q);
    }
    const auto permuted = [&](std::size_t index) {
        std::size_t out = 0;
        for (std::size_t q = 0; q < position.size(); ++q) {
            out |= ((index >> q) & 1) << position[q];
        }
        return out;
    };
    const auto locals = [&] {
        Matrix m = haar_unitary(2, random);
        for (std::size_t q = 1; q < position.size(); ++q) {
            m = kron(m, haar_unitary(2, random));
        }
        return m;
    };
    Matrix inner(u.rows(), u.cols());
    for (std::size_t r = 0; r < u.rows(); ++r) {
        for (std::size_t c = 0; c < u.cols(); ++c) {
            inner(permuted(r), permuted(c)) = u(r, c);
        }
    }
    const Matrix before = locals();
    return multiply(multiply(locals(), inner), before);
}

// All pairs in turn, disjoint ones next to each other.
inline synthesis::Template pairs_in_turn(int qubits, std::size_t count) {
    static constexpr synthesis::CxPair kThree[] = {{0, 1}, {0, 2}, {1, 2}};
    static constexpr synthesis::CxPair kFour[] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {0, 3}, {1, 2},
                                                  {2, 3}, {0, 1}, {1, 3}, {0, 2}, {1, 2}, {0, 3}};
    synthesis::Template shape{qubits, {}};
    for (std::size_t i = 0; i < count; ++i) {
        shape.cx.push_back(qubits == 3 ? kThree[i % 3] : kFour[i % 12]);
    }
    return shape;
}

// Random pairs, neighbours different.
inline synthesis::Template random_pairs(int qubits, std::size_t count, Philox& random) {
    synthesis::Template shape{qubits, {}};
    const auto n = static_cast<std::uint64_t>(qubits);
    while (shape.cx.size() < count) {
        const auto a = static_cast<std::uint8_t>(random.below(n));
        const auto b = static_cast<std::uint8_t>((a + 1 + random.below(n - 1)) % n);
        const synthesis::CxPair next{std::min(a, b), std::max(a, b)};
        if (shape.cx.empty() || !(shape.cx.back() == next)) {
            shape.cx.push_back(next);
        }
    }
    return shape;
}

}  // namespace quercus::bench
