#pragma once

// Closed forms of one-qubit unitaries. Conventions: rz(a) = diag(e^{-ia/2}, e^{ia/2}), products are
// matrix products (the rightmost factor acts first), angles in radians in (-pi, pi]. All functions
// are deterministic (quantum/base/sincos.hpp) and take unitary 2x2 matrices; a small unitarity
// defect only costs accuracy.

#include <vector>

#include "quantum/base/matrix2.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::synthesis {

// u = e^{i phase} rz(phi) ry(theta) rz(lambda), theta in [0, pi]. Where rz(phi) and rz(lambda)
// commute past the middle (theta = 0 or pi to 1e-15), lambda is 0.
struct ZyzAngles {
    double theta = 0, phi = 0, lambda = 0, phase = 0;
};
[[nodiscard]] ZyzAngles zyz_angles(const base::Matrix2& u);

// u = e^{i phase} u3(theta, phi, lambda) with u3 as in qelib1.inc (real upper left entry).
struct U3Angles {
    double theta = 0, phi = 0, lambda = 0, phase = 0;
};
[[nodiscard]] U3Angles u3_angles(const base::Matrix2& u);
[[nodiscard]] inline U3Angles u3_angles(const base::Matrix& u) {
    return u3_angles(base::to_matrix2(u));
}
[[nodiscard]] base::Matrix2 u3_matrix(double theta, double phi, double lambda);

// min over phases of ||u - e^{i phase} 1||_F / sqrt(2), accurate near zero.
[[nodiscard]] double distance_to_identity(const base::Matrix2& u);
[[nodiscard]] inline bool is_identity(const base::Matrix2& u, double tolerance = 1e-12) {
    return distance_to_identity(u) <= tolerance;
}
[[nodiscard]] inline double distance_to_identity(const base::Matrix& u) {
    return distance_to_identity(base::to_matrix2(u));
}
[[nodiscard]] inline bool is_identity(const base::Matrix& u, double tolerance = 1e-12) {
    return is_identity(base::to_matrix2(u), tolerance);
}

// u up to global phase as at most rz sx rz sx rz (in program order on qubit `qubit`), shortened:
// nothing for the identity, rz for diagonal u, rz sx rz where |u00| = |u01| to 1e-12; rotations by
// less than 1e-12 are dropped.
[[nodiscard]] std::vector<circuit::Operation> zxzxz(const base::Matrix& u, circuit::Qubit qubit);

}  // namespace quercus::synthesis
