#include "quantum/passes/pauli_network.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "quantum/passes/clifford_synthesis.hpp"
#include "quantum/passes/network_state.hpp"

namespace quercus::passes::detail {

namespace {

// How one restart weighs things; drawn at random, the first ones fixed.
struct Taste {
    double depth_factor = 1;   // of a rotation per layer behind the front
    double clifford = 0.3;     // of a row of the final Clifford
    bool logarithmic = false;  // harmonic(weight) instead of weight
    double noise = 0;
    bool descend = true;  // through the final Clifford before qubits are settled one by one
};

class Network {
 public:
    Network(const PauliProgram& program, const std::vector<std::vector<std::size_t>>& successors,
            std::size_t most_cx, Taste taste, Philox random)
        : state_{program.qubits, program.rotations, {}, program.x, program.z, {}, 0},
          successors_(successors),
          blockers_(program.rotations.size(), 0),
          most_cx_(most_cx),
          taste_(taste),
          random_(random) {
        for (const auto& list : successors_) {
            for (const std::size_t j : list) {
                ++blockers_[j];
            }
        }
        for (std::size_t i = 0; i < program.rotations.size(); ++i) {
            state_.active.push_back(i);
        }
        changes_.resize(program.qubits * program.qubits);
        find_layers();
    }

    // False when the limit of cx was hit.
    bool run() {
        emit_ready();
        while (!state_.active.empty()) {
            if (state_.cx_count + 1 > most_cx_) {
                return false;
            }
            state_.apply(best_move());
            emit_ready();
        }
        return finish_clifford(state_, {most_cx_, taste_.descend}, random_);
    }

    [[nodiscard]] std::vector<RotationStep> take() { return std::move(state_.out); }
    [[nodiscard]] std::size_t cx() const { return state_.cx_count; }
    // Rotations and, at the least, cx of the Clifford that were not done when the limit was hit.
    [[nodiscard]] std::size_t left_over() const {
        return state_.active.size() + least_cx_to_settle(state_);
    }

 private:
    [[nodiscard]] const Pauli& pauli(std::size_t i) const { return state_.rotations[i].pauli; }

    // Emits the rotations that act on one qubit and have none before them, until there are none.
    void emit_ready() {
        bool any = false;
        for (bool again = true; again;) {
            again = false;
            std::vector<std::size_t> ready;
            for (const std::size_t i : state_.active) {
                if (blockers_[i] == 0 && weight(pauli(i)) == 1) {
                    ready.push_back(i);
                }
            }
            for (const std::size_t i : ready) {
                emit_rotation(i);
                again = any = true;
            }
        }
        if (any) {
            find_layers();
        }
    }

    void emit_rotation(std::size_t i) {
        const auto q = static_cast<std::size_t>(std::countr_zero(support(pauli(i))));
        state_.axis_to_z(q, code(pauli(i), q));
        const double angle = state_.rotations[i].angle;
        state_.emit(RotationStep::Kind::kRz, q, 0, pauli(i).negative ? -angle : angle);
        state_.active.erase(std::find(state_.active.begin(), state_.active.end(), i));
        for (const std::size_t j : successors_[i]) {
            --blockers_[j];
        }
    }

    void find_layers() {
        factor_.assign(state_.rotations.size(), 1);
        if (taste_.depth_factor == 1) {
            return;
        }
        for (const std::size_t i : state_.active) {
            for (const std::size_t j : successors_[i]) {
                factor_[j] = std::min(factor_[j], factor_[i] * taste_.depth_factor);
            }
        }
    }

    [[nodiscard]] double cost(int w) const {
        return taste_.logarithmic ? harmonic(w) : static_cast<double>(w);
    }

    // Change of the total cost by each of the nine moves on a pair.
    std::array<double, 9> pair_changes(std::size_t a, std::size_t b) const {
        std::array<double, 16> up{}, down{};
        const auto count = [&](const Pauli& p, double factor) {
            const auto type =
                static_cast<std::size_t>(code(p, a)) + 4 * static_cast<std::size_t>(code(p, b));
            if (type != 0) {
                const int w = weight(p);
                up[type] += factor * (cost(w + 1) - cost(w));
                down[type] += w > 1 ? factor * (cost(w - 1) - cost(w)) : 0;
            }
        };
        for (const std::size_t i : state_.active) {
            count(pauli(i), factor_[i]);
        }
        if (taste_.clifford > 0) {
            for (std::size_t q = 0; q < state_.qubits; ++q) {
                const Pauli &x = state_.x[q], &z = state_.z[q];
                count(x, taste_.clifford);
                count(z, taste_.clifford);
                count({x.x ^ z.x, x.z ^ z.z, false}, taste_.clifford);
            }
        }
        std::array<double, 9> sum{};
        for (std::size_t m = 0; m < kMovesPerPair; ++m) {
            for (std::size_t type = 1; type < 16; ++type) {
                const int change = kWeightChanges[m][type];
                sum[m] += change > 0 ? up[type] : change < 0 ? down[type] : 0;
            }
        }
        return sum;
    }

    // The same for all rotations until the next move.
    const std::array<double, 9>& known_changes(std::size_t a, std::size_t b) {
        const std::size_t pair = a * state_.qubits + b;
        if (!known_[pair]) {
            known_[pair] = true;
            changes_[pair] = pair_changes(a, b);
        }
        return changes_[pair];
    }

    // Among the moves that make a lightest front rotation lighter, the one with the best total.
    Move best_move() {
        int least = 1 << 20;
        std::vector<std::size_t> chosen;
        for (const std::size_t i : state_.active) {
            const int w = weight(pauli(i));
            if (blockers_[i] != 0 || w > least) {
                continue;
            }
            if (w < least) {
                chosen.clear();
                least = w;
            }
            chosen.push_back(i);
        }
        Best best;
        while (chosen.size() > kMostChosen) {
            std::swap(chosen[random_.below(chosen.size())], chosen.back());
            chosen.pop_back();
        }
        known_.assign(state_.qubits * state_.qubits, false);
        for (const std::size_t i : chosen) {
            consider(pauli(i), best);
        }
        return best.move;
    }

    struct Best {
        Move move;
        double value = 1e300;
    };

    // The moves that take one qubit from the support of p.
    void consider(const Pauli& p, Best& best) {
        for (std::uint64_t as = p.x | p.z; as != 0; as &= as - 1) {
            const auto a = static_cast<std::size_t>(std::countr_zero(as));
            for (std::uint64_t bs = as & (as - 1); bs != 0; bs &= bs - 1) {
                const auto b = static_cast<std::size_t>(std::countr_zero(bs));
                const auto& change = known_changes(a, b);
                const auto type =
                    static_cast<std::size_t>(code(p, a)) + 4 * static_cast<std::size_t>(code(p, b));
                for (std::size_t m = 0; m < kMovesPerPair; ++m) {
                    // Elsewhere a random number would not help.
                    if (kWeightChanges[m][type] < 0 && change[m] < best.value) {
                        const double value = change[m] + taste_.noise * random_.uniform();
                        if (value < best.value) {
                            best = {pair_move(a, b, m), value};
                        }
                    }
                }
            }
        }
    }

    static constexpr std::size_t kMostChosen = 12;

    NetworkState state_;
    const std::vector<std::vector<std::size_t>>& successors_;
    std::vector<int> blockers_;
    std::vector<double> factor_;
    std::vector<std::array<double, 9>> changes_;  // by pair a * qubits + b, where known_
    std::vector<bool> known_;
    std::size_t most_cx_;
    Taste taste_;
    Philox random_;
};

// A wide region of which the first restarts all leave much undone gets no more. Over 76 circuits
// this saves 40% of the time of such restarts and loses 5 of the 612 regions that eight of them
// improve.
constexpr int kTried = 3;
constexpr std::size_t kWide = 8;  // qubits
bool is_much(std::size_t left_over, std::size_t limit) {
    constexpr std::size_t kPercent = 8;
    return 100 * left_over > kPercent * (limit + 1);
}

Taste taste_of(int restart, Philox& random) {
    constexpr std::array<double, 4> kDepth = {1, 0.9, 0.7, 0.4};
    constexpr std::array<double, 4> kClifford = {0.3, 0.1, 0.02, 0};
    Taste taste;
    if (restart == 0) {
        taste.depth_factor = 0.7;
        return taste;
    }
    taste.depth_factor = kDepth[random.below(4)];
    taste.clifford = kClifford[random.below(4)] * random.uniform(0.5, 2);
    taste.logarithmic = random.below(2) == 0;
    taste.descend = random.below(3) != 0;
    taste.noise = random.below(3) == 0 ? 0.05 : random.uniform(0, 1.5);
    return taste;
}

}  // namespace

std::optional<std::vector<RotationStep>> synthesize_network(const PauliProgram& program,
                                                            const NetworkOptions& options) {
    std::vector<std::vector<std::size_t>> successors(program.rotations.size());
    for (std::size_t j = 0; j < program.rotations.size(); ++j) {
        for (std::size_t i = 0; i < j; ++i) {
            if (anticommute(program.rotations[i].pauli, program.rotations[j].pauli)) {
                successors[i].push_back(j);
            }
        }
    }
    std::optional<std::vector<RotationStep>> best;
    std::size_t limit = options.most_cx;
    bool is_near = program.qubits < kWide;  // or has been once
    for (int restart = 0; restart < options.restarts; ++restart) {
        if (synthesis::should_stop(options.stop) || (restart == kTried && !is_near)) {
            break;
        }
        Philox random(options.seed, static_cast<std::uint64_t>(restart));
        const Taste taste = taste_of(restart, random);
        Network network(program, successors, limit, taste, random);
        const bool is_within = network.run();
        is_near = is_near || is_within || !is_much(network.left_over(), limit);
        if (!is_within) {
            continue;
        }
        const std::size_t cx = network.cx();
        best = network.take();
        if (cx == 0) {
            break;
        }
        limit = cx - 1;
    }
    return best;
}

}  // namespace quercus::passes::detail
