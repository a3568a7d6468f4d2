#include "quantum/passes/fold_two_qubit.hpp"

#include <optional>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/synthesis/kak.hpp"

namespace quercus::passes {

namespace {

struct Folded {
    Circuit circuit;
    double delta = 0;
};

// A circuit with fewer cx for the block, or nothing.
Result<std::optional<Folded>> fold_block(const partition::Block& block) {
    const auto before = circuit::count_two_qubit(block.circuit);
    if (block.qubits.size() != 2 || before < 2) {
        return std::optional<Folded>();
    }
    const auto target = circuit::unitary_of(block.circuit);
    if (!target) {
        return target.error();
    }
    const auto least = synthesis::minimal_cx(*target);
    if (!least) {
        return least.error();
    }
    if (static_cast<std::uint64_t>(*least) >= before) {
        return std::optional<Folded>();
    }
    auto found = synthesis::synthesize_two_qubit(*target);
    if (!found) {
        return found.error();
    }
    const auto reached = circuit::unitary_of(*found);
    if (!reached) {
        return reached.error();
    }
    return std::optional(
        Folded{std::move(*found), base::phase_invariant_distance(*target, *reached)});
}

}  // namespace

Result<PassResult> fold_two_qubit(const Circuit& circuit) {
    partition::QuickOptions pairs;
    pairs.block_size = 2;
    auto blocks = partition::quick_partition(circuit, pairs);
    if (!blocks) {
        return blocks.error();
    }
    PassResult result;
    for (partition::Item& item : blocks->items) {
        if (auto* block = std::get_if<partition::Block>(&item)) {
            auto folded = fold_block(*block);
            if (!folded) {
                return folded.error();
            }
            if (folded->has_value()) {
                block->circuit = std::move((*folded)->circuit);
                result.delta += (*folded)->delta;
                result.changed = true;
            }
        }
    }
    result.circuit = result.changed ? partition::unfold(*blocks) : circuit;
    return result;
}

}  // namespace quercus::passes
