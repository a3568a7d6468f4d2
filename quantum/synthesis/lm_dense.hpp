#pragma once

// Private to instantiate.cpp: the small dense kernels of the normal equations. Leading dimensions
// are multiples of four and rows start on 32-byte boundaries.

#include "quantum/synthesis/lm_sweep.hpp"

namespace quercus::synthesis::detail {

// out[c][r] = in[r][c]; `rows` and `columns` multiples of four.
inline void transpose(const double* in, int rows, int columns, double* out) {
    for (int r = 0; r < rows; r += 4) {
        for (int c = 0; c < columns; c += 4) {
            const double* p = in + r * columns + c;
            const V4 a = load(p), b = load(p + columns);
            const V4 d = load(p + 2 * columns), e = load(p + 3 * columns);
            const V4 ab_even = __builtin_shufflevector(a, b, 0, 4, 2, 6);
            const V4 ab_odd = __builtin_shufflevector(a, b, 1, 5, 3, 7);
            const V4 de_even = __builtin_shufflevector(d, e, 0, 4, 2, 6);
            const V4 de_odd = __builtin_shufflevector(d, e, 1, 5, 3, 7);
            double* q = out + c * rows + r;
            store(q, __builtin_shufflevector(ab_even, de_even, 0, 1, 4, 5));
            store(q + rows, __builtin_shufflevector(ab_odd, de_odd, 0, 1, 4, 5));
            store(q + 2 * rows, __builtin_shufflevector(ab_even, de_even, 2, 3, 6, 7));
            store(q + 3 * rows, __builtin_shufflevector(ab_odd, de_odd, 2, 3, 6, 7));
        }
    }
}

// Four rows times 4 * Width columns of the Gram matrix; `t` is depth x n.
template <int Width>
inline void gram_tile(const double* t, int depth, int n, int i, int j, double* out) {
    V4 sum[4][Width] = {};
    for (int k = 0; k < depth; ++k) {
        const double* row = t + k * n;
        V4 right[Width];
        for (int w = 0; w < Width; ++w) {
            right[w] = load(row + j + 4 * w);
        }
        for (int a = 0; a < 4; ++a) {
            const V4 left = splat(row[i + a]);
            for (int w = 0; w < Width; ++w) {
                sum[a][w] += left * right[w];
            }
        }
    }
    for (int a = 0; a < 4; ++a) {
        for (int w = 0; w < Width; ++w) {
            store(out + (i + a) * n + j + 4 * w, sum[a][w]);
        }
    }
}

// Upper triangle (by 4 x 4 tiles) of t^T t, an n x n matrix; `t` is depth x n.
inline void gram(const double* t, int depth, int n, double* out) {
    for (int i = 0; i < n; i += 4) {
        int j = i;
        for (; j + 12 <= n; j += 12) {
            gram_tile<3>(t, depth, n, i, j, out);
        }
        if (j + 8 == n) {
            gram_tile<2>(t, depth, n, i, j, out);
        } else if (j + 4 == n) {
            gram_tile<1>(t, depth, n, i, j, out);
        }
    }
}

// Square-root-free Cholesky, h = u^T D^-1 u with D the diagonal of u, in place of the upper
// triangle of h (n a multiple of four, rows `stride` apart). `inverse` receives 1 / u_kk.
// Eliminates in the rows k to k + 3; false if a pivot is not positive.
inline bool factor_panel(double* h, int n, int stride, int k, double* inverse) {
    for (int a = k; a < k + 4; ++a) {
        const double* row = h + a * stride;
        if (!(row[a] > 0)) {
            return false;
        }
        inverse[a] = 1.0 / row[a];
        for (int b = a + 1; b < k + 4; ++b) {
            const V4 factor = splat(row[b] * inverse[a]);
            double* below = h + b * stride;
            for (int j = k; j < n; j += 4) {
                store(below + j, load(below + j) - factor * load(row + j));
            }
        }
    }
    return true;
}

// Cholesky without square roots, h = u^T D^-1 u with D the diagonal of u, in place of the upper
// triangle of h (n a multiple of four, rows `stride` apart). `inverse` receives 1 / u_kk.
inline bool factorise(double* h, int n, int stride, double* inverse) {
    for (int k = 0; k < n; k += 4) {
        if (!factor_panel(h, n, stride, k, inverse)) {
            return false;
        }
        const double* u0 = h + k * stride;
        const double *u1 = u0 + stride, *u2 = u1 + stride, *u3 = u2 + stride;
        for (int i = k + 4; i < n; ++i) {
            const V4 f0 = splat(u0[i] * inverse[k]), f1 = splat(u1[i] * inverse[k + 1]);
            const V4 f2 = splat(u2[i] * inverse[k + 2]), f3 = splat(u3[i] * inverse[k + 3]);
            double* row = h + i * stride;
            for (int j = i / 4 * 4; j < n; j += 4) {
                V4 value = load(row + j);
                value -= f0 * load(u0 + j);
                value -= f1 * load(u1 + j);
                value -= f2 * load(u2 + j);
                value -= f3 * load(u3 + j);
                store(row + j, value);
            }
        }
    }
    return true;
}

// Solves u^T D^-1 u x = b in place, four unknowns at a time. Entries of u left of the diagonal are
// never read as part of it.
inline void solve(const double* u, int n, int stride, const double* inverse, double* x) {
    for (int k = 0; k < n; k += 4) {
        const double* row = u + k * stride;
        V4 factor[4];
        for (int a = 0; a < 4; ++a) {
            const double scaled = x[k + a] * inverse[k + a];
            for (int b = a + 1; b < 4; ++b) {
                x[k + b] -= scaled * row[a * stride + k + b];
            }
            factor[a] = splat(scaled);
        }
        for (int j = k + 4; j < n; j += 4) {
            V4 value = load(x + j);
            for (int a = 0; a < 4; ++a) {
                value -= factor[a] * load(row + a * stride + j);
            }
            store(x + j, value);
        }
    }
    for (int k = n - 4; k >= 0; k -= 4) {
        const double* row = u + k * stride;
        V4 sum[4] = {};
        for (int j = k + 4; j < n; j += 4) {
            const V4 right = load(x + j);
            for (int a = 0; a < 4; ++a) {
                sum[a] += load(row + a * stride + j) * right;
            }
        }
        for (int a = 3; a >= 0; --a) {
            double rest = (sum[a][0] + sum[a][1]) + (sum[a][2] + sum[a][3]);
            for (int b = a + 1; b < 4; ++b) {
                rest += row[a * stride + k + b] * x[k + b];
            }
            x[k + a] = (x[k + a] - rest) * inverse[k + a];
        }
    }
}

}  // namespace quercus::synthesis::detail
