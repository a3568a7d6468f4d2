// Which states and state maps are accepted, and as which columns.

#include <bit>
#include <cmath>
#include <cstdio>
#include <string>

#include "quantum/synthesis/matrix2.hpp"
#include "quantum/synthesis/state.hpp"
#include "quantum/synthesis/state_columns.hpp"

namespace quercus::synthesis {

using namespace detail;

namespace {

std::string text_of(double x) {
    char buffer[32];
    std::snprintf(buffer, sizeof(buffer), "%.9g", x);
    return buffer;
}

// `what`: "the state", "input 2 of the map", ...
Status check_state(const StateVector& state, const std::string& what) {
    const std::size_t size = state.size();
    if (size < 2 || size > std::size_t{1} << kMaxUnitaryQubits || !std::has_single_bit(size)) {
        return invalid_argument(what + " has " + std::to_string(size) +
                                " amplitudes: 2^n are needed, n = 1 to " +
                                std::to_string(kMaxUnitaryQubits));
    }
    double squared = 0;
    for (std::size_t i = 0; i < size; ++i) {
        if (!std::isfinite(state[i].real()) || !std::isfinite(state[i].imag())) {
            return invalid_argument(what + ": amplitude " + std::to_string(i) + " is not finite");
        }
        squared += std::norm(state[i]);
    }
    if (!(std::fabs(std::sqrt(squared) - 1) <= kStateTolerance)) {
        return invalid_argument(what + " has the norm " + text_of(std::sqrt(squared)) +
                                ", it must be 1 to 1e-6");
    }
    return Status::ok();
}

Status check_side(const StateMap& pairs, StateVector StatePair::*side, const std::string& name) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const StateVector& state = pairs[i].*side;
        const std::string what = name + " " + std::to_string(i) + " of the map";
        if (Status status = check_state(state, what); !status.is_ok()) {
            return status;
        }
        if (state.size() != pairs[0].input.size()) {
            return invalid_argument(what + " has " + std::to_string(state.size()) +
                                    " amplitudes, input 0 has " +
                                    std::to_string(pairs[0].input.size()));
        }
        for (std::size_t j = 0; j < i; ++j) {
            Complex product = 0;
            for (std::size_t k = 0; k < state.size(); ++k) {
                product += std::conj((pairs[j].*side)[k]) * state[k];
            }
            if (!(modulus(product) <= kStateTolerance)) {
                return invalid_argument(
                    what + " is not orthogonal to " + name + " " + std::to_string(j) +
                    ": |<a|b>| = " + text_of(modulus(product)) + ", at most 1e-6 is allowed");
            }
        }
    }
    return Status::ok();
}

}  // namespace

Status check(const StateVector& state) {
    return check_state(state, "the state");
}

Status check(const StateMap& pairs) {
    if (pairs.empty()) {
        return invalid_argument("the map has no pairs of states");
    }
    if (Status status = check_side(pairs, &StatePair::input, "input"); !status.is_ok()) {
        return status;
    }
    return check_side(pairs, &StatePair::output, "output");
}

Eigen::MatrixXcd detail::to_columns(const base::Matrix& m) {
    Eigen::MatrixXcd out(static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols()));
    for (std::size_t r = 0; r < m.rows(); ++r) {
        for (std::size_t c = 0; c < m.cols(); ++c) {
            out(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = m(r, c);
        }
    }
    return out;
}

base::Matrix detail::to_matrix(const Eigen::MatrixXcd& m) {
    base::Matrix out(static_cast<std::size_t>(m.rows()), static_cast<std::size_t>(m.cols()));
    for (std::size_t r = 0; r < out.rows(); ++r) {
        for (std::size_t c = 0; c < out.cols(); ++c) {
            out(r, c) = m(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c));
        }
    }
    return out;
}

StateMap preparation_of(const StateVector& state) {
    StateVector zero(state.size());
    zero.at(0) = 1;
    return {{std::move(zero), state}};
}

Eigen::MatrixXcd detail::orthonormal_columns(const StateMap& pairs, StateVector StatePair::*side) {
    const auto rows = static_cast<Eigen::Index>((pairs[0].*side).size());
    Eigen::MatrixXcd out(rows, static_cast<Eigen::Index>(pairs.size()));
    for (Eigen::Index j = 0; j < out.cols(); ++j) {
        for (Eigen::Index i = 0; i < rows; ++i) {
            out(i, j) = (pairs[static_cast<std::size_t>(j)].*side)[static_cast<std::size_t>(i)];
        }
    }
    for (int i = 0; i < 2; ++i) {
        const Eigen::MatrixXcd gram = out.adjoint() * out;
        out = out * (1.5 * Eigen::MatrixXcd::Identity(gram.rows(), gram.cols()) - 0.5 * gram);
    }
    return out;
}

}  // namespace quercus::synthesis
