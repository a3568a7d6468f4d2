#pragma once

// Small dense complex matrices, row-major, as plain values. Speed-critical code has its own
// kernels.

#include <complex>
#include <cstddef>
#include <vector>

namespace quercus::base {

using Complex = std::complex<double>;

class Matrix {
 public:
    Matrix() = default;
    // All zero.
    Matrix(std::size_t rows, std::size_t cols) : rows_(rows), cols_(cols), data_(rows * cols) {}
    // `data` row-major, rows * cols entries.
    Matrix(std::size_t rows, std::size_t cols, std::vector<Complex> data)
        : rows_(rows), cols_(cols), data_(std::move(data)) {}
    static Matrix identity(std::size_t n);

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t cols() const { return cols_; }
    Complex& operator()(std::size_t r, std::size_t c) { return data_[r * cols_ + c]; }
    const Complex& operator()(std::size_t r, std::size_t c) const { return data_[r * cols_ + c]; }
    [[nodiscard]] const std::vector<Complex>& data() const { return data_; }
    [[nodiscard]] std::vector<Complex>& data() { return data_; }

    friend bool operator==(const Matrix&, const Matrix&) = default;

 private:
    std::size_t rows_ = 0;
    std::size_t cols_ = 0;
    std::vector<Complex> data_;
};

[[nodiscard]] Matrix multiply(const Matrix& a, const Matrix& b);
[[nodiscard]] Matrix adjoint(const Matrix& a);
// b (x) a in the little-endian convention: `low` acts on the less significant bits.
[[nodiscard]] Matrix kron(const Matrix& high, const Matrix& low);
// max |(M^dagger M - 1)_ij|; infinite for a non-square matrix or NaN entries.
[[nodiscard]] double unitarity_defect(const Matrix& m);
// Tr(A^dagger B).
[[nodiscard]] Complex overlap(const Matrix& a, const Matrix& b);
// min over phases of ||A - e^{i phi} B||_F / sqrt(N): the delta of ARCHITECTURE section 8, computed
// from the norm so that it stays accurate near zero.
[[nodiscard]] double phase_invariant_distance(const Matrix& a, const Matrix& b);

}  // namespace quercus::base
