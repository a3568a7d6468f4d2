#pragma once

// Private to this room: permutations of basis states as cascades of multi-controlled X gates.

#include <cstdint>
#include <vector>

namespace quercus::passes {

using Permutation = std::vector<std::uint32_t>;  // of 0 .. 2^n - 1: x goes to permutation[x]

// X on `target` where all bits of `controls` are 1; no controls: always.
struct ControlledX {
    std::uint32_t controls = 0;  // a set of bits without the target
    std::uint32_t target = 0;    // a bit's number
};

// Gates in order of time whose product is the permutation. At most O(n 2^n) of them; time O(n 4^n).
[[nodiscard]] std::vector<ControlledX> transformation_cascade(Permutation permutation);

}  // namespace quercus::passes
