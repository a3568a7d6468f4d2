#pragma once

// Exact placement: qubits such that every two-qubit gate already is on an edge (subgraph
// monomorphism by backtracking in the manner of VF2, Cordella et al. 2004).

#include "quantum/mapping/sabre.hpp"

namespace quercus::mapping {

struct PlacementOptions {
    std::uint64_t max_nodes = 200'000;  // of the backtracking, per call
    int max_found = 200;                // placements to choose from where errors are known
};

// The placement of least weighted cost among those found, as a permutation of all physical qubits;
// nothing if none exists or the node limit came first. Deterministic.
[[nodiscard]] std::optional<Layout> exact_placement(const RoutingGraph& graph,
                                                    const Coupling& coupling,
                                                    const PlacementOptions& options = {});

}  // namespace quercus::mapping
