#include "quantum/passes/clifford_synthesis.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <vector>

#include "quantum/passes/clifford_moves.hpp"
#include "quantum/passes/clifford_table.hpp"

namespace quercus::passes::detail {

namespace {

class CliffordFinish {
 public:
    CliffordFinish(NetworkState& state, const CliffordOptions& options, Philox& random)
        : state_(state), options_(options), random_(random) {}

    bool run() {
        if (state_.qubits <= kMostTabledQubits) {
            walk_down();
        } else if (options_.descend) {
            descend();
        }
        std::vector<bool> settled(state_.qubits, false);
        for (std::size_t round = 0; round < state_.qubits; ++round) {
            if (state_.cx_count + least_cx_to_settle(state_) > options_.most_cx) {
                return false;
            }
            settle(cheapest_qubit(settled), settled);
        }
        for (std::size_t q = 0; q < state_.qubits; ++q) {
            finish_qubit(q);
        }
        return state_.cx_count <= options_.most_cx;
    }

 private:
    // Optimal for two and three qubits.
    void walk_down() {
        const CliffordTable& table = clifford_table(state_.qubits);
        for (int distance = table.at(clifford_key(state_.x, state_.z)); distance > 0; --distance) {
            for_each_move(state_.qubits, [&](const Move& move) {
                auto x = state_.x, z = state_.z;
                move_rows(x, z, move);
                if (table.at(clifford_key(x, z)) != distance - 1) {
                    return false;
                }
                state_.apply(move);
                return true;
            });
        }
    }

    // Greedy descent of the harmonic sums of the ranks per row and column, over all moves.
    void descend() {
        CliffordMoves moves(state_);
        while (state_.cx_count + least_cx_to_settle(state_) <= options_.most_cx) {
            const MoveChoice best = moves.best(1e-3, random_);
            if (best.change > -2e-3) {
                return;
            }
            state_.apply(best.move);
            moves.see(best.move);
        }
    }

    // An upper bound of the cx that settle takes.
    [[nodiscard]] int settle_cost(std::size_t q) const {
        const bool on = (support(state_.z[q]) >> q & 1) != 0;
        const std::uint64_t others =
            (support(state_.x[q]) | support(state_.z[q])) & ~(std::uint64_t{1} << q);
        return weight(state_.z[q]) - (on ? 1 : 0) + std::popcount(others);
    }

    std::size_t cheapest_qubit(const std::vector<bool>& settled) {
        std::size_t best = state_.qubits;
        double least = 1e300;
        for (std::size_t q = 0; q < state_.qubits; ++q) {
            const double value = settle_cost(q) + 0.5 * random_.uniform();
            if (!settled[q] && value < least) {
                least = value;
                best = q;
            }
        }
        return best;
    }

    // Brings the images of X_q and Z_q onto qubit q alone.
    void settle(std::size_t q, std::vector<bool>& settled) {
        const std::uint64_t here = std::uint64_t{1} << q;
        while (support(state_.z[q]) != here) {
            state_.apply(best_settling_move(q));
        }
        while ((support(state_.x[q]) & ~here) != 0) {
            const auto p = static_cast<std::size_t>(std::countr_zero(support(state_.x[q]) & ~here));
            state_.apply({q, p, code(state_.z[q], q), code(state_.x[q], p)});
        }
        settled[q] = true;
    }

    Move best_settling_move(std::size_t q) {
        const Pauli& z = state_.z[q];
        const std::uint64_t on_z = support(z);
        MoveChoice best;
        const RankSums sums = rank_sums(state_);
        const bool on = (on_z >> q & 1) != 0;
        for (std::uint64_t as = on_z | std::uint64_t{1} << q; as != 0; as &= as - 1) {
            const auto a = static_cast<std::size_t>(std::countr_zero(as));
            for (std::uint64_t bs = as & (as - 1); bs != 0; bs &= bs - 1) {
                const auto b = static_cast<std::size_t>(std::countr_zero(bs));
                const Changes changes = changes_of(state_, sums, a, b);
                for (std::size_t m = 0; m < kMovesPerPair; ++m) {
                    const Move move = pair_move(a, b, m);
                    Pauli after = z;
                    move_pauli(after, move);
                    const bool on_after = (support(after) >> q & 1) != 0;
                    // Each step of the distance: another qubit leaves the support, or q enters it.
                    const int progress =
                        weight(z) - weight(after) + 2 * ((on_after ? 1 : 0) - (on ? 1 : 0));
                    if (progress <= 0) {
                        continue;
                    }
                    const double change = changes[m] * kFixedUnit;
                    if (change >= best.change) {
                        continue;
                    }
                    const double value = change + 0.1 * random_.uniform();
                    if (value < best.change) {
                        best = {move, value};
                    }
                }
            }
        }
        assert(best.change < 1e300);
        return best.move;
    }

    // One-qubit gates that turn the images of X_q and Z_q into X_q and Z_q.
    void finish_qubit(std::size_t q) {
        state_.axis_to_z(q, code(state_.z[q], q));
        if (code(state_.x[q], q) == 3) {
            state_.s(q);
        }
        if (state_.z[q].negative) {
            state_.emit(RotationStep::Kind::kX, q);
        }
        if (state_.x[q].negative) {
            state_.emit(RotationStep::Kind::kRz, q, 0, kPi);
        }
    }

    NetworkState& state_;
    const CliffordOptions& options_;
    Philox& random_;
};

}  // namespace

std::size_t least_cx_to_settle(const NetworkState& state) {
    std::size_t rows = 0;
    for (std::size_t q = 0; q < state.qubits; ++q) {
        rows += (support(state.x[q]) | support(state.z[q])) != std::uint64_t{1} << q ? 1 : 0;
    }
    return (rows + 1) / 2;
}

bool finish_clifford(NetworkState& state, const CliffordOptions& options, Philox& random) {
    return CliffordFinish(state, options, random).run();
}

}  // namespace quercus::passes::detail
