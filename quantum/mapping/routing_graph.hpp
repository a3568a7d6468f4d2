#pragma once

// The circuit as routing sees it: two-qubit runs and single other operations, with their order.

#include <span>

#include "quantum/mapping/machine_model.hpp"
#include "quantum/partition/items.hpp"

namespace quercus::mapping {

struct RouteNode {
    std::vector<Qubit> qubits;
    // A two-qubit unitary, which must happen on an edge of the coupling graph.
    bool needs_edge = false;
    // A run of unconditional gates, which a SWAP beside it may be merged with.
    bool absorbs_swap = false;
    // CX that the run takes by itself and together with a SWAP.
    int cost = 0;
    int cost_with_swap = 3;
    std::vector<std::uint32_t> successors, predecessors;
};

// Node i stands for partition.items[i]; items are in a topological order.
struct RoutingGraph {
    std::uint32_t num_qubits = 0;
    partition::Partition partition;
    std::vector<RouteNode> nodes;
};

// Maximal runs on pairs of qubits are found first. FAILED_PRECONDITION for a unitary gate on three
// or more qubits. Expects a valid circuit.
[[nodiscard]] Result<RoutingGraph> routing_graph(const Circuit& circuit);

}  // namespace quercus::mapping
