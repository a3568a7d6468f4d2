#include "quantum/mapping/one_qubit_basis.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::mapping {

namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kAngleTolerance = 1e-12;

double wrapped(double angle) {
    const double out = std::remainder(angle, 2 * kPi);
    return out <= -kPi ? out + 2 * kPi : out;
}

bool is_near(double a, double b) {
    return std::fabs(a - b) <= kAngleTolerance;
}

Operation gate(Gate kind, Qubit qubit, std::initializer_list<double> params = {}) {
    Operation op;
    op.gate = kind;
    op.qubits = {qubit};
    op.params.assign(params);
    return op;
}

void add_z(std::vector<Operation>& out, double angle, Qubit qubit, const OneQubitSet& set) {
    for (Operation& op : z_rotation(angle, qubit, set)) {
        out.push_back(std::move(op));
    }
}

// u3(t, p, l) = rz(p + pi) sx rz(t + pi) sx rz(l) up to phase; for t = pi/2 it is
// rz(p + pi/2) sx rz(l - pi/2), for t = pi rz(p - l + pi) x.
Pulses with_sx(const synthesis::U3Angles& u, Qubit q, const OneQubitSet& set) {
    Pulses out;
    if (is_near(u.theta, 0.5 * kPi)) {
        add_z(out.pulses, u.lambda - 0.5 * kPi, q, set);
        out.pulses.push_back(gate(Gate::kSX, q));
        out.tail = u.phi + 0.5 * kPi;
    } else if (is_near(u.theta, kPi) && set.has_x) {
        out.pulses.push_back(gate(Gate::kX, q));
        out.tail = u.phi - u.lambda + kPi;
    } else {
        add_z(out.pulses, u.lambda, q, set);
        out.pulses.push_back(gate(Gate::kSX, q));
        add_z(out.pulses, u.theta + kPi, q, set);
        out.pulses.push_back(gate(Gate::kSX, q));
        out.tail = u.phi + kPi;
    }
    return out;
}

// u3(t, p, l) = rz(p) ry(t) rz(l) = rz(p + pi/2) rx(t) rz(l - pi/2) up to phase.
Pulses with_axis(const synthesis::U3Angles& u, Qubit q, const OneQubitSet& set) {
    Pulses out;
    const bool x = set.basis == OneQubitBasis::kZX;
    add_z(out.pulses, x ? u.lambda - 0.5 * kPi : u.lambda, q, set);
    out.pulses.push_back(gate(x ? Gate::kRX : Gate::kRY, q, {u.theta}));
    out.tail = x ? u.phi + 0.5 * kPi : u.phi;
    return out;
}

}  // namespace

OneQubitSet one_qubit_set(const std::vector<Gate>& gates) {
    const auto has = [&](Gate wanted) {
        return std::find(gates.begin(), gates.end(), wanted) != gates.end();
    };
    OneQubitSet set;
    set.has_x = has(Gate::kX);
    const bool z = has(Gate::kRZ) || has(Gate::kP) || has(Gate::kU1);
    set.z = has(Gate::kRZ) ? Gate::kRZ : has(Gate::kP) ? Gate::kP : Gate::kU1;
    using enum OneQubitBasis;
    set.basis = has(Gate::kU3)         ? kU3
                : has(Gate::kU)        ? kU
                : has(Gate::kPhasedXZ) ? kPhasedXZ
                : z && has(Gate::kR)   ? kZR
                : z && has(Gate::kRX)  ? kZX
                : z && has(Gate::kRY)  ? kZY
                : z && has(Gate::kSX)  ? kZSX
                : has(Gate::kR)        ? OneQubitBasis::kR
                                       : kNone;
    return set;
}

std::vector<Operation> z_rotation(double angle, Qubit qubit, const OneQubitSet& set) {
    const double a = wrapped(angle);
    if (std::fabs(a) <= kAngleTolerance) {
        return {};
    }
    switch (set.basis) {
        case OneQubitBasis::kU3:
            return {gate(Gate::kU3, qubit, {0, 0, a})};
        case OneQubitBasis::kU:
            return {gate(Gate::kU, qubit, {0, 0, a})};
        case OneQubitBasis::kPhasedXZ:
            return {gate(Gate::kPhasedXZ, qubit, {0, a / kPi, 0})};
        case OneQubitBasis::kR:  // two half turns about axes a/2 apart
            return {gate(Gate::kR, qubit, {kPi, 0}), gate(Gate::kR, qubit, {kPi, 0.5 * a})};
        default:
            return {gate(set.z, qubit, {a})};
    }
}

Pulses pulses_of(const base::Matrix& u, Qubit qubit, const OneQubitSet& set) {
    const synthesis::U3Angles angles = synthesis::u3_angles(u);
    if (angles.theta <= kAngleTolerance) {
        const bool one_gate = set.basis == OneQubitBasis::kU3 || set.basis == OneQubitBasis::kU ||
                              set.basis == OneQubitBasis::kPhasedXZ;
        const double turn = angles.phi + angles.lambda;
        return one_gate ? Pulses{z_rotation(turn, qubit, set), 0} : Pulses{{}, turn};
    }
    switch (set.basis) {
        case OneQubitBasis::kU3:
            return {{gate(Gate::kU3, qubit, {angles.theta, angles.phi, angles.lambda})}, 0};
        case OneQubitBasis::kU:
            return {{gate(Gate::kU, qubit, {angles.theta, angles.phi, angles.lambda})}, 0};
        case OneQubitBasis::kPhasedXZ:  // Z^z Z^a X^x Z^-a
            return {{gate(Gate::kPhasedXZ, qubit,
                          {angles.theta / kPi, wrapped(angles.phi + angles.lambda) / kPi,
                           wrapped(0.5 * kPi - angles.lambda) / kPi})},
                    0};
        case OneQubitBasis::kZSX:
            return with_sx(angles, qubit, set);
        case OneQubitBasis::kZX:
        case OneQubitBasis::kZY:
            return with_axis(angles, qubit, set);
        default:  // rz(phi + lambda) r(theta, pi/2 - lambda)
            return {{gate(Gate::kR, qubit, {angles.theta, wrapped(0.5 * kPi - angles.lambda)})},
                    angles.phi + angles.lambda};
    }
}

}  // namespace quercus::mapping
