#pragma once

// Private to this room: a circuit on at most 64 qubits as Pauli rotations followed by a Clifford,
// and its synthesis with few cx. After de Brugiere, Martiel, "Faster and shorter synthesis of
// Hamiltonian simulation circuits" (arXiv:2404.03280; greedy Pauli networks, here with random
// restarts), with parity networks (arXiv:1712.01859) and Clifford tableaus (Bravyi, Hu, Maslov,
// Sklyar, arXiv:2105.02291, greedy) as its special cases.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "quantum/base/random.hpp"
#include "quantum/passes/steps.hpp"
#include "quantum/synthesis/stop.hpp"

namespace quercus::passes::detail {

inline constexpr std::size_t kMostNetworkQubits = 64;

// (-1)^negative i^|x & z| X^x Z^z; qubit q is bit q.
struct Pauli {
    std::uint64_t x = 0;
    std::uint64_t z = 0;
    bool negative = false;
};

struct PauliRotation {
    Pauli pauli;
    double angle = 0;
};

// Acts as: the rotations in order, then the Clifford F given by x[q] = F^dagger X_q F, z likewise.
struct PauliProgram {
    std::size_t qubits = 0;
    std::vector<PauliRotation> rotations;
    std::vector<Pauli> x;
    std::vector<Pauli> z;
};

// `steps` on qubits 0..qubits-1, none kFixed. Equal Paulis that meet are merged; no rotation is by
// a multiple of pi/2.
[[nodiscard]] PauliProgram pauli_program(std::span<const RotationStep> steps, std::size_t qubits);

struct NetworkOptions {
    std::size_t most_cx = 0;  // only circuits with at most so many cx count
    int restarts = 16;  // at most: three, on 8 and more qubits, if all of them leave much undone
    Seed seed = 1;
    synthesis::StopCheck stop = {};  // asked between restarts
};

// The best of the restarts (until stopped), up to global phase equal to the program; nothing when
// all of them need more cx than allowed. Deterministic.
[[nodiscard]] std::optional<std::vector<RotationStep>> synthesize_network(
    const PauliProgram& program, const NetworkOptions& options);

}  // namespace quercus::passes::detail
