#pragma once

// What decides between two circuits: two-qubit gates, then operations. Private to this room.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <vector>

#include "quantum/passes/pass.hpp"

namespace quercus::passes {

struct Cost {
    std::uint64_t two_qubit = 0;
    std::uint64_t operations = 0;
    friend auto operator<=>(const Cost&, const Cost&) = default;
};

// Of operations in {cx, u3} and fences.
[[nodiscard]] inline Cost cost_of(const std::vector<Operation>& operations) {
    const auto cx = std::count_if(operations.begin(), operations.end(), [](const Operation& op) {
        return op.gate == circuit::Gate::kCX;
    });
    return {static_cast<std::uint64_t>(cx), operations.size()};
}
[[nodiscard]] inline Cost cost_of(const Circuit& circuit) {
    return cost_of(circuit.operations);
}

}  // namespace quercus::passes
