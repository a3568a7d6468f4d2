#pragma once

// Circuits with realistic structure and random unitaries for tests and benchmarks, deterministic
// per seed.

#include "quantum/base/matrix.hpp"
#include "quantum/base/random.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::circuit {

enum class Family : std::uint8_t {
    kRandom,       // u3 and cx on random qubits, some rzz, swap and ccx; size = number of gates
    kTrotter,      // Heisenberg chain with random couplings and fields; size = Trotter steps
    kVariational,  // ry and rz on all qubits, then a cx chain; size = layers
    kArithmetic,   // ripple-carry additions (cx, ccx, x) on random bits; size = additions
};

// One register `q` of num_qubits >= 2 qubits, no measurements.
[[nodiscard]] Circuit generate(Family family, std::uint32_t num_qubits, std::uint32_t size,
                               Seed seed);

// Haar distributed, size x size.
[[nodiscard]] base::Matrix haar_unitary(std::size_t size, Philox& random);

}  // namespace quercus::circuit
