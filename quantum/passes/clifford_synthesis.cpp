#include "quantum/passes/clifford_synthesis.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <utility>
#include <vector>

#include "quantum/passes/clifford_table.hpp"

namespace quercus::passes::detail {

namespace {

// [rank of a row][change + kMostRankChange]: change of its harmonic sum.
using HarmonicChanges = std::array<double, 2 * kMostRankChange + 1>;
constexpr auto kHarmonicChanges = [] {
    std::array<HarmonicChanges, 2 * kMostNetworkQubits + 1> t{};
    for (int row = 0; row < static_cast<int>(t.size()); ++row) {
        for (int change = -std::min(row, kMostRankChange); change <= kMostRankChange; ++change) {
            const int at = change + kMostRankChange;
            t[static_cast<std::size_t>(row)][static_cast<std::size_t>(at)] =
                harmonic(row + change) - harmonic(row);
        }
    }
    return t;
}();

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
            if (state_.cx_count + unsettled_bound() > options_.most_cx) {
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
    struct Best {
        Move move;
        double value = 1e300;
    };

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

    // Ranks of the 2x2 blocks of the tableau, summed per row (image) and column (qubit); the rows
    // that have something in a column as bits.
    struct Sums {
        std::array<int, kMostNetworkQubits> row{};
        std::array<int, kMostNetworkQubits> column{};
        std::array<std::uint64_t, kMostNetworkQubits> rows_of{};
    };

    // What the moves on one pair change, and the least of it.
    struct PairChanges {
        std::array<double, kMovesPerPair> change{};
        double least = 0;
    };

    // Greedy descent of the harmonic sums of the ranks per row and column, over all moves.
    void descend() {
        Sums sums = block_sums();
        std::vector<PairChanges> pairs(state_.qubits * state_.qubits);
        for_each_pair([&](std::size_t a, std::size_t b) { look_at(a, b, sums, pairs); });
        while (state_.cx_count + unsettled_bound() <= options_.most_cx) {
            const Best best = best_of(pairs);
            if (best.value > -2e-3) {
                return;
            }
            state_.apply(best.move);
            const Sums before = std::exchange(sums, block_sums());
            std::uint64_t changed = 0;
            for (std::size_t q = 0; q < state_.qubits; ++q) {
                changed |= std::uint64_t{sums.row[q] != before.row[q]} << q;
            }
            // The others see the same rows and columns as before.
            for_each_pair([&](std::size_t a, std::size_t b) {
                const bool moved =
                    a == best.move.a || a == best.move.b || b == best.move.a || b == best.move.b;
                if (moved || ((sums.rows_of[a] | sums.rows_of[b]) & changed) != 0) {
                    look_at(a, b, sums, pairs);
                }
            });
        }
    }

    template <class Visit>
    void for_each_pair(Visit visit) const {
        for (std::size_t a = 0; a < state_.qubits; ++a) {
            for (std::size_t b = a + 1; b < state_.qubits; ++b) {
                visit(a, b);
            }
        }
    }

    void look_at(std::size_t a, std::size_t b, const Sums& sums,
                 std::vector<PairChanges>& pairs) const {
        PairChanges& pair = pairs[a * state_.qubits + b];
        pair.change = clifford_changes(a, b, sums);
        pair.least = *std::min_element(pair.change.begin(), pair.change.end());
    }

    [[nodiscard]] Best best_of(const std::vector<PairChanges>& pairs) {
        Best best;
        for_each_pair([&](std::size_t a, std::size_t b) {
            const PairChanges& pair = pairs[a * state_.qubits + b];
            for (std::size_t m = 0; pair.least < best.value && m < kMovesPerPair; ++m) {
                if (pair.change[m] >= best.value) {
                    continue;  // a random number would not help
                }
                const double value = pair.change[m] + 1e-3 * random_.uniform();
                if (value < best.value) {
                    best = {pair_move(a, b, m), value};
                }
            }
        });
        return best;
    }

    [[nodiscard]] Sums block_sums() const {
        Sums sums;
        for (std::size_t q = 0; q < state_.qubits; ++q) {
            const std::uint64_t one = support(state_.x[q]) | support(state_.z[q]);
            const std::uint64_t two =
                (state_.x[q].x & state_.z[q].z) ^ (state_.x[q].z & state_.z[q].x);
            sums.row[q] = std::popcount(one) + std::popcount(two);
            for (std::uint64_t left = one; left != 0; left &= left - 1) {
                const int p = std::countr_zero(left);
                sums.column[static_cast<std::size_t>(p)] += 1 + static_cast<int>((two >> p) & 1);
                sums.rows_of[static_cast<std::size_t>(p)] |= std::uint64_t{1} << q;
            }
        }
        return sums;
    }

    // Each cx ends at most two rows that are not yet on their own qubit.
    [[nodiscard]] std::size_t unsettled_bound() const {
        std::size_t rows = 0;
        for (std::size_t q = 0; q < state_.qubits; ++q) {
            rows += (support(state_.x[q]) | support(state_.z[q])) != std::uint64_t{1} << q ? 1 : 0;
        }
        return (rows + 1) / 2;
    }

    // Change of the harmonic sums by each of the nine moves on a pair.
    [[nodiscard]] std::array<double, 9> clifford_changes(std::size_t a, std::size_t b,
                                                         const Sums& sums) const {
        std::array<double, 9> change{};
        std::array<std::int16_t, 16> column_a{}, column_b{};
        for (std::uint64_t left = sums.rows_of[a] | sums.rows_of[b]; left != 0; left &= left - 1) {
            const auto q = static_cast<std::size_t>(std::countr_zero(left));
            const int x = code(state_.x[q], a) + 4 * code(state_.x[q], b);
            const int z = code(state_.z[q], a) + 4 * code(state_.z[q], b);
            const RankChanges& ranks =
                kRankChanges[static_cast<std::size_t>(x) + 16 * static_cast<std::size_t>(z)];
            if (!ranks.any) {
                continue;
            }
            for (std::size_t m = 0; m < column_a.size(); ++m) {
                column_a[m] = static_cast<std::int16_t>(column_a[m] + ranks.a[m]);
                column_b[m] = static_cast<std::int16_t>(column_b[m] + ranks.b[m]);
            }
            const HarmonicChanges& by = kHarmonicChanges[static_cast<std::size_t>(sums.row[q])];
            for (std::size_t m = 0; m < kMovesPerPair; ++m) {
                change[m] += by[ranks.sum[m]];
            }
        }
        for (std::size_t m = 0; m < kMovesPerPair; ++m) {
            change[m] += harmonic(sums.column[a] + column_a[m]) - harmonic(sums.column[a]) +
                         harmonic(sums.column[b] + column_b[m]) - harmonic(sums.column[b]);
        }
        return change;
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
        Best best;
        const Sums sums = block_sums();
        const bool on = (on_z >> q & 1) != 0;
        for (std::uint64_t as = on_z | std::uint64_t{1} << q; as != 0; as &= as - 1) {
            const auto a = static_cast<std::size_t>(std::countr_zero(as));
            for (std::uint64_t bs = as & (as - 1); bs != 0; bs &= bs - 1) {
                const auto b = static_cast<std::size_t>(std::countr_zero(bs));
                const auto change = clifford_changes(a, b, sums);
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
                    if (change[m] >= best.value) {
                        continue;
                    }
                    const double value = change[m] + 0.1 * random_.uniform();
                    if (value < best.value) {
                        best = {move, value};
                    }
                }
            }
        }
        assert(best.value < 1e300);
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

bool finish_clifford(NetworkState& state, const CliffordOptions& options, Philox& random) {
    return CliffordFinish(state, options, random).run();
}

}  // namespace quercus::passes::detail
