#include "quantum/mapping/placement.hpp"

#include <algorithm>
#include <numeric>

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

// Whether two colours suffice so that no edge joins equal ones. `visit(q, f)` calls f for all
// neighbours of q.
template <class Visit>
bool has_two_colours(std::size_t qubits, const Visit& visit) {
    std::vector<int> colour(qubits, -1);
    std::vector<Qubit> open;
    bool holds = true;
    for (Qubit start = 0; start < qubits && holds; ++start) {
        if (colour[start] >= 0) {
            continue;
        }
        colour[start] = 0;
        open = {start};
        while (!open.empty() && holds) {
            const Qubit q = open.back();
            open.pop_back();
            visit(q, [&](Qubit next) {
                if (colour[next] < 0) {
                    colour[next] = 1 - colour[q];
                    open.push_back(next);
                }
                holds = holds && colour[next] != colour[q];
            });
        }
    }
    return holds;
}

// No embedding for a reason that takes no search: more partners than neighbours, in order of their
// numbers, or a cycle of odd length where the machine has none.
bool is_surely_none(const Interactions& partners, const Coupling& coupling) {
    std::vector<std::size_t> wanted, offered;
    for (const auto& list : partners) {
        wanted.push_back(list.size());
    }
    for (const auto& list : coupling.neighbours) {
        offered.push_back(list.size());
    }
    std::sort(wanted.rbegin(), wanted.rend());
    std::sort(offered.rbegin(), offered.rend());
    if (!std::equal(wanted.begin(), wanted.end(), offered.begin(),
                    [](std::size_t w, std::size_t o) { return w <= o; })) {
        return true;
    }
    const bool machine = has_two_colours(coupling.num_qubits, [&](Qubit q, const auto& each) {
        std::for_each(coupling.neighbours[q].begin(), coupling.neighbours[q].end(), each);
    });
    const auto of_circuit = [&](Qubit q, const auto& each) {
        for (const Interaction& other : partners[q]) {
            each(other.other);
        }
    };
    return machine && !has_two_colours(partners.size(), of_circuit);
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
          used_(coupling.num_qubits, false),
          limit_(options.max_nodes),
          random_(partners_.size()) {
        const bool uniform = std::all_of(coupling.weights.begin(), coupling.weights.end(),
                                         [](double weight) { return weight == 1; });
        enough_ = uniform ? 1 : options.max_found;
    }

    std::optional<Layout> run() {
        if (is_surely_none(partners_, coupling_)) {
            return std::nullopt;
        }
        extend(0, 0);
        const bool is_lost = nodes_ >= options_.max_nodes && !best_;
        for (int number = 0; is_lost && wants_more(); ++number) {
            restart(number);
        }
        if (!best_) {
            return std::nullopt;
        }
        return completed(*best_);
    }

 private:
    enum class Places : std::uint8_t { kAsNumbered, kTightFirst, kShuffled };

    bool done() const { return found_ >= enough_ || nodes_ >= limit_; }

    // Where errors are known the first placement need not be a good one.
    bool wants_more() const {
        return (!best_ || enough_ > 1) && nodes_ < options_.max_nodes + options_.max_restart_nodes;
    }

    // A search that is lost in a dead end is better begun anew: every other time with a nose for
    // dead ends, places with few free neighbours first, as Warnsdorff's knight does.
    void restart(int number) {
        constexpr std::uint64_t kNodesPerQubit = 100;
        places_first_ = number % 2 == 0 ? Places::kTightFirst : Places::kShuffled;
        found_ = 0;
        limit_ = nodes_ + kNodesPerQubit * std::max<std::uint64_t>(1, order_.size());
        extend(0, 0);
    }

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
        const Qubit q = next_qubit(depth);
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

    // In a restart the one with the fewest places left of those next to what is placed, so that a
    // dead end is seen at once.
    Qubit next_qubit(std::size_t depth) {
        if (places_first_ == Places::kAsNumbered) {
            return order_[depth];
        }
        constexpr std::uint64_t kSeenPerNode = 64;
        nodes_ += order_.size() / kSeenPerNode;
        Qubit best = kUnplaced;
        std::ptrdiff_t fewest = 0;
        for (const Qubit q : order_) {
            if (place_[q] != kUnplaced) {
                continue;
            }
            const Qubit partner = placed_partner(q);
            if (partner == kUnplaced) {
                best = best == kUnplaced ? q : best;
                continue;
            }
            const auto& near = coupling_.neighbours[place_[partner]];
            nodes_ += near.size();
            const auto left =
                std::count_if(near.begin(), near.end(), [&](Qubit p) { return fits(q, p); });
            if (best == kUnplaced || placed_partner(best) == kUnplaced || left < fewest) {
                best = q;
                fewest = left;
            }
        }
        return best;
    }

    Qubit placed_partner(Qubit q) const {
        for (const Interaction& other : partners_[q]) {
            if (place_[other.other] != kUnplaced) {
                return other.other;
            }
        }
        return kUnplaced;
    }

    std::vector<Qubit> candidates(Qubit q) {
        std::vector<Qubit> found;
        if (const Qubit partner = placed_partner(q); partner != kUnplaced) {
            found = coupling_.neighbours[place_[partner]];
        } else {
            found.resize(coupling_.num_qubits);
            std::iota(found.begin(), found.end(), Qubit{0});
        }
        if (places_first_ != Places::kAsNumbered) {
            for (std::size_t i = found.size(); i > 1; --i) {
                std::swap(found[i - 1], found[random_.below(i)]);
            }
        }
        if (places_first_ == Places::kTightFirst) {
            std::stable_sort(found.begin(), found.end(),
                             [&](Qubit a, Qubit b) { return free_near(a) < free_near(b); });
        }
        return found;
    }

    std::ptrdiff_t free_near(Qubit p) const {
        const auto& near = coupling_.neighbours[p];
        return std::count_if(near.begin(), near.end(),
                             [&](Qubit neighbour) { return !used_[neighbour]; });
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
        return static_cast<std::size_t>(free_near(p)) >= open;
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
    std::uint64_t nodes_ = 0, limit_;
    Places places_first_ = Places::kAsNumbered;
    Philox random_;
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
