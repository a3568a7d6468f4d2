#pragma once

// Private to this room: the least cx counts of all Cliffords on few qubits.

#include <cstdint>
#include <span>
#include <unordered_map>

#include "quantum/passes/pauli_moves.hpp"

namespace quercus::passes::detail {

inline constexpr std::size_t kMostTabledQubits = 3;
// Key -> least cx; 20 entries for two qubits, 6720 for three.
using CliffordTable = std::unordered_map<std::uint64_t, int>;

// The same for all Cliffords (given by the images of X_q and Z_q, signs aside) that differ by
// one-qubit Cliffords at the end. At most kMostTabledQubits qubits.
[[nodiscard]] std::uint64_t clifford_key(std::span<const Pauli> x, std::span<const Pauli> z);

// Made at the first call; any thread.
[[nodiscard]] const CliffordTable& clifford_table(std::size_t qubits);

}  // namespace quercus::passes::detail
