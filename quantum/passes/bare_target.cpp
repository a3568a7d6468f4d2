#include "quantum/passes/bare_target.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>
#include <vector>

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
bool is_worth_searching(const Matrix& factor, const UnitaryResult& form) {
    constexpr std::size_t kMostSearched = 16;
    const std::size_t entries = factor.rows() * factor.rows();
    return factor.rows() <= kMostSearched || std::size_t{6} * form.cx > entries;
}

Result<UnitaryResult> synthesize_factor(const Matrix& factor, const UnitaryOptions& options) {
    constexpr std::size_t kClosedForm = 4;  // rows: one and two qubits
    std::optional<UnitaryResult> form;
    if (factor.rows() > kClosedForm) {
        form = synthesize_form(factor, {options.seed, options.effort, options.stop});
        if (form && !is_worth_searching(factor, *form)) {
            return std::move(*form);
        }
    }
    auto found = synthesis::synthesize_unitary(factor, options);
    if (form && (!found || form->cx <= found->cx)) {
        return std::move(*form);
    }
    return found;
}

// What each of so many factors may add to d.
UnitaryOptions share_of(const UnitaryOptions& options, std::size_t factors) {
    const auto parts = static_cast<double>(factors);
    UnitaryOptions share = options;
    share.threshold = options.threshold / parts;
    share.polish =
        std::min(options.polish, std::max(options.polish / parts, UnitaryOptions{}.polish));
    return share;
}

}  // namespace

Result<UnitaryResult> synthesize_bare(const synthesis::SynthesisTarget& target,
                                      const UnitaryOptions& options) {
    const auto* unitary = std::get_if<Matrix>(&target);
    if (unitary == nullptr || !check(target).is_ok()) {
        return synthesis::synthesize(target, options);
    }
    const std::vector<UnitaryFactor> factors = split_product(*unitary);
    if (factors.size() == 1) {
        return synthesize_factor(*unitary, options);
    }
    UnitaryResult result;
    result.circuit =
        Circuit::with_qubits(static_cast<std::uint32_t>(std::countr_zero(unitary->rows())));
    for (const UnitaryFactor& factor : factors) {
        auto part = synthesize_factor(factor.matrix, share_of(options, factors.size()));
        if (!part) {
            return part.error();
        }
        append(result.circuit, part->circuit, factor.qubits);
        result.descents += part->descents;
        result.stopped = result.stopped || part->stopped;
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
