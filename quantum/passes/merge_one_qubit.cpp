#include "quantum/passes/merge_one_qubit.hpp"

#include <optional>

#include "quantum/partition/items.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::passes {

using base::Matrix;
using circuit::Gate;
using circuit::matrix_of;

namespace {

bool is_mergeable(const Operation& op) {
    return op.qubits.size() == 1 && !partition::is_fence(op);
}

// The one-qubit gates waiting on a qubit.
struct Run {
    Matrix matrix;
    std::vector<std::size_t> members;  // indices of operations
};

std::optional<Operation> merged(const Circuit& circuit, const Run& run) {
    if (synthesis::is_identity(run.matrix, kExactTolerance)) {
        return std::nullopt;
    }
    const Operation& last = circuit.operations[run.members.back()];
    if (run.members.size() == 1 && last.gate == Gate::kU3) {
        return last;
    }
    const auto angles = synthesis::u3_angles(run.matrix);
    Operation op;
    op.gate = Gate::kU3;
    op.qubits = last.qubits;
    op.params = {angles.theta, angles.phi, angles.lambda};
    return op;
}

}  // namespace

PassResult merge_one_qubit(const Circuit& circuit) {
    // What becomes of each operation: itself, another one, or nothing.
    std::vector<std::optional<Operation>> out(circuit.operations.size());
    std::vector<Run> runs(circuit.num_qubits());
    const auto flush = [&](Qubit q) {
        if (!runs[q].members.empty()) {
            out[runs[q].members.back()] = merged(circuit, runs[q]);
            runs[q] = {};
        }
    };
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        if (is_mergeable(op)) {
            Run& run = runs[op.qubits[0]];
            run.matrix =
                run.members.empty() ? matrix_of(op) : base::multiply(matrix_of(op), run.matrix);
            run.members.push_back(i);
            continue;
        }
        for (const Qubit q : op.qubits) {
            flush(q);
        }
        out[i] = op;
    }
    for (Qubit q = 0; q < runs.size(); ++q) {
        flush(q);
    }
    PassResult result;
    result.circuit.qregs = circuit.qregs;
    result.circuit.cregs = circuit.cregs;
    for (auto& op : out) {
        if (op) {
            result.circuit.operations.push_back(std::move(*op));
        }
    }
    result.changed = result.circuit.operations != circuit.operations;
    return result;
}

}  // namespace quercus::passes
