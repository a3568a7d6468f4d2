#include "quantum/mapping/placement.hpp"

#include <algorithm>

namespace quercus::mapping {

namespace {

constexpr Qubit kUnplaced = ~Qubit{0};

struct Interaction {
    Qubit other = 0;
    double gates = 0;
};
using Interactions = std::vector<std::vector<Interaction>>;

Interactions interactions_of(const RoutingGraph& graph) {
    Interactions out(graph.num_qubits);
    const auto add = [&](Qubit a, Qubit b, int gates) {
        for (Interaction& known : out[a]) {
            if (known.other == b) {
                known.gates += gates;
                return;
            }
        }
        out[a].push_back({b, static_cast<double>(gates)});
    };
    for (const RouteNode& node : graph.nodes) {
        if (node.needs_edge) {
            add(node.qubits[0], node.qubits[1], std::max(1, node.cost));
            add(node.qubits[1], node.qubits[0], std::max(1, node.cost));
        }
    }
    return out;
}

// Qubits with partners; each as connected as possible with those before it.
std::vector<Qubit> search_order(const Interactions& partners) {
    std::vector<Qubit> order;
    std::vector<int> links(partners.size(), 0);
    std::vector<bool> done(partners.size(), false);
    while (true) {
        Qubit best = kUnplaced;
        for (Qubit q = 0; q < partners.size(); ++q) {
            if (done[q] || partners[q].empty()) {
                continue;
            }
            if (best == kUnplaced || std::pair(links[q], partners[q].size()) >
                                         std::pair(links[best], partners[best].size())) {
                best = q;
            }
        }
        if (best == kUnplaced) {
            return order;
        }
        done[best] = true;
        order.push_back(best);
        for (const Interaction& other : partners[best]) {
            ++links[other.other];
        }
    }
}

class Embedder {
 public:
    Embedder(const RoutingGraph& graph, const Coupling& coupling, const PlacementOptions& options)
        : coupling_(coupling),
          options_(options),
          partners_(interactions_of(graph)),
          order_(search_order(partners_)),
          place_(graph.num_qubits, kUnplaced),
          used_(coupling.num_qubits, false) {
        const bool uniform = std::all_of(coupling.weights.begin(), coupling.weights.end(),
                                         [](double weight) { return weight == 1; });
        enough_ = uniform ? 1 : options.max_found;
    }

    std::optional<Layout> run() {
        extend(0, 0);
        if (!best_) {
            return std::nullopt;
        }
        return completed(*best_);
    }

 private:
    bool done() const { return found_ >= enough_ || nodes_ >= options_.max_nodes; }

    void extend(std::size_t depth, double cost) {
        if (best_ && cost >= best_cost_) {
            return;
        }
        if (depth == order_.size()) {
            ++found_;
            best_ = place_;
            best_cost_ = cost;
            return;
        }
        const Qubit q = order_[depth];
        for (const Qubit p : candidates(q)) {
            if (done()) {
                return;
            }
            ++nodes_;
            if (!fits(q, p)) {
                continue;
            }
            const double more = cost_at(q, p);
            place_[q] = p;
            used_[p] = true;
            extend(depth + 1, cost + more);
            place_[q] = kUnplaced;
            used_[p] = false;
        }
    }

    std::vector<Qubit> candidates(Qubit q) const {
        for (const Interaction& other : partners_[q]) {
            if (place_[other.other] != kUnplaced) {
                return coupling_.neighbours[place_[other.other]];
            }
        }
        std::vector<Qubit> all(coupling_.num_qubits);
        for (Qubit p = 0; p < all.size(); ++p) {
            all[p] = p;
        }
        return all;
    }

    bool fits(Qubit q, Qubit p) const {
        if (used_[p] || coupling_.neighbours[p].size() < partners_[q].size()) {
            return false;
        }
        std::size_t open = 0;  // partners that still need a free neighbour
        for (const Interaction& other : partners_[q]) {
            const Qubit at = place_[other.other];
            if (at == kUnplaced) {
                ++open;
            } else if (!coupling_.adjacent(p, at)) {
                return false;
            }
        }
        const auto& near = coupling_.neighbours[p];
        const auto free = std::count_if(near.begin(), near.end(),
                                        [&](Qubit neighbour) { return !used_[neighbour]; });
        return static_cast<std::size_t>(free) >= open;
    }

    double cost_at(Qubit q, Qubit p) const {
        double cost = 0;
        for (const Interaction& other : partners_[q]) {
            if (place_[other.other] != kUnplaced) {
                cost += other.gates * coupling_.weight(p, place_[other.other]);
            }
        }
        return cost;
    }

    // Idle qubits take the free places in order.
    Layout completed(Layout layout) const {
        std::vector<bool> taken(coupling_.num_qubits, false);
        for (const Qubit p : layout) {
            if (p != kUnplaced) {
                taken[p] = true;
            }
        }
        layout.resize(coupling_.num_qubits, kUnplaced);
        Qubit next = 0;
        for (Qubit& p : layout) {
            if (p == kUnplaced) {
                while (taken[next]) {
                    ++next;
                }
                taken[next] = true;
                p = next;
            }
        }
        return layout;
    }

    const Coupling& coupling_;
    const PlacementOptions& options_;
    Interactions partners_;
    std::vector<Qubit> order_;
    Layout place_;
    std::vector<bool> used_;
    std::optional<Layout> best_;
    double best_cost_ = 0;
    int found_ = 0, enough_ = 1;
    std::uint64_t nodes_ = 0;
};

}  // namespace

std::optional<Layout> exact_placement(const RoutingGraph& graph, const Coupling& coupling,
                                      const PlacementOptions& options) {
    if (graph.num_qubits > coupling.num_qubits) {
        return std::nullopt;
    }
    return Embedder(graph, coupling, options).run();
}

}  // namespace quercus::mapping
