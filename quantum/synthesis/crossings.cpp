#include "quantum/synthesis/crossings.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cassert>
#include <cmath>

namespace quercus::synthesis::detail {

namespace {

using base::Complex;
using base::Matrix;

// U seen as 2 x 2 blocks by one qubit, each `size` x `size` over the others.
class BlockView {
 public:
    BlockView(const Matrix& u, int qubit)
        : u_(u), size_(u.rows() / 2), low_((std::size_t{1} << qubit) - 1) {}

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Complex& at(int i, int j, std::size_t r, std::size_t c) const {
        return u_(index(i, r), index(j, c));
    }

 private:
    [[nodiscard]] std::size_t index(int bit, std::size_t rest) const {
        return ((rest & ~low_) << 1) | (static_cast<std::size_t>(bit) * (low_ + 1)) | (rest & low_);
    }

    const Matrix& u_;
    std::size_t size_;
    std::size_t low_;
};

// Squared operator-Schmidt coefficients, ascending; their sum is 1.
Eigen::Vector4d schmidt_weights(const BlockView& u) {
    Eigen::Matrix4cd gram;
    for (int a = 0; a < 4; ++a) {
        for (int b = 0; b < 4; ++b) {
            Complex sum = 0;
            for (std::size_t r = 0; r < u.size(); ++r) {
                for (std::size_t c = 0; c < u.size(); ++c) {
                    sum += std::conj(u.at(a / 2, a % 2, r, c)) * u.at(b / 2, b % 2, r, c);
                }
            }
            gram(a, b) = sum / (2.0 * static_cast<double>(u.size()));
        }
    }
    return Eigen::SelfAdjointEigenSolver<Eigen::Matrix4cd>(gram, Eigen::EigenvaluesOnly)
        .eigenvalues();
}

// The parts of U^dagger sigma_a U along 1, X, Y and Z of the qubit.
using Parts = std::array<Eigen::MatrixXcd, 4>;

Parts heisenberg_parts(const Matrix& u, int qubit, int axis) {
    Matrix turned = u;  // sigma_a U
    const std::size_t bit = std::size_t{1} << qubit;
    for (std::size_t row = 0; row < u.rows(); ++row) {
        const bool one = (row & bit) != 0;
        const Complex factor = axis == 2   ? (one ? -1.0 : 1.0)
                               : axis == 1 ? Complex(0, one ? 1 : -1)
                                           : Complex(1);
        for (std::size_t column = 0; column < u.cols(); ++column) {
            turned(row, column) = factor * u(axis == 2 ? row : row ^ bit, column);
        }
    }
    const Matrix h = base::multiply(base::adjoint(u), turned);
    const BlockView view(h, qubit);
    const auto size = static_cast<Eigen::Index>(view.size());
    Parts parts;
    parts.fill(Eigen::MatrixXcd(size, size));
    for (Eigen::Index r = 0; r < size; ++r) {
        for (Eigen::Index c = 0; c < size; ++c) {
            const auto block = [&](int i, int j) {
                return 0.5 *
                       view.at(i, j, static_cast<std::size_t>(r), static_cast<std::size_t>(c));
            };
            parts[0](r, c) = block(0, 0) + block(1, 1);
            parts[1](r, c) = block(0, 1) + block(1, 0);
            parts[2](r, c) = Complex(0, 1) * (block(0, 1) - block(1, 0));
            parts[3](r, c) = block(0, 0) - block(1, 1);
        }
    }
    return parts;
}

// Gram matrix of three Hermitian matrices, their multiples of 1 left out.
Eigen::Matrix3d gram_of(const std::array<Eigen::MatrixXcd, 3>& parts) {
    const double size = static_cast<double>(parts[0].rows());
    Eigen::Matrix3d gram;
    for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t b = 0; b < 3; ++b) {
            const double product = parts[a].conjugate().cwiseProduct(parts[b]).sum().real();
            const double traces = parts[a].trace().real() * parts[b].trace().real();
            gram(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)) =
                (product - traces / size) / size;
        }
    }
    return gram;
}

bool two_may_suffice(const Matrix& u, int qubit, double tolerance) {
    const std::array<Parts, 3> h = {heisenberg_parts(u, qubit, 0), heisenberg_parts(u, qubit, 1),
                                    heisenberg_parts(u, qubit, 2)};
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> n(gram_of({h[0][0], h[1][0], h[2][0]}));
    if (n.eigenvalues()[1] > tolerance) {
        return false;
    }
    const double known = n.eigenvalues()[2];  // how well the plane is determined
    if (known <= 100 * tolerance) {
        return true;
    }
    Eigen::Matrix3d along_axis = Eigen::Matrix3d::Zero();
    for (Eigen::Index k = 0; k < 2; ++k) {
        const Eigen::Vector3d axis = n.eigenvectors().col(k);
        std::array<Eigen::MatrixXcd, 3> along;  // of X, Y and Z
        for (std::size_t b = 0; b < 3; ++b) {
            along[b] = axis[0] * h[0][b + 1] + axis[1] * h[1][b + 1] + axis[2] * h[2][b + 1];
        }
        along_axis += gram_of(along);
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> m(along_axis, Eigen::EigenvaluesOnly);
    return m.eigenvalues()[0] <= 16 * tolerance / known;
}

int least_crossings(const Matrix& u, int qubit, double tolerance) {
    const Eigen::Vector4d weights = schmidt_weights(BlockView(u, qubit));
    if (weights[2] <= tolerance) {
        return 0;
    }
    if (weights[1] <= tolerance && weights[3] - weights[2] <= 4 * std::sqrt(tolerance)) {
        return 1;
    }
    return two_may_suffice(u, qubit, tolerance) &&
                   two_may_suffice(base::adjoint(u), qubit, tolerance)
               ? 2
               : 3;
}

}  // namespace

Crossings::Crossings(const Matrix& target, double tolerance) {
    assert(target.rows() <= std::size_t{1} << kMaxTemplateQubits);
    // At ||U - e^{i phi} V||^2 / N = 2 d, weights that are zero for V are at most 2 d for U, the
    // eigenvalues that are zero for V at most 8 d; weights that are equal differ by 3 sqrt d.
    const double slack = std::max(1e-12, 10 * tolerance);
    for (int qubit = 0; (std::size_t{1} << qubit) < target.rows(); ++qubit) {
        least_[static_cast<std::size_t>(qubit)] = least_crossings(target, qubit, slack);
    }
}

bool Crossings::allow(const Template& start, std::size_t max_cx) const {
    if (start.cx.size() > max_cx) {
        return false;
    }
    std::array<int, kMaxTemplateQubits> missing = least_;
    for (const CxPair& cx : start.cx) {
        --missing[cx.control];
        --missing[cx.target];
    }
    const int left = static_cast<int>(max_cx - start.cx.size());
    int sum = 0;
    for (const int count : missing) {
        if (count > left) {
            return false;
        }
        sum += std::max(0, count);
    }
    return sum <= 2 * left;
}

}  // namespace quercus::synthesis::detail
