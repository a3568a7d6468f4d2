#include "quantum/passes/drop_near_identity.hpp"

#include <algorithm>
#include <cmath>

#include "quantum/base/sincos.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/passes/cancel_two_qubit.hpp"
#include "quantum/passes/steps.hpp"

namespace quercus::passes {

namespace {

// min over phases of ||rz(a) - e^{i phi}|| / sqrt(2).
double rotation_distance(double angle) {
    return 2 * std::fabs(base::sincos(angle / 4).sin);
}

// Rotations are looked at in the form rz h rz h rz, where the tiny ones stand alone.
PassResult drop_rotations(const Circuit& circuit, double tolerance) {
    StepCircuit lowered = to_steps(circuit);
    PassResult result;
    std::erase_if(lowered.steps, [&](const RotationStep& step) {
        if (step.kind != RotationStep::Kind::kRz || rotation_distance(step.angle) > tolerance) {
            return false;
        }
        result.delta += rotation_distance(step.angle);
        result.changed = true;
        return true;
    });
    // What a rotation kept apart may cancel now.
    result.circuit =
        result.changed ? cancel_two_qubit(from_steps(lowered.steps, circuit)).circuit : circuit;
    result.delta += result.changed ? lowered.delta : 0;
    return result;
}

// Empties the block when it is close enough to the identity; adds to `result`.
Status drop_block(partition::Block& block, double tolerance, PassResult& result) {
    if (block.circuit.operations.empty()) {
        return Status::ok();
    }
    const auto unitary = circuit::unitary_of(block.circuit);
    if (!unitary) {
        return unitary.error();
    }
    const double distance =
        base::phase_invariant_distance(*unitary, base::Matrix::identity(unitary->rows()));
    if (distance <= tolerance) {
        block.circuit.operations.clear();
        result.delta += distance;
        result.changed = true;
    }
    return Status::ok();
}

}  // namespace

Result<PassResult> drop_near_identity(const Circuit& circuit, double tolerance) {
    if (!(tolerance >= 0 && tolerance < 1)) {
        return invalid_argument("drop_near_identity: tolerance must be in [0, 1)");
    }
    PassResult rotations = drop_rotations(circuit, tolerance);
    partition::QuickOptions pairs;
    pairs.block_size = 2;
    auto blocks = partition::quick_partition(rotations.circuit, pairs);
    if (!blocks) {
        return blocks.error();
    }
    PassResult dropped;
    for (partition::Item& item : blocks->items) {
        if (auto* block = std::get_if<partition::Block>(&item)) {
            const Status status = drop_block(*block, tolerance, dropped);
            if (!status.is_ok()) {
                return status;
            }
        }
    }
    if (!dropped.changed) {
        return rotations;
    }
    dropped.circuit = partition::unfold(std::move(*blocks));
    dropped.delta += rotations.delta;
    return dropped;
}

}  // namespace quercus::passes
