#include "quantum/passes/cost.hpp"

#include <algorithm>

#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

// Whether only cx and barriers are on two qubits or more.
bool is_plain(const Circuit& circuit) {
    return std::all_of(
        circuit.operations.begin(), circuit.operations.end(), [](const Operation& op) {
            return op.qubits.size() < 2 || op.gate == Gate::kCX || op.gate == Gate::kBarrier;
        });
}

// In {cx, u3}, gates under a condition included.
Result<Circuit> rebased(Circuit circuit) {
    for (Operation& op : circuit.operations) {
        op.condition.reset();
    }
    auto done = rebase_to_cx_u3(circuit);
    return done ? Result<Circuit>(std::move(done->circuit)) : Result<Circuit>(done.error());
}

bool is_one_qubit_gate(const Operation& op) {
    return op.qubits.size() == 1 && circuit::info(op.gate).is_unitary;
}

}  // namespace

Cost cost_of(const Circuit& circuit, const Objective& objective) {
    const std::vector<Operation>& operations = circuit.operations;
    const auto cx = static_cast<double>(count_cx(circuit));
    const auto size = static_cast<double>(operations.size());
    switch (objective.optimize) {
        case Optimize::kDepth:
            return {{static_cast<double>(circuit::two_qubit_depth(circuit)), cx, size}};
        case Optimize::kFidelity: {
            const auto single = static_cast<double>(
                std::count_if(operations.begin(), operations.end(), is_one_qubit_gate));
            return {{objective.two_qubit * cx + objective.one_qubit * single, cx, size}};
        }
        case Optimize::kTwoQubit:
            break;
    }
    return {{cx, size, 0}};
}

Result<Cost> full_cost_of(const Circuit& circuit, const Objective& objective) {
    if (objective.optimize == Optimize::kTwoQubit) {
        const auto cx = count_cx_equivalents(circuit);
        return cx ? Result<Cost>(Cost{{static_cast<double>(*cx),
                                       static_cast<double>(circuit.operations.size()), 0}})
                  : Result<Cost>(cx.error());
    }
    if (is_plain(circuit)) {
        return cost_of(circuit, objective);
    }
    const auto written_out = rebased(circuit);
    return written_out ? Result<Cost>(cost_of(*written_out, objective))
                       : Result<Cost>(written_out.error());
}

Result<std::uint64_t> count_cx_equivalents(const Circuit& circuit) {
    return is_plain(circuit) ? count_cx(circuit) : count_rebased_cx(circuit);
}

}  // namespace quercus::passes
