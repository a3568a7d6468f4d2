#include "quantum/synthesis/one_qubit.hpp"

#include "quantum/synthesis/matrix2.hpp"

namespace quercus::synthesis {

using namespace detail;

namespace {

constexpr double kNegligible = 1e-15;
constexpr double kAngleTolerance = 1e-12;

circuit::Operation one_qubit_gate(circuit::Gate gate, circuit::Qubit qubit,
                                  std::initializer_list<double> params = {}) {
    circuit::Operation operation;
    operation.gate = gate;
    operation.qubits.push_back(qubit);
    operation.params.assign(params.begin(), params.end());
    return operation;
}

void append_rz(std::vector<circuit::Operation>& out, circuit::Qubit qubit, double angle) {
    const double wrapped = wrap(angle);
    if (std::fabs(wrapped) > kAngleTolerance) {
        out.push_back(one_qubit_gate(circuit::Gate::kRZ, qubit, {wrapped}));
    }
}

}  // namespace

U3Angles u3_angles(const Matrix2& u) {
    const auto& [a, b, c, d] = u;
    const double cosine = 0.5 * (modulus(a) + modulus(d));
    const double sine = 0.5 * (modulus(b) + modulus(c));
    U3Angles out;
    if (sine <= kNegligible * cosine) {
        out.phi = argument(d * std::conj(a));
        out.phase = argument(a);
        return out;
    }
    if (cosine <= kNegligible * sine) {
        out.theta = kPi;
        out.phi = argument(c * std::conj(-b));
        out.phase = argument(-b);
        return out;
    }
    out.theta = 2 * base::atan2(sine, cosine);
    out.phase = argument(a);
    out.phi = argument(c * std::conj(a));
    // The sum phi + lambda is taken from the large entries, so that noise in the small ones cannot
    // reach it.
    out.lambda =
        cosine >= sine ? wrap(argument(d * std::conj(a)) - out.phi) : argument(-b * std::conj(a));
    return out;
}

ZyzAngles zyz_angles(const Matrix2& u) {
    const U3Angles u3 = u3_angles(u);
    return {u3.theta, u3.phi, u3.lambda, wrap(u3.phase + 0.5 * (u3.phi + u3.lambda))};
}

Matrix2 u3_matrix(double theta, double phi, double lambda) {
    const base::SinCos half = base::sincos(0.5 * theta);
    const Complex left = unit_phase(phi);
    const Complex right = unit_phase(lambda);
    return {half.cos, -right * half.sin, left * half.sin, left * right * half.cos};
}

double distance_to_identity(const Matrix2& u) {
    const Complex trace = u[0] + u[3];
    const double magnitude = modulus(trace);
    const Complex phase = magnitude > 0 ? trace / magnitude : Complex(1.0);
    const double sum =
        std::norm(u[0] - phase) + std::norm(u[1]) + std::norm(u[2]) + std::norm(u[3] - phase);
    return std::sqrt(0.5 * sum);
}

std::vector<circuit::Operation> zxzxz(const base::Matrix& u, circuit::Qubit qubit) {
    // u3(theta, phi, lambda) = rz(phi + pi) sx rz(theta + pi) sx rz(lambda) up to phase, and
    // u3(pi/2, phi, lambda) = rz(phi + pi/2) sx rz(lambda - pi/2).
    const U3Angles angles = u3_angles(u);
    std::vector<circuit::Operation> out;
    if (std::fabs(angles.theta) <= kAngleTolerance) {
        append_rz(out, qubit, angles.phi + angles.lambda);
    } else if (std::fabs(angles.theta - 0.5 * kPi) <= kAngleTolerance) {
        append_rz(out, qubit, angles.lambda - 0.5 * kPi);
        out.push_back(one_qubit_gate(circuit::Gate::kSX, qubit));
        append_rz(out, qubit, angles.phi + 0.5 * kPi);
    } else {
        append_rz(out, qubit, angles.lambda);
        out.push_back(one_qubit_gate(circuit::Gate::kSX, qubit));
        append_rz(out, qubit, angles.theta + kPi);
        out.push_back(one_qubit_gate(circuit::Gate::kSX, qubit));
        append_rz(out, qubit, angles.phi + kPi);
    }
    return out;
}

}  // namespace quercus::synthesis
