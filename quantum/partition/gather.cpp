#include "quantum/partition/gather.hpp"

#include <algorithm>
#include <cassert>

#include "quantum/partition/order.hpp"

namespace quercus::partition {

namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};

// Chosen groups and single operations, numbered by their first operation.
struct Nodes {
    std::vector<std::uint32_t> of;     // by operation
    std::vector<std::uint32_t> first;  // by node: its first operation
    std::vector<std::uint32_t> group;  // by node: of `chosen`, or kNone
};

Nodes numbered(std::size_t operations, const std::vector<Group>& chosen) {
    std::vector<std::uint32_t> group_of(operations, kNone);
    for (std::uint32_t g = 0; g < chosen.size(); ++g) {
        for (const std::uint32_t i : chosen[g]) {
            group_of[i] = g;
        }
    }
    Nodes nodes;
    nodes.of.reserve(operations);
    std::vector<std::uint32_t> node_of_group(chosen.size(), kNone);
    for (std::uint32_t i = 0; i < operations; ++i) {
        const std::uint32_t g = group_of[i];
        if (g != kNone && node_of_group[g] != kNone) {
            nodes.of.push_back(node_of_group[g]);
            continue;
        }
        const auto node = static_cast<std::uint32_t>(nodes.first.size());
        if (g != kNone) {
            node_of_group[g] = node;
        }
        nodes.of.push_back(node);
        nodes.first.push_back(i);
        nodes.group.push_back(g);
    }
    return nodes;
}

// Whatever follows on a qubit or a classical bit.
std::vector<Edge> edges_between(const Circuit& circuit, const Nodes& nodes) {
    const ClassicalLines classical(circuit);
    const std::uint32_t num_qubits = circuit.num_qubits();
    std::vector<std::uint32_t> latest(num_qubits + circuit.num_clbits(), kNone);
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < nodes.of.size(); ++i) {
        const auto visit = [&](std::uint32_t line) {
            if (latest[line] != kNone && latest[line] != nodes.of[i]) {
                edges.emplace_back(latest[line], nodes.of[i]);
            }
            latest[line] = nodes.of[i];
        };
        const Operation& op = circuit.operations[i];
        std::for_each(op.qubits.begin(), op.qubits.end(), visit);
        if (op.clbit || op.condition) {
            for (const circuit::Clbit bit : classical.of(op)) {
                visit(num_qubits + bit);
            }
        }
    }
    return edges;
}

}  // namespace

Gathered gather(const Circuit& circuit, const std::vector<Group>& chosen) {
    const Nodes nodes = numbered(circuit.operations.size(), chosen);
    const auto order = smallest_first(nodes.first, edges_between(circuit, nodes));
    assert(order.size() == nodes.first.size());  // else there was a cycle
    Gathered out;
    out.partition.qregs = circuit.qregs;
    out.partition.cregs = circuit.cregs;
    out.partition.items.reserve(order.size());
    out.item_of.resize(chosen.size());
    for (const std::uint32_t node : order) {
        const std::uint32_t group = nodes.group[node];
        if (group == kNone) {
            out.partition.items.emplace_back(circuit.operations[nodes.first[node]]);
        } else {
            out.item_of[group] = out.partition.items.size();
            out.partition.items.emplace_back(block_of(circuit, chosen[group]));
        }
    }
    return out;
}

}  // namespace quercus::partition
