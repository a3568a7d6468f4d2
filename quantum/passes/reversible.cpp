#include "quantum/passes/reversible.hpp"

#include <algorithm>
#include <bit>

namespace quercus::passes {

namespace {

std::uint32_t applied(const ControlledX& gate, std::uint32_t x) {
    return (x & gate.controls) == gate.controls ? x ^ (1U << gate.target) : x;
}

// Gates that take `from` to `to` (from >= to) and leave all smaller than `to` where they are.
std::vector<ControlledX> path(std::uint32_t from, std::uint32_t to) {
    std::vector<ControlledX> gates;
    // What is to be set, controlled by what is set so far; what is to go, by all that stay.
    for (std::uint32_t bits = to & ~from; bits != 0; bits &= bits - 1) {
        gates.push_back({from, static_cast<std::uint32_t>(std::countr_zero(bits))});
        from |= bits & (~bits + 1);
    }
    for (std::uint32_t bits = from & ~to; bits != 0; bits &= bits - 1) {
        gates.push_back({to, static_cast<std::uint32_t>(std::countr_zero(bits))});
    }
    return gates;
}

}  // namespace

std::vector<ControlledX> transformation_cascade(Permutation permutation) {
    std::vector<ControlledX> first,
        last;  // at the input's side, in order; at the output's, reversed
    for (std::uint32_t x = 0; x < permutation.size(); ++x) {
        const std::uint32_t image = permutation[x];
        const auto place = static_cast<std::uint32_t>(
            std::find(permutation.begin(), permutation.end(), x) - permutation.begin());
        if (std::popcount(place ^ x) < std::popcount(image ^ x)) {
            // What went to x from `place` shall come from x: gates before the permutation.
            for (const ControlledX& gate : path(place, x)) {
                Permutation next(permutation.size());
                for (std::uint32_t y = 0; y < permutation.size(); ++y) {
                    next[applied(gate, y)] = permutation[y];
                }
                permutation = std::move(next);
                first.push_back(gate);
            }
        } else {
            for (const ControlledX& gate : path(image, x)) {
                for (std::uint32_t& y : permutation) {
                    y = applied(gate, y);
                }
                last.push_back(gate);
            }
        }
    }
    first.insert(first.end(), last.rbegin(), last.rend());
    return first;
}

}  // namespace quercus::passes
