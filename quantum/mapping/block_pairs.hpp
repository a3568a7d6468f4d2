#pragma once

// Which pairs of a block's qubits are coupled. Private to this room.

#include <algorithm>
#include <span>

#include "quantum/mapping/coupling.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::mapping {

// Local indices, smaller first; `qubits[i]` is local qubit i.
[[nodiscard]] inline std::vector<synthesis::CxPair> coupled_pairs(const Coupling& coupling,
                                                                  std::span<const Qubit> qubits) {
    std::vector<synthesis::CxPair> out;
    for (std::size_t a = 0; a < qubits.size(); ++a) {
        for (std::size_t b = a + 1; b < qubits.size(); ++b) {
            if (coupling.adjacent(qubits[a], qubits[b])) {
                out.push_back({static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)});
            }
        }
    }
    return out;
}

// Whether every gate on two qubits is on one of the pairs and none is wider.
[[nodiscard]] inline bool keeps_to(const Circuit& block,
                                   const std::vector<synthesis::CxPair>& pairs) {
    return std::all_of(block.operations.begin(), block.operations.end(), [&](const Operation& op) {
        if (op.qubits.size() < 2) {
            return true;
        }
        const auto [low, high] = std::minmax(op.qubits[0], op.qubits[1]);
        return op.qubits.size() == 2 &&
               std::any_of(pairs.begin(), pairs.end(), [&, l = low, h = high](const auto& pair) {
                   return pair.control == l && pair.target == h;
               });
    });
}

}  // namespace quercus::mapping
