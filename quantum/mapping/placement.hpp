#pragma once

// Exact placement: qubits such that every two-qubit gate already is on an edge (subgraph
// monomorphism by backtracking in the manner of VF2, Cordella et al. 2004; where that is lost in a
// dead end, short randomised searches that take the tightest places first).

#include "quantum/mapping/sabre.hpp"

namespace quercus::mapping {

struct PlacementOptions {
    std::uint64_t max_nodes = 200'000;  // of the backtracking
    // Places looked at in all restarts; there are none if the backtracking ends by itself.
    std::uint64_t max_restart_nodes = 400'000;
    int max_found = 200;  // placements to choose from where errors are known
};

// The placement of least weighted cost among those found, as a permutation of all physical qubits;
// nothing if none exists or the node limit came first. Deterministic.
[[nodiscard]] std::optional<Layout> exact_placement(const RoutingGraph& graph,
                                                    const Coupling& coupling,
                                                    const PlacementOptions& options = {});

}  // namespace quercus::mapping
