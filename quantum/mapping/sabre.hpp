#pragma once

// SABRE: qubits are placed and SWAPs inserted by routing the circuit forwards and backwards in turn
// (Li, Ding, Xie, arXiv:1809.02573), with the bookkeeping of LightSABRE (arXiv:2409.08368): scores
// are differences, a stuck search is released along a shortest path. Departures: the unit of
// routing is a run of gates on a pair; a SWAP next to a run costs only what the merged run costs
// more; every pass, backward ones too, is a candidate result; weights differ between trials.

#include "quantum/base/random.hpp"
#include "quantum/mapping/coupling.hpp"
#include "quantum/mapping/routing_graph.hpp"

namespace quercus::mapping {

// Physical qubit of each logical one; logical qubits beyond the circuit's are idle.
using Layout = std::vector<Qubit>;

// What happens next: a node of the routing graph, or a SWAP of two physical qubits.
struct RouteStep {
    std::uint32_t node = kSwap;
    Qubit a = 0, b = 0;  // of a SWAP
    static constexpr std::uint32_t kSwap = ~0U;
    friend bool operator==(const RouteStep&, const RouteStep&) = default;
};

struct Routing {
    // Size = physical qubits: a permutation.
    Layout initial, final;
    std::vector<RouteStep> steps;
    std::uint32_t swaps = 0;
    // Two-qubit gates after merging SWAPs into the runs next to them, weighted by edge.
    double cost = 0;
};

struct SabreWeights {
    double lookahead = 0.5;  // of the lookahead set against the front
    int lookahead_size = 20;
    double swap_cost = 0.3;  // of what a SWAP costs, in steps of distance per CX
    double decay = 0.001;
    double slack = 0;  // SWAPs this close to the best are drawn from
};

// One pass from `initial`; `backward` routes the reversed circuit and returns the reversed result,
// so that `initial` is the layout at the end. Pure. Expects a connected coupling graph with at
// least as many qubits as the circuit.
[[nodiscard]] Routing route(const RoutingGraph& graph, const Coupling& coupling,
                            const Layout& initial, const SabreWeights& weights, Seed seed,
                            bool backward = false);

struct TrialOptions {
    int passes = 4;
    const Layout* start = nullptr;  // instead of a random layout
};

// The best of some forward and backward passes from a random layout, weights drawn from the seed.
// Pure: equal arguments, equal result.
[[nodiscard]] Routing sabre_trial(const RoutingGraph& graph, const Coupling& coupling, Seed seed,
                                  const TrialOptions& options = {});

// Cheaper first; ties: fewer SWAPs. Of routings, and of what trials came to.
template <class Routed>
[[nodiscard]] bool is_better(const Routed& a, const Routed& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.swaps < b.swaps;
}

}  // namespace quercus::mapping
