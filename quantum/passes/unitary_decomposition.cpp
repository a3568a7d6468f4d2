#include "quantum/passes/unitary_decomposition.hpp"

#include <utility>

#include "quantum/passes/unitary_factors.hpp"
#include "quantum/passes/unitary_forms.hpp"
#include "quantum/synthesis/block_zxz.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

constexpr int kLeafQubits = 2;

Result<Circuit> leaf(const base::Matrix& u) {
    if (u.rows() > 2) {
        return synthesis::synthesize_two_qubit(u);
    }
    const auto angles = synthesis::u3_angles(u);
    Circuit out = Circuit::with_qubits(1);
    out.append(Gate::kU3, {0}, {angles.theta, angles.phi, angles.lambda});
    return out;
}

// A circuit that is known, or block-ZXZ; the fewer cx.
Result<Circuit> factor_circuit(const base::Matrix& u) {
    auto found = synthesis::block_zxz(u, kLeafQubits, leaf);
    if (u.rows() > std::size_t{1} << kLeafQubits) {
        FormOptions options;
        options.effort = 0;
        auto form = synthesize_form(u, options);
        if (form && (!found || form->cx < circuit::count_two_qubit(*found))) {
            return std::move(form->circuit);
        }
    }
    return found;
}

}  // namespace

Result<std::vector<Operation>> decompose_unitary(const base::Matrix& u, std::vector<Qubit> qubits) {
    const std::size_t width = qubits.size();
    if (width < 1 || width > 6 || u.rows() != std::size_t{1} << width) {
        return invalid_argument("no unitary matrix on " + std::to_string(width) +
                                " qubits (1..6 are possible)");
    }
    Circuit all = Circuit::with_qubits(static_cast<std::uint32_t>(width));
    for (const UnitaryFactor& factor : split_product(u)) {
        auto found = factor_circuit(factor.matrix);
        if (!found) {
            return found.error();
        }
        append(all, *found, factor.qubits);
    }
    for (Operation& op : all.operations) {
        for (Qubit& q : op.qubits) {
            q = qubits[q];
        }
    }
    return std::move(all.operations);
}

}  // namespace quercus::passes
