#include "quantum/mapping/routing_graph.hpp"

#include <algorithm>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/synthesis/kak.hpp"

namespace quercus::mapping {

namespace {

Status describe_block(RouteNode& node, const partition::Block& block) {
    node.qubits = block.qubits;
    if (block.qubits.size() != 2 || circuit::count_two_qubit(block.circuit) == 0) {
        return Status::ok();
    }
    node.needs_edge = true;
    node.absorbs_swap = true;
    const auto target = circuit::unitary_of(block.circuit);
    if (!target) {
        return target.error();
    }
    const auto swap = circuit::gate_matrix(Gate::kSwap, {});
    const auto alone = synthesis::minimal_cx(*target);
    const auto swapped = synthesis::minimal_cx(base::multiply(swap, *target));
    if (!alone || !swapped) {
        return alone ? swapped.error() : alone.error();
    }
    node.cost = *alone;
    node.cost_with_swap = *swapped;
    return Status::ok();
}

Status describe_operation(RouteNode& node, const Operation& op) {
    node.qubits.assign(op.qubits.begin(), op.qubits.end());
    if (!circuit::info(op.gate).is_unitary) {
        const bool wide = op.gate == Gate::kOpaque && op.qubits.size() > 2;
        node.needs_edge = op.gate == Gate::kOpaque && op.qubits.size() == 2;
        return wide ? failed_precondition("mapping: opaque gate '" + op.opaque_name + "' acts on " +
                                          std::to_string(op.qubits.size()) + " qubits")
                    : Status::ok();
    }
    if (op.qubits.size() > 2) {
        return failed_precondition("mapping: gate '" + std::string(circuit::info(op.gate).name) +
                                   "' acts on " + std::to_string(op.qubits.size()) +
                                   " qubits; rebase to one- and two-qubit gates first");
    }
    node.needs_edge = op.qubits.size() == 2;
    node.cost = node.needs_edge ? 1 : 0;
    return Status::ok();
}

void link(std::vector<RouteNode>& nodes, std::uint32_t before, std::uint32_t after) {
    auto& list = nodes[after].predecessors;
    if (std::find(list.begin(), list.end(), before) == list.end()) {
        list.push_back(before);
        nodes[before].successors.push_back(after);
    }
}

void link_all(RoutingGraph& graph, const Circuit& circuit) {
    constexpr std::uint32_t kNone = ~0U;
    const partition::ClassicalLines lines(circuit);
    std::vector<std::uint32_t> latest(circuit.num_qubits(), kNone);
    std::vector<std::uint32_t> latest_bit(circuit.num_clbits(), kNone);
    const auto touch = [&](std::uint32_t& last, std::uint32_t node) {
        if (last != kNone && last != node) {
            link(graph.nodes, last, node);
        }
        last = node;
    };
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        for (const Qubit q : graph.nodes[i].qubits) {
            touch(latest[q], i);
        }
        if (const auto* op = std::get_if<Operation>(&graph.partition.items[i])) {
            for (const circuit::Clbit bit : lines.of(*op)) {
                touch(latest_bit[bit], i);
            }
        }
    }
}

}  // namespace

Result<RoutingGraph> routing_graph(const Circuit& circuit) {
    partition::QuickOptions pairs;
    pairs.block_size = 2;
    auto runs = partition::quick_partition(circuit, pairs);
    if (!runs) {
        return runs.error();
    }
    RoutingGraph graph;
    graph.num_qubits = circuit.num_qubits();
    graph.partition = std::move(*runs);
    for (const partition::Item& item : graph.partition.items) {
        RouteNode node;
        const auto* block = std::get_if<partition::Block>(&item);
        const Status status = block != nullptr
                                  ? describe_block(node, *block)
                                  : describe_operation(node, std::get<Operation>(item));
        if (!status.is_ok()) {
            return status;
        }
        graph.nodes.push_back(std::move(node));
    }
    link_all(graph, circuit);
    return graph;
}

}  // namespace quercus::mapping
