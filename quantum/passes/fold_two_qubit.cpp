#include "quantum/passes/fold_two_qubit.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/dependency_groups.hpp"
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

Result<PassResult> fold_two_qubit(const Circuit& circuit) {
    partition::QuickOptions pairs;
    pairs.block_size = 2;
    const auto groups = partition::quick_groups(circuit, pairs);
    if (!groups) {
        return groups.error();
    }
    PassResult result;
    std::vector<partition::Group> replaced;
    std::map<std::uint32_t, Circuit> better;  // by first operation of the group
    for (const partition::Group& group : *groups) {
        if (!is_foldable(circuit, group)) {
            continue;
        }
        auto folded = fold_block(partition::block_of(circuit, group));
        if (!folded) {
            return folded.error();
        }
        if (folded->has_value()) {
            better.emplace(group.front(), std::move((*folded)->circuit));
            replaced.push_back(group);
            result.delta += (*folded)->delta;
        }
    }
    result.changed = !better.empty();
    if (!result.changed) {
        result.circuit = circuit;
        return result;
    }
    const auto order = partition::contiguous(circuit, replaced);
    partition::Partition blocks = partition::fold(circuit, order, pairs.block_size);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto at = better.find(order[i].front());
        if (at != better.end()) {
            std::get<partition::Block>(blocks.items[i]).circuit = std::move(at->second);
        }
    }
    result.circuit = partition::unfold(blocks);
    return result;
}

}  // namespace quercus::passes
