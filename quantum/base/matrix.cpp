#include "quantum/base/matrix.hpp"

#include <cmath>
#include <limits>

namespace quercus::base {

Matrix Matrix::identity(std::size_t n) {
    Matrix m(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        m(i, i) = 1.0;
    }
    return m;
}

Matrix multiply(const Matrix& a, const Matrix& b) {
    Matrix out(a.rows(), b.cols());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t k = 0; k < a.cols(); ++k) {
            const Complex factor = a(i, k);
            for (std::size_t j = 0; j < b.cols(); ++j) {
                out(i, j) += factor * b(k, j);
            }
        }
    }
    return out;
}

Matrix adjoint(const Matrix& a) {
    Matrix out(a.cols(), a.rows());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < a.cols(); ++j) {
            out(j, i) = std::conj(a(i, j));
        }
    }
    return out;
}

Matrix kron(const Matrix& high, const Matrix& low) {
    Matrix out(high.rows() * low.rows(), high.cols() * low.cols());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t j = 0; j < out.cols(); ++j) {
            out(i, j) = high(i / low.rows(), j / low.cols()) * low(i % low.rows(), j % low.cols());
        }
    }
    return out;
}

double unitarity_defect(const Matrix& m) {
    if (m.rows() != m.cols()) {
        return std::numeric_limits<double>::infinity();
    }
    const Matrix product = multiply(adjoint(m), m);
    double worst = 0;
    for (std::size_t i = 0; i < m.rows(); ++i) {
        for (std::size_t j = 0; j < m.cols(); ++j) {
            const double defect = std::abs(product(i, j) - (i == j ? 1.0 : 0.0));
            if (!(defect <= worst)) {  // also true for NaN
                worst = std::isnan(defect) ? std::numeric_limits<double>::infinity() : defect;
            }
        }
    }
    return worst;
}

Complex overlap(const Matrix& a, const Matrix& b) {
    Complex sum = 0;
    for (std::size_t i = 0; i < a.data().size(); ++i) {
        sum += std::conj(a.data()[i]) * b.data()[i];
    }
    return sum;
}

double phase_invariant_distance(const Matrix& a, const Matrix& b) {
    const Complex trace = overlap(b, a);
    const double magnitude = std::abs(trace);
    const Complex phase = magnitude > 0 ? trace / magnitude : Complex(1.0);
    double sum = 0;
    for (std::size_t i = 0; i < a.data().size(); ++i) {
        sum += std::norm(a.data()[i] - phase * b.data()[i]);
    }
    return std::sqrt(sum / static_cast<double>(a.rows()));
}

}  // namespace quercus::base
