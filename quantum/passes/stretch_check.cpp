#include "quantum/passes/stretch_check.hpp"

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/clean_up.hpp"

namespace quercus::passes {

namespace {

std::vector<Operation> fences_of(const Circuit& circuit) {
    std::vector<Operation> fences;
    for (const Operation& operation : circuit.operations) {
        if (partition::is_fence(operation)) {
            fences.push_back(operation);
        }
    }
    return fences;
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
                       count_cx(now) <= count_cx(asked) && fences_of(now) == fences_of(asked);
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
