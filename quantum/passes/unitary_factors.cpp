#include "quantum/passes/unitary_factors.hpp"

#include <bit>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

namespace quercus::passes {

using base::Complex;
using base::Matrix;
using circuit::Qubit;

namespace {

constexpr double kTolerance = 3e-9;

// Bits of an index that a set of qubits has, close together, and the other way round.
std::size_t gather(std::size_t index, std::size_t mask) {
    std::size_t out = 0;
    for (int place = 0; mask != 0; mask &= mask - 1, ++place) {
        out |= ((index & (mask & -mask)) != 0 ? std::size_t{1} : 0) << place;
    }
    return out;
}
std::size_t scatter(std::size_t index, std::size_t mask) {
    std::size_t out = 0;
    for (; mask != 0; mask &= mask - 1, index >>= 1) {
        out |= (index & 1) != 0 ? mask & -mask : 0;
    }
    return out;
}

struct Place {
    std::size_t row = 0, column = 0;
};

Place largest_entry(const Matrix& u) {
    Place at;
    double most = -1;
    for (std::size_t r = 0; r < u.rows(); ++r) {
        for (std::size_t c = 0; c < u.cols(); ++c) {
            if (std::norm(u(r, c)) > most) {
                most = std::norm(u(r, c));
                at = {r, c};
            }
        }
    }
    return at;
}

// The entries whose indices are those of `at` outside `mask`.
Matrix part_of(const Matrix& u, std::size_t mask, const Place& at) {
    const std::size_t size = std::size_t{1} << std::popcount(mask);
    Matrix out(size, size);
    for (std::size_t r = 0; r < size; ++r) {
        for (std::size_t c = 0; c < size; ++c) {
            out(r, c) =
                u((at.row & ~mask) | scatter(r, mask), (at.column & ~mask) | scatter(c, mask));
        }
    }
    return out;
}

// False where the part of a matrix that is itself not quite unitary is no unitary for synthesis.
bool scale_to_unitary(Matrix& matrix) {
    double sum = 0;
    for (const Complex& x : matrix.data()) {
        sum += std::norm(x);
    }
    const double norm = std::sqrt(sum / static_cast<double>(matrix.rows()));
    for (Complex& x : matrix.data()) {
        x /= norm;
    }
    constexpr double kMostDefect = 1e-8;
    return base::unitarity_defect(matrix) <= kMostDefect;
}

// The factors on `mask` and on the other qubits, if there are such.
std::optional<std::pair<Matrix, Matrix>> split(const Matrix& u, std::size_t mask, const Place& at) {
    const std::size_t rest = (u.rows() - 1) & ~mask;
    Matrix inside = part_of(u, mask, at);
    Matrix outside = part_of(u, rest, at);
    const Complex pivot = u(at.row, at.column);
    std::vector<std::size_t> in(u.rows()), out(u.rows());
    for (std::size_t i = 0; i < u.rows(); ++i) {
        in[i] = gather(i, mask);
        out[i] = gather(i, rest);
    }
    for (std::size_t r = 0; r < u.rows(); ++r) {
        for (std::size_t c = 0; c < u.cols(); ++c) {
            const Complex product = inside(in[r], in[c]) * outside(out[r], out[c]);
            if (!(std::abs(u(r, c) * pivot - product) <= kTolerance * std::abs(pivot))) {
                return std::nullopt;
            }
        }
    }
    if (!scale_to_unitary(inside) || !scale_to_unitary(outside)) {
        return std::nullopt;
    }
    return std::pair(std::move(inside), std::move(outside));
}

}  // namespace

std::vector<UnitaryFactor> split_product(const Matrix& unitary) {
    std::vector<UnitaryFactor> factors;
    UnitaryFactor rest{
        std::vector<Qubit>(static_cast<std::size_t>(std::countr_zero(unitary.rows()))), unitary};
    std::iota(rest.qubits.begin(), rest.qubits.end(), Qubit{0});
    // Smallest sets first, so that what is split off has no factors itself.
    Place largest = largest_entry(rest.matrix);
    for (int size = 1; 2 * size <= static_cast<int>(rest.qubits.size()); ++size) {
        for (std::size_t mask = 1; mask < rest.matrix.rows(); ++mask) {
            if (std::popcount(mask) != size || 2 * size > static_cast<int>(rest.qubits.size())) {
                continue;
            }
            auto parts = split(rest.matrix, mask, largest);
            if (!parts) {
                continue;
            }
            UnitaryFactor found{{}, std::move(parts->first)};
            UnitaryFactor left{{}, std::move(parts->second)};
            for (std::size_t i = 0; i < rest.qubits.size(); ++i) {
                (((mask >> i) & 1) != 0 ? found : left).qubits.push_back(rest.qubits[i]);
            }
            factors.push_back(std::move(found));
            rest = std::move(left);
            largest = largest_entry(rest.matrix);
            mask = 0;
        }
    }
    factors.push_back(std::move(rest));
    return factors;
}

void append(circuit::Circuit& into, const circuit::Circuit& factor,
            const std::vector<Qubit>& qubits) {
    for (circuit::Operation op : factor.operations) {
        for (Qubit& q : op.qubits) {
            q = qubits[q];
        }
        into.operations.push_back(std::move(op));
    }
}

}  // namespace quercus::passes
