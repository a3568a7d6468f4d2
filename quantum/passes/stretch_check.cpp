#include "quantum/passes/stretch_check.hpp"

#include <algorithm>
#include <map>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/clean_up.hpp"

namespace quercus::passes {

namespace {

// On every qubit, and behind the qubits on every classical bit, in order.
using Fences = std::map<std::size_t, std::vector<Operation>>;

Fences fences_of(const Circuit& circuit) {
    const partition::ClassicalLines classical(circuit);
    Fences fences;
    for (const Operation& operation : circuit.operations) {
        if (!partition::is_fence(operation)) {
            continue;
        }
        for (const Qubit q : operation.qubits) {
            fences[q].push_back(operation);
        }
        for (const circuit::Clbit c : classical.of(operation)) {
            fences[std::size_t{circuit.num_qubits()} + c].push_back(operation);
        }
    }
    return fences;
}

bool is_cx_u3_and_fences(const Circuit& circuit) {
    return std::all_of(circuit.operations.begin(), circuit.operations.end(),
                       [](const Operation& op) {
                           return op.gate == circuit::Gate::kCX || op.gate == circuit::Gate::kU3 ||
                                  partition::is_fence(op);
                       });
}

}  // namespace

Result<std::optional<KernelOutput>> check_stretch(const Circuit& asked, BytesView output) {
    if (output.empty()) {
        return std::optional<KernelOutput>();
    }
    auto answer = kernel_output_from_bytes(output);
    if (!answer) {
        return answer.error();
    }
    const Circuit& now = answer->circuit;
    const bool takes = answer->improved && now.qregs == asked.qregs && now.cregs == asked.cregs &&
                       is_cx_u3_and_fences(now) && count_cx(now) <= count_cx(asked) &&
                       fences_of(now) == fences_of(asked);
    if (!takes || !(answer->delta < 1)) {
        return std::optional<KernelOutput>();
    }
    // Cheap to look at: no need to believe it.
    constexpr std::uint32_t kMostChecked = 6;
    if (asked.num_qubits() <= kMostChecked && fences_of(asked).empty()) {
        const auto target = circuit::unitary_of(asked);
        const auto reached = circuit::unitary_of(now);
        constexpr double kRounding = 1e-12;
        const double measured =
            target && reached ? base::phase_invariant_distance(*target, *reached) : 1;
        if (measured > answer->delta + kRounding) {
            return std::optional<KernelOutput>();
        }
        answer->delta = std::max(answer->delta, measured);
    }
    return std::optional(std::move(*answer));
}

}  // namespace quercus::passes
