#pragma once

// Private to this room: matrices and states as Eigen has them.

#include <Eigen/Dense>

#include "quantum/synthesis/state.hpp"

namespace quercus::synthesis::detail {

[[nodiscard]] Eigen::MatrixXcd to_columns(const base::Matrix& m);
[[nodiscard]] base::Matrix to_matrix(const Eigen::MatrixXcd& m);

// Column j is the state `side` of pair j; made exactly orthonormal by Newton's iteration for the
// polar factor, which squares a deviation of kStateTolerance twice.
[[nodiscard]] Eigen::MatrixXcd orthonormal_columns(const StateMap& pairs,
                                                   StateVector StatePair::*side);

}  // namespace quercus::synthesis::detail
