#pragma once

// 2x2 complex matrices as values, for code that handles a gate at a time: no memory is asked for.

#include <array>

#include "quantum/base/matrix.hpp"

namespace quercus::base {

using Matrix2 = std::array<Complex, 4>;  // row-major

inline Matrix2 to_matrix2(const Matrix& m) {
    return {m(0, 0), m(0, 1), m(1, 0), m(1, 1)};
}
inline Matrix to_matrix(const Matrix2& m) {
    return {2, 2, {m[0], m[1], m[2], m[3]}};
}

inline Matrix2 multiply(const Matrix2& a, const Matrix2& b) {
    return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2],
            a[2] * b[1] + a[3] * b[3]};
}

}  // namespace quercus::base
