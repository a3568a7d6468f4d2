#include "quantum/passes/bare_target.hpp"

#include <bit>
#include <utility>

#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/unitary_factors.hpp"
#include "quantum/passes/unitary_forms.hpp"

namespace quercus::passes {

using base::Matrix;
using circuit::Circuit;
using synthesis::UnitaryOptions;
using synthesis::UnitaryResult;

namespace {

// Searches are worth their time up to four qubits, decompositions where a form takes as many cx as
// a good part of what they always reach.
bool is_worth_searching(const Matrix& factor, const Circuit& form) {
    constexpr std::size_t kMostSearched = 16;
    const std::size_t entries = factor.rows() * factor.rows();
    return factor.rows() <= kMostSearched || 6 * circuit::count_two_qubit(form) > entries;
}

Result<Circuit> circuit_of(const Matrix& factor, const UnitaryOptions& options,
                           UnitaryResult& result) {
    constexpr std::size_t kClosedForm = 4;  // rows: one and two qubits
    std::optional<Circuit> form;
    if (factor.rows() > kClosedForm) {
        form = synthesize_form(factor, {options.seed, options.effort, options.stop});
        if (form && !is_worth_searching(factor, *form)) {
            return std::move(*form);
        }
    }
    auto found = synthesis::synthesize_unitary(factor, options);
    if (!found) {
        return form ? Result<Circuit>(std::move(*form)) : found.error();
    }
    result.descents += found->descents;
    result.stopped = result.stopped || found->stopped;
    const bool takes_form = form && circuit::count_two_qubit(*form) <= found->cx;
    return std::move(takes_form ? *form : found->circuit);
}

}  // namespace

Result<UnitaryResult> synthesize_bare(const synthesis::SynthesisTarget& target,
                                      const UnitaryOptions& options) {
    const auto* unitary = std::get_if<Matrix>(&target);
    if (unitary == nullptr || unitary->rows() <= 2 || !check(target).is_ok()) {
        return synthesis::synthesize(target, options);
    }
    UnitaryResult result;
    result.circuit =
        Circuit::with_qubits(static_cast<std::uint32_t>(std::countr_zero(unitary->rows())));
    for (const UnitaryFactor& factor : split_product(*unitary)) {
        auto part = circuit_of(factor.matrix, options, result);
        if (!part) {
            return part.error();
        }
        for (circuit::Operation& op : part->operations) {
            for (circuit::Qubit& q : op.qubits) {
                q = factor.qubits[q];
            }
            result.circuit.operations.push_back(std::move(op));
        }
    }
    const auto reached = circuit::unitary_of(result.circuit);
    if (!reached) {
        return reached.error();
    }
    result.cx = static_cast<std::uint32_t>(circuit::count_two_qubit(result.circuit));
    result.delta = base::phase_invariant_distance(*unitary, *reached);
    return result;
}

}  // namespace quercus::passes
