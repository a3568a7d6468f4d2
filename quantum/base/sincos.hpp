#pragma once

// Sine, cosine and arc tangent that give the same bits on every machine of one build. The C library
// picks FMA or non-FMA variants at run time, so results that travel or are hashed must not use it.

#include <cstddef>

namespace quercus::base {

struct SinCos {
    double sin = 0;
    double cos = 1;
};

// Both to about 1 ulp for |x| <= 2^30 and to 1e-16 absolute for |x| <= 1e15; beyond that the double
// itself no longer says which angle is meant. NaN for a non-finite x. Method: Cody-Waite reduction
// by pi/2 in three doubles, then the minimax polynomials of fdlibm (Sun Microsystems, 1993).
[[nodiscard]] SinCos sincos(double x);
// The same for `count` angles; sines and cosines are written to their own arrays.
void sincos(const double* x, std::size_t count, double* sines, double* cosines);

// The angle of the point (x, y) in (-pi, pi], about 1 ulp; 0 for the origin whatever the signs.
[[nodiscard]] double atan2(double y, double x);
// The angle in [0, pi] whose cosine is x; x is clamped to [-1, 1].
[[nodiscard]] double acos(double x);

}  // namespace quercus::base
