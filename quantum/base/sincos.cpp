#include "quantum/base/sincos.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace quercus::base {
namespace {

// pi/2 as a sum of three doubles.
constexpr double kHalfPi1 = 1.5707963267948965580e+00;
constexpr double kHalfPi2 = 6.1232339957367660359e-17;
constexpr double kHalfPi3 = -1.4973849048591833e-33;
constexpr double kPi = 3.1415926535897931160e+00;
constexpr double kTwoOverPi = 6.3661977236758134308e-01;
// Adding and subtracting 1.5 * 2^52 rounds to the nearest integer without a library call.
constexpr double kRounder = 6755399441055744.0;

struct Reduced {
    double head;  // head + tail = x - quadrant * pi/2, |head| <= pi/4
    double tail;
    std::uint64_t quadrant;
};

inline Reduced reduce(double x) {
    const double shifted = x * kTwoOverPi + kRounder;
    const double k = shifted - kRounder;
    // Products are split exactly; the first difference is exact because k * pi/2 is close to x.
    const double p1 = k * kHalfPi1;
    const double e1 = std::fma(k, kHalfPi1, -p1);
    const double p2 = k * kHalfPi2;
    const double e2 = std::fma(k, kHalfPi2, -p2);
    const double a = x - p1;
    // Two-sum of a and -(e1 + p2); e1 and p2 are each below one ulp of x.
    const double b = -(e1 + p2);
    const double b_error = -((e1 - (e1 + p2)) + p2);
    const double head = a + b;
    const double virtual_b = head - a;
    const double error = (a - (head - virtual_b)) + (b - virtual_b);
    const double tail = error + b_error - e2 - k * kHalfPi3;
    return {head, tail, std::bit_cast<std::uint64_t>(shifted)};
}

inline double sine_kernel(double x, double tail) {
    const double z = x * x;
    const double w = z * z;
    const double r = 8.33333333332248946124e-03 +
                     z * (-1.98412698298579493134e-04 + z * 2.75573137070700676789e-06) +
                     z * w * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10);
    const double v = z * x;
    return x - ((z * (0.5 * tail - v * r) - tail) - v * -1.66666666666666324348e-01);
}

inline double cosine_kernel(double x, double tail) {
    const double z = x * x;
    const double w = z * z;
    const double r = z * (4.16666666666666019037e-02 +
                          z * (-1.38888888888741095749e-03 + z * 2.48015872894767294178e-05)) +
                     w * w *
                         (-2.75573143513906633035e-07 +
                          z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11));
    const double half = 0.5 * z;
    const double one = 1.0 - half;
    return one + (((1.0 - one) - half) + (z * r - x * tail));
}

inline SinCos sincos_inline(double x) {
    if (!(std::fabs(x) <= 1e15)) {
        if (!std::isfinite(x)) {
            return {std::numeric_limits<double>::quiet_NaN(),
                    std::numeric_limits<double>::quiet_NaN()};
        }
        x = std::fmod(x, 2 * kPi);  // exact, hence the same everywhere
    }
    const Reduced reduced = reduce(x);
    const double s = sine_kernel(reduced.head, reduced.tail);
    const double c = cosine_kernel(reduced.head, reduced.tail);
    const bool swap = (reduced.quadrant & 1) != 0;
    const double sine = swap ? c : s;
    const double cosine = swap ? s : c;
    return {(reduced.quadrant & 2) != 0 ? -sine : sine,
            ((reduced.quadrant + 1) & 2) != 0 ? -cosine : cosine};
}

// atan for t >= 0 (fdlibm s_atan.c).
double arc_tangent(double t) {
    struct Piece {
        double high, low;
    };
    constexpr std::array<Piece, 4> kPieces = {
        {{4.63647609000806093515e-01, 2.26987774529616870924e-17},
         {7.85398163397448278999e-01, 3.06161699786838301793e-17},
         {9.82793723247329054082e-01, 1.39033110312309984516e-17},
         {1.57079632679489655800e+00, 6.12323399573676603587e-17}}};
    int piece = -1;
    if (t >= 2.4375) {
        piece = 3;
        t = -1.0 / t;
    } else if (t >= 1.1875) {
        piece = 2;
        t = (t - 1.5) / (1.0 + 1.5 * t);
    } else if (t >= 0.6875) {
        piece = 1;
        t = (t - 1.0) / (t + 1.0);
    } else if (t >= 0.4375) {
        piece = 0;
        t = (2.0 * t - 1.0) / (2.0 + t);
    }
    const double z = t * t;
    const double w = z * z;
    const double s1 =
        z * (3.33333333333329318027e-01 +
             w * (1.42857142725034663711e-01 +
                  w * (9.09088713343650656196e-02 +
                       w * (6.66107313738753120669e-02 +
                            w * (4.97687799461593236017e-02 + w * 1.62858201153657823623e-02)))));
    const double s2 =
        w * (-1.99999999998764832476e-01 +
             w * (-1.11111104054623557880e-01 +
                  w * (-7.69187620504482999495e-02 +
                       w * (-5.83357013379057348645e-02 + w * -3.65315727442169155270e-02))));
    if (piece < 0) {
        return t - t * (s1 + s2);
    }
    const Piece& p = kPieces[static_cast<std::size_t>(piece)];
    return p.high - ((t * (s1 + s2) - p.low) - t);
}

}  // namespace

SinCos sincos(double x) {
    return sincos_inline(x);
}

void sincos(const double* x, std::size_t count, double* sines, double* cosines) {
    for (std::size_t i = 0; i < count; ++i) {
        const SinCos value = sincos_inline(x[i]);
        sines[i] = value.sin;
        cosines[i] = value.cos;
    }
}

double atan2(double y, double x) {
    if (y == 0) {
        return x < 0 ? kPi : 0.0;
    }
    const double up = std::fabs(y);
    const double across = std::fabs(x);
    double angle = up <= across ? arc_tangent(up / across)
                                : (kHalfPi1 - (arc_tangent(across / up) - kHalfPi2));
    if (x < 0) {
        angle = kPi - (angle - 2 * kHalfPi2);
    }
    return y < 0 ? -angle : angle;
}

double acos(double x) {
    const double clamped = std::clamp(x, -1.0, 1.0);
    return atan2(std::sqrt((1.0 - clamped) * (1.0 + clamped)), clamped);
}

}  // namespace quercus::base
