#pragma once

// The walk over all parities of some qubits with one cx from each to the next.

#include <algorithm>
#include <bit>
#include <cstddef>

namespace quercus::synthesis {

// Calls visit(code, bit) for the 2^bits codes in the order of a Gray code, beginning with 0; `bit`
// is the one that changes next, after the last code back to 0. Without bits: visit(0, 0).
template <class Visit>
void for_each_gray_code(std::size_t bits, const Visit& visit) {
    const std::size_t highest = bits == 0 ? 0 : bits - 1;
    for (std::size_t step = 0; step < std::size_t{1} << bits; ++step) {
        visit(step ^ step >> 1,
              std::min(static_cast<std::size_t>(std::countr_zero(step + 1)), highest));
    }
}

}  // namespace quercus::synthesis
