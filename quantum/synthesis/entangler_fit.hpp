#pragma once

// Private to entangler.cpp: one-qubit gates between copies of any fixed two-qubit gate, found
// numerically. For gates whose classes of two and more copies have no simple closed form.

#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/synthesis/matrix2.hpp"

namespace quercus::synthesis::detail {

struct Locals {
    Matrix2 low = identity2(), high = identity2();
};

// `count` + 1 pairs of gates such that locals[count] gate ... gate locals[0] is as close to `u` (4
// x 4, unitary) as Levenberg-Marquardt gets from a few starts, always the same ones; stops at d <=
// 1e-28.
[[nodiscard]] std::vector<Locals> fit_locals(const base::Matrix& u, const base::Matrix& gate,
                                             std::size_t count);

}  // namespace quercus::synthesis::detail
