#pragma once

// Private to this room: products of 2x2 matrices, and the elementary rotations.

#include <algorithm>
#include <cmath>
#include <complex>

#include "quantum/base/matrix2.hpp"
#include "quantum/base/sincos.hpp"

namespace quercus::synthesis::detail {

using base::Complex;
using base::Matrix2;
using base::to_matrix;
using base::to_matrix2;

inline constexpr double kPi = 3.14159265358979323846;

inline Matrix2 identity2() {
    return {1.0, 0.0, 0.0, 1.0};
}
inline Matrix2 pauli_x() {
    return {0.0, 1.0, 1.0, 0.0};
}
inline Matrix2 pauli_y() {
    return {0.0, Complex(0, -1), Complex(0, 1), 0.0};
}
inline Matrix2 pauli_z() {
    return {1.0, 0.0, 0.0, -1.0};
}

inline Matrix2 operator*(const Matrix2& a, const Matrix2& b) {
    return base::multiply(a, b);
}

inline Matrix2 adjoint2(const Matrix2& a) {
    return {std::conj(a[0]), std::conj(a[2]), std::conj(a[1]), std::conj(a[3])};
}

inline Complex unit_phase(double angle) {
    const base::SinCos value = base::sincos(angle);
    return {value.cos, value.sin};
}

inline Matrix2 rotation_x(double angle) {
    const base::SinCos h = base::sincos(0.5 * angle);
    return {h.cos, Complex(0, -h.sin), Complex(0, -h.sin), h.cos};
}

inline Matrix2 rotation_y(double angle) {
    const base::SinCos h = base::sincos(0.5 * angle);
    return {h.cos, -h.sin, h.sin, h.cos};
}

inline Matrix2 rotation_z(double angle) {
    const base::SinCos h = base::sincos(0.5 * angle);
    return {Complex(h.cos, -h.sin), 0.0, 0.0, Complex(h.cos, h.sin)};
}

// sqrt(x^2 + y^2) without the C library's hypot.
inline double modulus(Complex z) {
    const double scale = std::max(std::fabs(z.real()), std::fabs(z.imag()));
    if (scale == 0) {
        return 0;
    }
    const double x = z.real() / scale;
    const double y = z.imag() / scale;
    return scale * std::sqrt(x * x + y * y);
}

inline double argument(Complex z) {
    return base::atan2(z.imag(), z.real());
}

// The representative in (-pi, pi].
inline double wrap(double angle) {
    const double turns = std::ceil(angle / (2 * kPi) - 0.5);
    const double wrapped = angle - turns * (2 * kPi);
    return wrapped <= -kPi ? kPi : wrapped;
}

}  // namespace quercus::synthesis::detail
