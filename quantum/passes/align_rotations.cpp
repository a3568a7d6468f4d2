#include "quantum/passes/align_rotations.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "quantum/partition/items.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::passes {

using base::Matrix2;
using circuit::Gate;

namespace {

constexpr double kPi = std::numbers::pi;
// Of an angle to a multiple.
constexpr double kNear = 4e-13;
// Of 2 x 2 products and their angles, for one operation.
constexpr double kRounding = 4e-15;

enum class Axis : std::uint8_t { kZ, kX };

// X and Z change places if `axis` is X.
Matrix2 in_frame(const Matrix2& u, Axis axis) {
    if (axis == Axis::kZ) {
        return u;
    }
    constexpr double kHalf = std::numbers::sqrt2 / 2;
    constexpr Matrix2 hadamard = {kHalf, kHalf, kHalf, -kHalf};
    return base::multiply(hadamard, base::multiply(u, hadamard));
}

// u = rest * rotation by `angle` about an axis (which acts first), up to a phase.
struct Split {
    std::optional<Matrix2> rest;  // unless it is the identity
    double angle = 0;
};

// Goes from the end to the beginning; the new operations are collected in that order.
class Aligner {
 public:
    explicit Aligner(const Circuit& circuit) : circuit_(circuit), waiting_(circuit.num_qubits()) {}

    PassResult run() {
        const auto& operations = circuit_.operations;
        for (auto op = operations.rbegin(); op != operations.rend(); ++op) {
            add(*op);
        }
        for (Qubit q = 0; q < waiting_.size(); ++q) {
            flush(q);
        }
        std::reverse(out_.begin(), out_.end());
        PassResult result;
        result.changed = out_ != operations;
        result.delta = rounded_ + kRounding * static_cast<double>(operations.size());
        result.circuit.qregs = circuit_.qregs;
        result.circuit.cregs = circuit_.cregs;
        result.circuit.operations = std::move(out_);
        return result;
    }

 private:
    void add(const Operation& op) {
        const bool is_fence = partition::is_fence(op);
        if (!is_fence && op.qubits.size() == 1) {
            auto& waiting = waiting_[op.qubits[0]];
            const Matrix2 earlier = circuit::matrix2_of(op);
            waiting = waiting ? base::multiply(*waiting, earlier) : earlier;
        } else if (!is_fence && op.gate == Gate::kCX) {
            const auto control = cross(op.qubits[0], Axis::kZ);
            const auto target = cross(op.qubits[1], Axis::kX);
            out_.push_back(op);
            waiting_[op.qubits[0]] = control;
            waiting_[op.qubits[1]] = target;
        } else {
            for (const Qubit q : op.qubits) {
                flush(q);
            }
            out_.push_back(op);
        }
    }

    // The gates behind a CX: returns what commutes with it, the rest stays.
    std::optional<Matrix2> cross(Qubit q, Axis axis) {
        const auto behind = std::exchange(waiting_[q], std::nullopt);
        if (!behind) {
            return std::nullopt;
        }
        const Split parts = split(*behind, axis);
        if (parts.rest) {
            emit(q, *parts.rest);
        }
        if (parts.angle == 0) {
            return std::nullopt;
        }
        return in_frame(synthesis::u3_matrix(0, 0, parts.angle), axis);
    }

    Split split(const Matrix2& u, Axis axis) {
        const synthesis::U3Angles angles = synthesis::u3_angles(in_frame(u, axis));
        if (angles.theta <= kNear) {
            rounded_ += angles.theta;
            return {std::nullopt, snapped(angles.phi + angles.lambda)};
        }
        if (kPi - angles.theta <= kNear) {
            rounded_ += kPi - angles.theta;
            return {in_frame(synthesis::u3_matrix(kPi, 0, 0), axis),
                    snapped(angles.lambda - angles.phi)};
        }
        const Matrix2 rest = synthesis::u3_matrix(snapped(angles.theta), snapped(angles.phi), 0);
        return {in_frame(rest, axis), snapped(angles.lambda)};
    }

    void flush(Qubit q) {
        if (const auto before = std::exchange(waiting_[q], std::nullopt)) {
            emit(q, *before);
        }
    }

    void emit(Qubit q, const Matrix2& u) {
        const double distance = synthesis::distance_to_identity(u);
        if (distance <= kNear) {
            rounded_ += distance;
            return;
        }
        const synthesis::U3Angles angles = synthesis::u3_angles(u);
        Operation op;
        op.gate = Gate::kU3;
        op.qubits = {q};
        if (angles.theta <= kNear) {
            rounded_ += angles.theta;
            op.params = {0, 0, snapped(angles.phi + angles.lambda)};
        } else if (kPi - angles.theta <= kNear) {
            rounded_ += kPi - angles.theta;
            op.params = {kPi, 0, snapped(angles.lambda - angles.phi)};
        } else {
            op.params = {snapped(angles.theta), snapped(angles.phi), snapped(angles.lambda)};
        }
        out_.push_back(std::move(op));
    }

    // In (-pi, pi].
    double snapped(double angle) {
        constexpr double kUnit = kPi / 16;
        const double multiple = std::round(angle / kUnit) * kUnit;
        if (std::fabs(angle - multiple) <= kNear) {
            rounded_ += std::fabs(angle - multiple);
            angle = multiple;
        }
        return angle - std::ceil(angle / (2 * kPi) - 0.5) * (2 * kPi);
    }

    const Circuit& circuit_;
    std::vector<std::optional<Matrix2>>
        waiting_;  // by qubit: the gates passed since the last other
    std::vector<Operation> out_;
    double rounded_ = 0;  // sum of all that angles were moved by, a bound of the error
};

}  // namespace

PassResult align_rotations(const Circuit& circuit) {
    return Aligner(circuit).run();
}

}  // namespace quercus::passes
