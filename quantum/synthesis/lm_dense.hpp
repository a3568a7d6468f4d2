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

// Factorises the 4 x 4 tile at (k, k) and the rest of its rows: h = u^T u, u upper triangular.
// False if a pivot is not positive. `inverse` receives 1 / u_kk.
inline bool factor_panel(double* h, int n, int k, double* inverse) {
    for (int a = k; a < k + 4; ++a) {
        double* row = h + a * n;
        if (!(row[a] > 0)) {
            return false;
        }
        inverse[a] = 1.0 / std::sqrt(row[a]);
        const V4 scale = splat(inverse[a]);
        for (int j = k; j < n; j += 4) {
            store(row + j, scale * load(row + j));
        }
        for (int b = a + 1; b < k + 4; ++b) {
            const V4 factor = splat(row[b]);
            double* below = h + b * n;
            for (int j = k; j < n; j += 4) {
                store(below + j, load(below + j) - factor * load(row + j));
            }
        }
    }
    return true;
}

// Cholesky factor in place of the upper triangle of h (n a multiple of four).
inline bool cholesky(double* h, int n, double* inverse) {
    for (int k = 0; k < n; k += 4) {
        if (!factor_panel(h, n, k, inverse)) {
            return false;
        }
        const double* panel = h + k * n;
        for (int i = k + 4; i < n; ++i) {
            const V4 f0 = splat(panel[i]), f1 = splat(panel[n + i]);
            const V4 f2 = splat(panel[2 * n + i]), f3 = splat(panel[3 * n + i]);
            double* row = h + i * n;
            for (int j = i / 4 * 4; j < n; j += 4) {
                V4 value = load(row + j);
                value -= f0 * load(panel + j);
                value -= f1 * load(panel + n + j);
                value -= f2 * load(panel + 2 * n + j);
                value -= f3 * load(panel + 3 * n + j);
                store(row + j, value);
            }
        }
    }
    return true;
}

// Solves u^T u x = b in place. Entries of u left of the diagonal are never read as part of it.
inline void solve(const double* u, int n, const double* inverse, double* x) {
    for (int k = 0; k < n; ++k) {
        x[k] *= inverse[k];
        const double* row = u + k * n;
        for (int j = k + 1; j < n; ++j) {
            x[j] -= x[k] * row[j];
        }
    }
    for (int k = n - 1; k >= 0; --k) {
        const double* row = u + k * n;
        double sum = 0;
        for (int j = k + 1; j < n; ++j) {
            sum += row[j] * x[j];
        }
        x[k] = (x[k] - sum) * inverse[k];
    }
}

// out[p] = sum_k t[k][p] * v[k]; `t` is depth x n.
inline void multiply_transposed(const double* t, int depth, int n, const double* v, double* out) {
    for (int p = 0; p < n; p += 4) {
        V4 sum = {};
        for (int k = 0; k < depth; ++k) {
            sum += splat(v[k]) * load(t + k * n + p);
        }
        store(out + p, sum);
    }
}

}  // namespace quercus::synthesis::detail
