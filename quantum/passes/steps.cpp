#include "quantum/passes/steps.hpp"

#include <algorithm>
#include <cmath>

#include "quantum/partition/items.hpp"
#include "quantum/passes/merge_one_qubit.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

constexpr double kSnap = 1e-12;

class Lowering {
 public:
    void one_qubit(const Operation& op) {
        const Qubit q = op.qubits[0];
        const auto angles = synthesis::u3_angles(circuit::matrix2_of(op));
        const double theta = snap(angles.theta);
        // ry(pi/2) = h z and ry(pi) = x z up to phase; the general case is rz rx rz, rx = h rz h.
        if (theta == 0) {
            rotate(q, angles.phi + angles.lambda);
        } else if (theta == snapped(kPi)) {
            emit(RotationStep::Kind::kX, q);
            rotate(q, angles.phi - angles.lambda - kPi);
        } else if (theta == snapped(kPi / 2)) {
            rotate(q, angles.lambda + kPi);
            emit(RotationStep::Kind::kH, q);
            rotate(q, angles.phi);
        } else {
            rotate(q, angles.lambda - kPi / 2);
            emit(RotationStep::Kind::kH, q);
            rotate(q, theta);
            emit(RotationStep::Kind::kH, q);
            rotate(q, angles.phi + kPi / 2);
        }
    }

    void cx(const Operation& op) { emit(RotationStep::Kind::kCX, op.qubits[0], op.qubits[1]); }

    void fixed(std::size_t index) {
        emit(RotationStep::Kind::kFixed, 0);
        out_.steps.back().source = index;
    }

    StepCircuit take() { return std::move(out_); }

 private:
    void emit(RotationStep::Kind kind, Qubit a, Qubit b = 0, double angle = 0) {
        out_.steps.push_back(rotation_step(kind, a, b, angle));
    }

    double snap(double angle) {
        const double to = snapped(angle);
        out_.delta += std::fabs(std::remainder(angle - to, 2 * kPi)) / 2;
        return to;
    }

    void rotate(Qubit q, double angle) {
        const double by = snap(angle);
        if (by != 0) {
            emit(RotationStep::Kind::kRz, q, 0, by);
        }
    }

    StepCircuit out_;
};

Operation operation_of(const RotationStep& step) {
    Operation op;
    op.qubits = {step.a};
    switch (step.kind) {
        case RotationStep::Kind::kCX:
            op.gate = Gate::kCX;
            op.qubits.push_back(step.b);
            break;
        case RotationStep::Kind::kH:
            op.gate = Gate::kH;
            break;
        case RotationStep::Kind::kX:
            op.gate = Gate::kX;
            break;
        default:
            op.gate = Gate::kRZ;
            op.params = {step.angle};
    }
    return op;
}

}  // namespace

double snapped(double angle) {
    const double eighths = std::nearbyint(angle / (kPi / 4));
    const double near = eighths * (kPi / 4);
    if (std::fabs(angle - near) <= kSnap) {
        const double wrapped = std::remainder(eighths, 8.0);  // in [-4, 4]
        return (wrapped == -4 ? 4 : wrapped) * (kPi / 4);
    }
    const double wrapped = std::remainder(angle, 2 * kPi);
    return wrapped == -kPi ? kPi : wrapped;
}

int quarter_turns(double angle) {
    const double quarters = std::nearbyint(angle / (kPi / 2));
    if (std::fabs(angle - quarters * (kPi / 2)) > kSnap) {
        return -1;
    }
    return static_cast<int>(quarters + 8) % 4;
}

StepCircuit to_steps(const Circuit& circuit) {
    Lowering lowering;
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        if (partition::is_fence(op)) {  // NOLINT(bugprone-branch-clone): two reasons, one place
            lowering.fixed(i);
        } else if (op.gate == Gate::kCX) {
            lowering.cx(op);
        } else if (op.qubits.size() == 1) {
            lowering.one_qubit(op);
        } else {
            lowering.fixed(i);
        }
    }
    return lowering.take();
}

Circuit from_steps(const std::vector<RotationStep>& steps, const Circuit& original) {
    Circuit circuit;
    circuit.qregs = original.qregs;
    circuit.cregs = original.cregs;
    circuit.operations.reserve(steps.size());
    for (const RotationStep& step : steps) {
        circuit.operations.push_back(step.kind == RotationStep::Kind::kFixed
                                         ? original.operations[step.source]
                                         : operation_of(step));
    }
    return merge_one_qubit(std::move(circuit)).circuit;
}

void invert(std::vector<RotationStep>& steps) {
    std::reverse(steps.begin(), steps.end());
    for (RotationStep& step : steps) {
        if (step.kind == RotationStep::Kind::kRz) {
            step.angle = snapped(-step.angle);
        }
    }
}

std::size_t count_cx(const std::vector<RotationStep>& steps) {
    return static_cast<std::size_t>(
        std::count_if(steps.begin(), steps.end(),
                      [](const RotationStep& s) { return s.kind == RotationStep::Kind::kCX; }));
}

}  // namespace quercus::passes
