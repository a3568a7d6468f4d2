#include "quantum/partition/gather.hpp"

#include <cassert>

#include "quantum/partition/dependency_groups.hpp"

namespace quercus::partition {

namespace {

constexpr std::size_t kAlone = ~std::size_t{0};

// By operation: the chosen group that it is in, or kAlone.
std::vector<std::size_t> groups_of_operations(std::size_t operations,
                                              const std::vector<Group>& chosen) {
    std::vector<std::size_t> group_of(operations, kAlone);
    for (std::size_t g = 0; g < chosen.size(); ++g) {
        for (const std::uint32_t i : chosen[g]) {
            group_of[i] = g;
        }
    }
    return group_of;
}

std::vector<Group> in_order(const Circuit& circuit, const std::vector<std::size_t>& group_of,
                            std::size_t chosen) {
    const ClassicalLines classical(circuit);
    DependencyGroups groups(circuit.num_qubits(), circuit.num_clbits());
    std::vector<DependencyGroups::Id> ids(chosen, DependencyGroups::kNone);
    for (std::uint32_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        const std::span<const Qubit> qubits(op.qubits.data(), op.qubits.size());
        if (group_of[i] == kAlone) {
            groups.open(i, qubits, classical.of(op), true);
        } else if (auto& id = ids[group_of[i]]; id == DependencyGroups::kNone) {
            id = groups.open(i, qubits, {}, false);
        } else {
            groups.append(id, i, qubits);
        }
    }
    return groups.in_order();
}

}  // namespace

Gathered gather(const Circuit& circuit, const std::vector<Group>& chosen) {
    const auto group_of = groups_of_operations(circuit.operations.size(), chosen);
    Gathered out;
    out.partition.qregs = circuit.qregs;
    out.partition.cregs = circuit.cregs;
    out.item_of.resize(chosen.size());
    std::size_t operations = 0;
    for (const Group& group : in_order(circuit, group_of, chosen.size())) {
        operations += group.size();
        if (group_of[group.front()] == kAlone) {
            out.partition.items.emplace_back(circuit.operations[group.front()]);
        } else {
            out.item_of[group_of[group.front()]] = out.partition.items.size();
            out.partition.items.emplace_back(block_of(circuit, group));
        }
    }
    assert(operations == circuit.operations.size());  // else there was a cycle
    return out;
}

}  // namespace quercus::partition
