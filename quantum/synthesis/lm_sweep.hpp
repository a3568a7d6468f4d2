#pragma once

// Private to instantiate.cpp: the forward sweep that yields cost, gradient and Jacobian of one
// template. All arrays are split into real and imaginary parts; rows are multiples of four doubles.

#include <cmath>
#include <cstddef>
#include <cstring>

#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis::detail {

using V4 = double __attribute__((vector_size(32), may_alias));

inline V4 splat(double x) {
    return V4{x, x, x, x};
}
inline V4 load(const double* p) {
    return *reinterpret_cast<const V4*>(p);
}
inline void store(double* p, V4 v) {
    *reinterpret_cast<V4*>(p) = v;
}

// Hermitian N x N matrices as N^2 real coordinates whose dot product is Tr(A B). Per row i: the
// 4 x 4 diagonal block (real parts on and above the diagonal, imaginary parts below), then for
// each later block four real and four imaginary parts; off-diagonal entries carry sqrt(2).
template <int N>
struct Sweep {
    static constexpr int kBlocks = N / 4;
    static constexpr int kCoordinates = N * N;

    alignas(32) double re[N][N];  // the running product (gates so far) * U^dagger
    alignas(32) double im[N][N];
    alignas(32) double half_re[N / 2][N];  // sqrt(2) * projection on a Pauli's +1 eigenspace
    alignas(32) double half_im[N / 2][N];

    void rotate_z(int qubit, double c, double s);
    void rotate_y(int qubit, double c, double s);
    void rotate_x(int qubit, double c, double s);
    void apply_cx(int control, int target);

    void project_z(int qubit);
    void project_y(int qubit);
    void project_x(int qubit);
    // Coordinates of R^dagger P R, from the projection taken last.
    void conjugated_pauli(double* out) const;
    // With X = re + i im, and alpha the phase of its trace: writes the coordinates of the
    // anti-Hermitian part K of e^{i alpha} X^dagger; returns d = 1 - |Tr X| / N from the norm.
    double residual(double* out) const;
};

template <int N, class F>
inline void for_row_pairs(int qubit, F&& body) {
    const int stride = 1 << qubit;
    for (int k = 0; k < N / 2; ++k) {
        const int low = ((k & ~(stride - 1)) << 1) | (k & (stride - 1));
        body(k, low, low + stride);
    }
}

template <int N>
void Sweep<N>::rotate_z(int qubit, double c, double s) {
    const V4 vc = splat(c);
    const V4 vs = splat(s);
    for_row_pairs<N>(qubit, [&](int, int a, int b) {
        for (int j = 0; j < N; j += 4) {
            const V4 ar = load(&re[a][j]), ai = load(&im[a][j]);
            const V4 br = load(&re[b][j]), bi = load(&im[b][j]);
            store(&re[a][j], vc * ar + vs * ai);
            store(&im[a][j], vc * ai - vs * ar);
            store(&re[b][j], vc * br - vs * bi);
            store(&im[b][j], vc * bi + vs * br);
        }
    });
}

template <int N>
void Sweep<N>::rotate_y(int qubit, double c, double s) {
    const V4 vc = splat(c);
    const V4 vs = splat(s);
    for_row_pairs<N>(qubit, [&](int, int a, int b) {
        for (int j = 0; j < N; j += 4) {
            const V4 ar = load(&re[a][j]), ai = load(&im[a][j]);
            const V4 br = load(&re[b][j]), bi = load(&im[b][j]);
            store(&re[a][j], vc * ar - vs * br);
            store(&im[a][j], vc * ai - vs * bi);
            store(&re[b][j], vc * br + vs * ar);
            store(&im[b][j], vc * bi + vs * ai);
        }
    });
}

template <int N>
void Sweep<N>::rotate_x(int qubit, double c, double s) {
    const V4 vc = splat(c);
    const V4 vs = splat(s);
    for_row_pairs<N>(qubit, [&](int, int a, int b) {
        for (int j = 0; j < N; j += 4) {
            const V4 ar = load(&re[a][j]), ai = load(&im[a][j]);
            const V4 br = load(&re[b][j]), bi = load(&im[b][j]);
            store(&re[a][j], vc * ar + vs * bi);
            store(&im[a][j], vc * ai - vs * br);
            store(&re[b][j], vc * br + vs * ai);
            store(&im[b][j], vc * bi - vs * ar);
        }
    });
}

template <int N>
void Sweep<N>::apply_cx(int control, int target) {
    const int c = 1 << control;
    const int t = 1 << target;
    for (int row = 0; row < N; ++row) {
        if ((row & c) == 0 || (row & t) != 0) {
            continue;
        }
        for (int j = 0; j < N; j += 4) {
            const V4 ar = load(&re[row][j]), ai = load(&im[row][j]);
            const V4 br = load(&re[row | t][j]), bi = load(&im[row | t][j]);
            store(&re[row][j], br);
            store(&im[row][j], bi);
            store(&re[row | t][j], ar);
            store(&im[row | t][j], ai);
        }
    }
}

template <int N>
void Sweep<N>::project_z(int qubit) {
    const V4 root2 = splat(1.41421356237309504880);
    for_row_pairs<N>(qubit, [&](int k, int a, int) {
        for (int j = 0; j < N; j += 4) {
            store(&half_re[k][j], root2 * load(&re[a][j]));
            store(&half_im[k][j], root2 * load(&im[a][j]));
        }
    });
}

template <int N>
void Sweep<N>::project_y(int qubit) {
    for_row_pairs<N>(qubit, [&](int k, int a, int b) {
        for (int j = 0; j < N; j += 4) {
            store(&half_re[k][j], load(&re[a][j]) + load(&im[b][j]));
            store(&half_im[k][j], load(&im[a][j]) - load(&re[b][j]));
        }
    });
}

template <int N>
void Sweep<N>::project_x(int qubit) {
    for_row_pairs<N>(qubit, [&](int k, int a, int b) {
        for (int j = 0; j < N; j += 4) {
            store(&half_re[k][j], load(&re[a][j]) + load(&re[b][j]));
            store(&half_im[k][j], load(&im[a][j]) + load(&im[b][j]));
        }
    });
}

inline constexpr double kRoot2 = 1.41421356237309504880;
alignas(32) inline constexpr double kDiagonalRe[4][4] = {
    {1, kRoot2, kRoot2, kRoot2}, {0, 1, kRoot2, kRoot2}, {0, 0, 1, kRoot2}, {0, 0, 0, 1}};
alignas(32) inline constexpr double kDiagonalIm[4][4] = {
    {0, 0, 0, 0}, {kRoot2, 0, 0, 0}, {kRoot2, kRoot2, 0, 0}, {kRoot2, kRoot2, kRoot2, 0}};
alignas(32) inline constexpr double kUnit[4][4] = {
    {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};

template <int N>
void Sweep<N>::conjugated_pauli(double* out) const {
    for (int block = 0; block < kBlocks; ++block) {
        const int width = 4 + 8 * (kBlocks - 1 - block);
        for (int other = block; other < kBlocks; ++other) {
            V4 sum_re[4] = {};
            V4 sum_im[4] = {};
            for (int k = 0; k < N / 2; ++k) {
                const V4 column_re = load(&half_re[k][4 * other]);
                const V4 column_im = load(&half_im[k][4 * other]);
                for (int i = 0; i < 4; ++i) {
                    const V4 row_re = splat(half_re[k][4 * block + i]);
                    const V4 row_im = splat(half_im[k][4 * block + i]);
                    sum_re[i] += row_re * column_re;
                    sum_re[i] += row_im * column_im;
                    sum_im[i] += row_re * column_im;
                    sum_im[i] -= row_im * column_re;
                }
            }
            for (int i = 0; i < 4; ++i) {
                double* row = out + i * width;
                if (other == block) {
                    store(row, load(kDiagonalRe[i]) * sum_re[i] + load(kDiagonalIm[i]) * sum_im[i] -
                                   load(kUnit[i]));
                } else {
                    store(row + 4 + 8 * (other - block - 1), splat(kRoot2) * sum_re[i]);
                    store(row + 8 + 8 * (other - block - 1), splat(kRoot2) * sum_im[i]);
                }
            }
        }
        out += 4 * width;
    }
}

template <int N>
double Sweep<N>::residual(double* out) const {
    double trace_re = 0;
    double trace_im = 0;
    for (int i = 0; i < N; ++i) {
        trace_re += re[i][i];
        trace_im += im[i][i];
    }
    const double magnitude = std::sqrt(trace_re * trace_re + trace_im * trace_im);
    const double c = magnitude > 0 ? trace_re / magnitude : 1.0;
    const double s = magnitude > 0 ? trace_im / magnitude : 0.0;
    alignas(32) double yr[N][N];  // Y = e^{-i alpha} X
    alignas(32) double yi[N][N];
    V4 norm = {};
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; j += 4) {
            const V4 xr = load(&re[i][j]), xi = load(&im[i][j]);
            const V4 a = splat(c) * xr + splat(s) * xi;
            const V4 b = splat(c) * xi - splat(s) * xr;
            store(&yr[i][j], a);
            store(&yi[i][j], b);
            const V4 off = i / 4 == j / 4 ? a - load(kUnit[i % 4]) : a;
            norm += off * off + b * b;
        }
    }
    for (int i = 0; i < N; ++i) {
        const int own = i / 4 * 4;
        for (int j = own; j < own + 4; ++j) {
            *out++ = j == i  ? -yi[i][i]
                     : j > i ? kRoot2 * -0.5 * (yi[i][j] + yi[j][i])
                             : kRoot2 * 0.5 * (yr[i][j] - yr[j][i]);
        }
        for (int block = own + 4; block < N; block += 4) {
            for (int j = block; j < block + 4; ++j) {
                out[j - block] = kRoot2 * -0.5 * (yi[i][j] + yi[j][i]);
                out[j - block + 4] = kRoot2 * 0.5 * (yr[i][j] - yr[j][i]);
            }
            out += 8;
        }
    }
    return (norm[0] + norm[1] + norm[2] + norm[3]) / (2.0 * N);
}

}  // namespace quercus::synthesis::detail
