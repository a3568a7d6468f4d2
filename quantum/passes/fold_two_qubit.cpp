#include "quantum/passes/fold_two_qubit.hpp"

#include <algorithm>
#include <optional>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/gather.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/synthesis/kak.hpp"

namespace quercus::passes {

namespace {

struct Folded {
    Circuit circuit;
    double delta = 0;
};

bool is_foldable(const Circuit& circuit, const partition::Group& group) {
    const auto on_two = [&](std::uint32_t i) {
        const Operation& op = circuit.operations[i];
        return op.qubits.size() == 2 && !partition::is_fence(op);
    };
    return std::count_if(group.begin(), group.end(), on_two) >= 2;
}

// A circuit with fewer cx for the block, or nothing.
Result<std::optional<Folded>> fold_block(const partition::Block& block) {
    const auto before = circuit::count_two_qubit(block.circuit);
    const auto target = circuit::unitary_of(block.circuit);
    if (!target) {
        return target.error();
    }
    if (static_cast<std::uint64_t>(synthesis::least_cx(*target)) >= before) {
        return std::optional<Folded>();
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

Result<PassResult> fold_two_qubit(Circuit circuit) {
    partition::QuickOptions pairs;
    pairs.block_size = 2;
    const auto groups = partition::quick_groups(circuit, pairs);
    if (!groups) {
        return groups.error();
    }
    PassResult result;
    std::vector<partition::Group> replaced;
    std::vector<Circuit> by;
    for (const partition::Group& group : *groups) {
        if (!is_foldable(circuit, group)) {
            continue;
        }
        auto folded = fold_block(partition::block_of(circuit, group));
        if (!folded) {
            return folded.error();
        }
        if (folded->has_value()) {
            replaced.push_back(group);
            by.push_back(std::move((*folded)->circuit));
            result.delta += (*folded)->delta;
        }
    }
    result.changed = !replaced.empty();
    if (!result.changed) {
        result.circuit = std::move(circuit);
        return result;
    }
    partition::Gathered gathered = partition::gather(circuit, replaced);
    for (std::size_t i = 0; i < by.size(); ++i) {
        partition::Item& item = gathered.partition.items[gathered.item_of[i]];
        std::get<partition::Block>(item).circuit = std::move(by[i]);
    }
    result.circuit = partition::unfold(std::move(gathered.partition));
    return result;
}

}  // namespace quercus::passes
