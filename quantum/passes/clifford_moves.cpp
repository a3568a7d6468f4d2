#include "quantum/passes/clifford_moves.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace quercus::passes::detail {

namespace {

constexpr auto kFixedHarmonic = [] {
    std::array<Fixed, kHarmonic.size()> t{};
    for (std::size_t w = 0; w < t.size(); ++w) {
        t[w] = (static_cast<Fixed>(2 * (kHarmonic[w] / kFixedUnit)) + 1) / 2;  // to the nearest
    }
    return t;
}();
constexpr Fixed fixed_harmonic(int w) {
    return kFixedHarmonic[static_cast<std::size_t>(w)];
}

// [rank of a row][change + kMostRankChange]: change of its harmonic.
using HarmonicChanges = std::array<Fixed, 2 * kMostRankChange + 1>;
constexpr auto kHarmonicChanges = [] {
    std::array<HarmonicChanges, 2 * kMostNetworkQubits + 1> t{};
    for (int row = 0; row < static_cast<int>(t.size()); ++row) {
        for (int change = -std::min(row, kMostRankChange); change <= kMostRankChange; ++change) {
            const int at = change + kMostRankChange;
            t[static_cast<std::size_t>(row)][static_cast<std::size_t>(at)] =
                fixed_harmonic(row + change) - fixed_harmonic(row);
        }
    }
    return t;
}();
const HarmonicChanges& harmonic_changes(int rank) {
    return kHarmonicChanges[static_cast<std::size_t>(rank)];
}

// By the codes of the images of X and Z on both qubits.
const RankChanges& rank_changes(int x_a, int x_b, int z_a, int z_b) {
    const int codes = x_a + 4 * x_b + 16 * (z_a + 4 * z_b);
    return kRankChanges[static_cast<std::size_t>(codes)];
}

// What another rank of a row changes in pairs of one qubit and any other, by the codes of both.
class RowChanges {
 public:
    RowChanges(int before, int now) : by_(harmonic_changes(now)) {
        for (std::size_t i = 0; i < by_.size(); ++i) {
            by_[i] -= harmonic_changes(before)[i];
        }
    }

    void set_one(int x, int z) {
        x_ = x;
        z_ = z;
        known_ = 0;
    }
    // `other_first`: the other qubit is the first of the pair.
    [[nodiscard]] const Changes& with(int x, int z, bool other_first) {
        const int code = x + 4 * z + (other_first ? 16 : 0);
        const auto at = static_cast<std::size_t>(code);
        if ((known_ >> at & 1) == 0) {
            known_ |= std::uint32_t{1} << at;
            const RankChanges& ranks =
                other_first ? rank_changes(x, x_, z, z_) : rank_changes(x_, x, z_, z);
            for (std::size_t m = 0; m < kMovesPerPair; ++m) {
                changes_[at][m] = by_[ranks.sum[m]];
            }
        }
        return changes_[at];
    }

 private:
    HarmonicChanges by_;
    int x_ = 0, z_ = 0;
    std::uint32_t known_ = 0;  // bits: those of changes_ that are filled in
    std::array<Changes, 32> changes_{};
};

}  // namespace

RankSums rank_sums(const NetworkState& state) {
    RankSums sums;
    for (std::size_t q = 0; q < state.qubits; ++q) {
        const std::uint64_t one = support(state.x[q]) | support(state.z[q]);
        const std::uint64_t two = (state.x[q].x & state.z[q].z) ^ (state.x[q].z & state.z[q].x);
        sums.row[q] = std::popcount(one) + std::popcount(two);
        for (std::uint64_t left = one; left != 0; left &= left - 1) {
            const int p = std::countr_zero(left);
            sums.column[static_cast<std::size_t>(p)] += 1 + static_cast<int>((two >> p) & 1);
            sums.rows_of[static_cast<std::size_t>(p)] |= std::uint64_t{1} << q;
        }
    }
    return sums;
}

Changes changes_of(const NetworkState& state, const RankSums& sums, std::size_t a, std::size_t b) {
    Changes change{};
    std::array<std::int16_t, 16> column_a{}, column_b{};
    for (std::uint64_t left = sums.rows_of[a] | sums.rows_of[b]; left != 0; left &= left - 1) {
        const auto q = static_cast<std::size_t>(std::countr_zero(left));
        const Pauli &x = state.x[q], &z = state.z[q];
        const RankChanges& ranks = rank_changes(code(x, a), code(x, b), code(z, a), code(z, b));
        if (!ranks.any) {
            continue;
        }
        for (std::size_t m = 0; m < column_a.size(); ++m) {
            column_a[m] = static_cast<std::int16_t>(column_a[m] + ranks.a[m]);
            column_b[m] = static_cast<std::int16_t>(column_b[m] + ranks.b[m]);
        }
        const HarmonicChanges& by = harmonic_changes(sums.row[q]);
        for (std::size_t m = 0; m < kMovesPerPair; ++m) {
            change[m] += by[ranks.sum[m]];
        }
    }
    for (std::size_t m = 0; m < kMovesPerPair; ++m) {
        change[m] += fixed_harmonic(sums.column[a] + column_a[m]) - fixed_harmonic(sums.column[a]) +
                     fixed_harmonic(sums.column[b] + column_b[m]) - fixed_harmonic(sums.column[b]);
    }
    return change;
}

CliffordMoves::CliffordMoves(const NetworkState& state)
    : state_(state), sums_(rank_sums(state)), pairs_(state.qubits * state.qubits) {
    for (std::size_t a = 0; a < state_.qubits; ++a) {
        for (std::size_t b = a + 1; b < state_.qubits; ++b) {
            look_at(a, b);
        }
    }
}

CliffordMoves::Pair& CliffordMoves::pair(std::size_t a, std::size_t b) {
    return pairs_[std::min(a, b) * state_.qubits + std::max(a, b)];
}

void CliffordMoves::look_at(std::size_t a, std::size_t b) {
    Pair& of = pair(a, b);
    of.changes = changes_of(state_, sums_, std::min(a, b), std::max(a, b));
    of.has_least = false;
}

void CliffordMoves::see(const Move& move) {
    const RankSums before = std::exchange(sums_, rank_sums(state_));
    for (std::size_t q = 0; q < state_.qubits; ++q) {
        if (q != move.a && q != move.b) {
            look_at(q, move.a);
            look_at(q, move.b);
        }
        if (sums_.row[q] != before.row[q]) {
            see_rank(q, before.row[q], move);
        }
    }
    look_at(move.a, move.b);
}

// For the pairs in which the row has something, but for those that share a qubit with the move. Of
// these the columns are what they were, and so are the codes in every row.
void CliffordMoves::see_rank(std::size_t row, int before, const Move& move) {
    const Pauli &x = state_.x[row], &z = state_.z[row];
    const std::uint64_t moved = std::uint64_t{1} << move.a | std::uint64_t{1} << move.b;
    const std::uint64_t on = (support(x) | support(z)) & ~moved;
    RowChanges changes(before, sums_.row[row]);
    for (std::uint64_t left = on; left != 0; left &= left - 1) {
        const auto a = static_cast<std::size_t>(std::countr_zero(left));
        changes.set_one(code(x, a), code(z, a));
        // Pairs that are both on the row have been seen from the lesser of them.
        const std::uint64_t up_to_a = (left & -left) | ((left & -left) - 1);
        const std::uint64_t seen = moved | (on & up_to_a);
        for (std::size_t b = 0; b < state_.qubits; ++b) {
            if ((seen >> b & 1) != 0) {
                continue;
            }
            const Changes& by = changes.with(code(x, b), code(z, b), b < a);
            Pair& of = pair(a, b);
            for (std::size_t m = 0; m < by.size(); ++m) {
                of.changes[m] += by[m];
            }
            of.has_least = false;
        }
    }
}

MoveChoice CliffordMoves::best(double noise, Philox& random) {
    MoveChoice best;
    for (std::size_t a = 0; a < state_.qubits; ++a) {
        for (std::size_t b = a + 1; b < state_.qubits; ++b) {
            Pair& of = pair(a, b);
            if (!of.has_least) {
                of.least =
                    *std::min_element(of.changes.begin(), of.changes.begin() + kMovesPerPair);
                of.has_least = true;
            }
            if (of.least * kFixedUnit >= best.change) {
                continue;
            }
            for (std::size_t m = 0; m < kMovesPerPair; ++m) {
                const double change = of.changes[m] * kFixedUnit;
                if (change >= best.change) {
                    continue;  // a random number would not help
                }
                const double value = change + noise * random.uniform();
                if (value < best.change) {
                    best = {pair_move(a, b, m), value};
                }
            }
        }
    }
    return best;
}

}  // namespace quercus::passes::detail
