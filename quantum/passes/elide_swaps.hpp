#pragma once

// SWAPs as relabelling, where the result says which qubit ends where: for a machine. A SWAP that is
// written as three cx counts too.

#include <cstddef>
#include <vector>

#include "quantum/passes/pass.hpp"

namespace quercus::passes {

struct Elided {
    Circuit circuit;
    std::vector<Qubit> ends;  // qubit i of the input ends on ends[i]
    std::size_t swaps = 0;    // that are gone
};

// All SWAPs but those under a condition. Fences stay between the same gates.
[[nodiscard]] Elided elide_swaps(const Circuit& circuit);

}  // namespace quercus::passes
