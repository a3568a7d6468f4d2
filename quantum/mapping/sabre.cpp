#include "quantum/mapping/sabre.hpp"

#include <algorithm>
#include <numeric>

namespace quercus::mapping {

namespace {

constexpr std::uint32_t kNone = ~0U;
constexpr int kSwapCx = 3;
constexpr double kForbidden = 1e6;

// What has happened last on an edge and can still be merged with: a run, a SWAP, or both.
struct EdgeRun {
    Qubit a = 0, b = 0;
    std::uint32_t node = kNone;
    bool swapped = false;
    std::uint32_t swapped_in = 0;  // the standstill in which it was last swapped
};

class Router {
 public:
    Router(const RoutingGraph& graph, const Coupling& coupling, const Layout& initial,
           const SabreWeights& weights, Seed seed, bool backward)
        : graph_(graph),
          coupling_(coupling),
          weights_(weights),
          random_(seed),
          backward_(backward),
          physical_(initial),
          logical_(initial.size()),
          waiting_(graph.nodes.size()),
          visited_(graph.nodes.size(), 0),
          blocked_on_(initial.size(), kNone),
          decay_(initial.size(), 1.0),
          last_run_(initial.size(), kNone),
          ahead_(initial.size()) {
        for (Qubit q = 0; q < initial.size(); ++q) {
            logical_[initial[q]] = q;
        }
        result_.initial = initial;
    }

    Routing run() {
        for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) {
            waiting_[i] = static_cast<std::uint32_t>(before(i).size());
            if (waiting_[i] == 0) {
                ready_.push_back(i);
            }
        }
        execute_ready();
        const int patience = 10 + 3 * static_cast<int>(coupling_.num_qubits);
        int fruitless = 0;
        while (!front_.empty()) {
            if (fruitless++ > patience) {
                release();
            } else {
                const auto [a, b] = choose_swap();
                swap(a, b);
                decay_[a] += weights_.decay;
                decay_[b] += weights_.decay;
                if (fruitless % 5 == 0) {
                    std::fill(decay_.begin(), decay_.end(), 1.0);
                }
                unblock(a);
                unblock(b);
            }
            if (!ready_.empty()) {
                fruitless = 0;
                ++standstill_;
                std::fill(decay_.begin(), decay_.end(), 1.0);
                execute_ready();
            }
        }
        result_.final = physical_;
        return std::move(result_);
    }

 private:
    const std::vector<std::uint32_t>& before(std::uint32_t i) const {
        return backward_ ? graph_.nodes[i].successors : graph_.nodes[i].predecessors;
    }
    const std::vector<std::uint32_t>& after(std::uint32_t i) const {
        return backward_ ? graph_.nodes[i].predecessors : graph_.nodes[i].successors;
    }
    Qubit place(std::uint32_t node, std::size_t k) const {
        return physical_[graph_.nodes[node].qubits[k]];
    }

    void execute_ready() {
        while (!ready_.empty()) {
            const std::uint32_t i = ready_.back();
            ready_.pop_back();
            if (graph_.nodes[i].needs_edge && !coupling_.adjacent(place(i, 0), place(i, 1))) {
                front_.push_back(i);
                blocked_on_[place(i, 0)] = i;
                blocked_on_[place(i, 1)] = i;
                continue;
            }
            execute(i);
            for (const std::uint32_t next : after(i)) {
                if (--waiting_[next] == 0) {
                    ready_.push_back(next);
                }
            }
        }
        collect_ahead();
    }

    void execute(std::uint32_t i) {
        const RouteNode& node = graph_.nodes[i];
        result_.steps.push_back({i, 0, 0});
        if (!node.needs_edge) {
            const bool is_run = node.qubits.size() == 1 &&
                                std::holds_alternative<partition::Block>(graph_.partition.items[i]);
            for (const Qubit q : node.qubits) {
                last_run_[physical_[q]] = is_run ? last_run_[physical_[q]] : kNone;
            }
            return;
        }
        const Qubit a = place(i, 0), b = place(i, 1);
        const double weight = coupling_.weight(a, b);
        const std::uint32_t run = run_on(a, b);
        if (!node.absorbs_swap) {
            last_run_[a] = last_run_[b] = kNone;
            result_.cost += weight * node.cost;
        } else if (run != kNone && runs_[run].node == kNone && runs_[run].swapped) {
            runs_[run].node = i;
            result_.cost += weight * (node.cost_with_swap - kSwapCx);
        } else {
            open_run({a, b, i, false});
            result_.cost += weight * node.cost;
        }
    }

    void open_run(EdgeRun run) {
        last_run_[run.a] = last_run_[run.b] = static_cast<std::uint32_t>(runs_.size());
        runs_.push_back(run);
    }
    // The run that the next thing on this edge would be merged with.
    std::uint32_t run_on(Qubit a, Qubit b) const {
        return last_run_[a] == last_run_[b] ? last_run_[a] : kNone;
    }
    int cost_of(const EdgeRun& run) const {
        if (run.node == kNone) {
            return run.swapped ? kSwapCx : 0;
        }
        const RouteNode& node = graph_.nodes[run.node];
        return run.swapped ? node.cost_with_swap : node.cost;
    }
    int swap_cost(Qubit a, Qubit b) const {
        const std::uint32_t id = run_on(a, b);
        if (id == kNone) {
            return kSwapCx;
        }
        EdgeRun run = runs_[id];
        const int now = cost_of(run);
        run.swapped = !run.swapped;
        return cost_of(run) - now;
    }

    void swap(Qubit a, Qubit b) {
        result_.cost += coupling_.weight(a, b) * swap_cost(a, b);
        if (const std::uint32_t run = run_on(a, b); run != kNone) {
            runs_[run].swapped = !runs_[run].swapped;
            runs_[run].swapped_in = standstill_;
        } else {
            open_run({a, b, kNone, true, standstill_});
        }
        std::swap(logical_[a], logical_[b]);
        physical_[logical_[a]] = a;
        physical_[logical_[b]] = b;
        std::swap(blocked_on_[a], blocked_on_[b]);
        std::swap(ahead_[a], ahead_[b]);
        result_.steps.push_back({RouteStep::kSwap, a, b});
        ++result_.swaps;
    }

    void unblock(Qubit q) {
        const std::uint32_t i = blocked_on_[q];
        if (i == kNone || !coupling_.adjacent(place(i, 0), place(i, 1))) {
            return;
        }
        blocked_on_[place(i, 0)] = blocked_on_[place(i, 1)] = kNone;
        front_.erase(std::find(front_.begin(), front_.end(), i));
        ready_.push_back(i);
    }

    // The next runs behind the front, breadth first.
    void collect_ahead() {
        for (auto& list : ahead_) {
            list.clear();
        }
        ahead_size_ = 0;
        ++stamp_;
        queue_ = front_;
        for (std::size_t head = 0; head < queue_.size(); ++head) {
            for (const std::uint32_t next : after(queue_[head])) {
                if (visited_[next] == stamp_) {
                    continue;
                }
                visited_[next] = stamp_;
                queue_.push_back(next);
                if (graph_.nodes[next].needs_edge) {
                    ahead_[place(next, 0)].push_back(next);
                    ahead_[place(next, 1)].push_back(next);
                    if (++ahead_size_ >= weights_.lookahead_size) {
                        return;
                    }
                }
            }
        }
    }

    // How much farther the qubits of a node are apart after a and b are exchanged.
    double change(std::uint32_t node, Qubit a, Qubit b) const {
        const Qubit p = place(node, 0), q = place(node, 1);
        const Qubit p2 = p == a ? b : p == b ? a : p;
        const Qubit q2 = q == a ? b : q == b ? a : q;
        return static_cast<double>(coupling_.distance(p2, q2)) - coupling_.distance(p, q);
    }

    double score(Qubit a, Qubit b) const {
        double near = 0, far = 0;
        for (const Qubit q : {a, b}) {
            if (blocked_on_[q] != kNone) {
                near += change(blocked_on_[q], a, b);
            }
            for (const std::uint32_t node : ahead_[q]) {
                far += change(node, a, b);
            }
        }
        const double fronts = static_cast<double>(front_.size());
        const double total = near / fronts +
                             (ahead_size_ > 0 ? weights_.lookahead * far / ahead_size_ : 0.0) +
                             weights_.swap_cost * coupling_.weight(a, b) * swap_cost(a, b) / fronts;
        return total + (std::max(decay_[a], decay_[b]) - 1.0);
    }

    // Nothing has happened since these two were exchanged: back again would be where it was, and
    // look attractive, for a SWAP that is taken back costs nothing.
    bool would_take_back(Qubit a, Qubit b) const {
        const std::uint32_t run = run_on(a, b);
        return run != kNone && runs_[run].swapped_in == standstill_;
    }

    std::pair<Qubit, Qubit> choose_swap() {
        candidates_.clear();
        double best = 1e300;
        for (const std::uint32_t node : front_) {
            for (std::size_t k = 0; k < 2; ++k) {
                const Qubit a = place(node, k);
                for (const Qubit b : coupling_.neighbours[a]) {
                    if (blocked_on_[b] != kNone && b < a) {
                        continue;  // seen from the other side
                    }
                    const double value = score(a, b) + (would_take_back(a, b) ? kForbidden : 0);
                    best = std::min(best, value);
                    candidates_.push_back({value, a, b});
                }
            }
        }
        const double limit = best + weights_.slack + 1e-10;
        std::erase_if(candidates_, [&](const Candidate& c) { return c.value > limit; });
        const Candidate& pick = candidates_[random_.below(candidates_.size())];
        return {pick.a, pick.b};
    }

    // Brings the closest pair of the front together along a shortest path.
    void release() {
        const std::uint32_t node =
            *std::min_element(front_.begin(), front_.end(), [&](std::uint32_t x, std::uint32_t y) {
                return coupling_.distance(place(x, 0), place(x, 1)) <
                       coupling_.distance(place(y, 0), place(y, 1));
            });
        while (!coupling_.adjacent(place(node, 0), place(node, 1))) {
            const Qubit a = place(node, 0), goal = place(node, 1);
            for (const Qubit b : coupling_.neighbours[a]) {
                if (coupling_.distance(b, goal) < coupling_.distance(a, goal)) {
                    swap(a, b);
                    break;
                }
            }
        }
        const std::vector<std::uint32_t> all = front_;
        for (const std::uint32_t other : all) {
            unblock(place(other, 0));
        }
    }

    struct Candidate {
        double value;
        Qubit a, b;
    };

    const RoutingGraph& graph_;
    const Coupling& coupling_;
    const SabreWeights& weights_;
    Philox random_;
    bool backward_;
    Layout physical_, logical_;  // inverse to each other
    std::vector<std::uint32_t> waiting_, visited_, ready_, front_, queue_;
    std::vector<std::uint32_t> blocked_on_;  // per physical qubit: the node of the front
    std::vector<double> decay_;
    std::vector<EdgeRun> runs_;
    std::vector<std::uint32_t> last_run_;            // per physical qubit
    std::vector<std::vector<std::uint32_t>> ahead_;  // per physical qubit: lookahead nodes
    std::vector<Candidate> candidates_;
    int ahead_size_ = 0;
    std::uint32_t stamp_ = 0;
    std::uint32_t standstill_ = 1;  // how often something could be executed
    Routing result_;
};

SabreWeights random_weights(Philox& random) {
    SabreWeights weights;
    constexpr int kSizes[] = {5, 10, 20, 20, 30, 50};
    constexpr double kLookahead[] = {0.25, 0.5, 0.5, 0.75, 1.0, 1.5};
    constexpr double kSwapCost[] = {0.0, 0.1, 0.2, 0.3, 0.5};
    weights.lookahead_size = kSizes[random.below(std::size(kSizes))];
    weights.lookahead = kLookahead[random.below(std::size(kLookahead))];
    weights.swap_cost = kSwapCost[random.below(std::size(kSwapCost))];
    weights.decay = random.below(2) == 0 ? 0.001 : 0.01;
    weights.slack = random.below(4) == 0 ? 0.02 : 0.0;
    return weights;
}

// The circuit's qubits on a random connected region, grown one neighbour at a time.
Layout random_layout(const Coupling& coupling, std::uint32_t used, Philox& random) {
    const std::uint32_t n = coupling.num_qubits;
    Layout order;
    std::vector<bool> taken(n, false);
    std::vector<Qubit> border = {static_cast<Qubit>(random.below(n))};
    taken[border[0]] = true;
    while (!border.empty()) {
        const std::size_t k = random.below(border.size());
        const Qubit q = border[k];
        border[k] = border.back();
        border.pop_back();
        order.push_back(q);
        for (const Qubit next : coupling.neighbours[q]) {
            if (!taken[next]) {
                taken[next] = true;
                border.push_back(next);
            }
        }
    }
    for (std::size_t i = used; i > 1; --i) {
        std::swap(order[i - 1], order[random.below(i)]);
    }
    return order;
}

}  // namespace

Routing route(const RoutingGraph& graph, const Coupling& coupling, const Layout& initial,
              const SabreWeights& weights, Seed seed, bool backward) {
    Routing out = Router(graph, coupling, initial, weights, seed, backward).run();
    if (backward) {
        std::reverse(out.steps.begin(), out.steps.end());
        std::swap(out.initial, out.final);
    }
    return out;
}

Routing sabre_trial(const RoutingGraph& graph, const Coupling& coupling, Seed seed,
                    const TrialOptions& options) {
    Philox random(seed);
    const SabreWeights weights = random_weights(random);
    Layout layout = options.start != nullptr ? *options.start
                                             : random_layout(coupling, graph.num_qubits, random);
    Routing best;
    for (int pass = 0; pass < std::max(1, options.passes); ++pass) {
        const bool backward = pass % 2 == 1;
        Routing found = route(graph, coupling, layout, weights, random(), backward);
        layout = backward ? found.initial : found.final;
        if (pass == 0 || is_better(found, best)) {
            best = std::move(found);
        }
    }
    return best;
}

}  // namespace quercus::mapping
