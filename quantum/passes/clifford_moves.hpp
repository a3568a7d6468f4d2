#pragma once

// Private to this room: what each two-qubit move makes of a Clifford's tableau, kept up to date
// from move to move. The measure is the sum over rows and columns of harmonic(rank), the ranks
// being those of the 2x2 blocks (de Brugiere et al., arXiv:2104.00934); it is least for the
// identity.

#include <array>
#include <cstdint>
#include <vector>

#include "quantum/base/random.hpp"
#include "quantum/passes/network_state.hpp"

namespace quercus::passes::detail {

// Harmonic sums in units of 2^-20: changes are added and taken back without rounding.
using Fixed = std::int32_t;
inline constexpr double kFixedUnit = 1.0 / (1 << 20);
using Changes = std::array<Fixed, 16>;  // [move number of a pair], padded to whole vectors

// Ranks of the 2x2 blocks of the tableau, summed per row (image) and column (qubit); the rows that
// have something in a column as bits.
struct RankSums {
    std::array<int, kMostNetworkQubits> row{};
    std::array<int, kMostNetworkQubits> column{};
    std::array<std::uint64_t, kMostNetworkQubits> rows_of{};
};
[[nodiscard]] RankSums rank_sums(const NetworkState& state);

// Change of the measure by each of the nine moves on the pair a < b.
[[nodiscard]] Changes changes_of(const NetworkState& state, const RankSums& sums, std::size_t a,
                                 std::size_t b);

struct MoveChoice {
    Move move;
    double change = 1e300;  // of the measure, with the noise
};

// The changes by all moves. After one move most of them are known: only the pairs that share a
// qubit with it are looked at again, the others as far as rows have another rank.
class CliffordMoves {
 public:
    // `state` must outlive this object.
    explicit CliffordMoves(const NetworkState& state);

    // To be told of every move once it is applied to the state.
    void see(const Move& move);
    // The move with the least change; up to `noise` is added to each at random.
    [[nodiscard]] MoveChoice best(double noise, Philox& random);
    // For a < b.
    [[nodiscard]] const Changes& of(std::size_t a, std::size_t b) const {
        return pairs_[a * state_.qubits + b].changes;
    }

 private:
    struct Pair {
        Changes changes{};
        Fixed least = 0;  // of changes, if it is known
        bool has_least = false;
    };

    [[nodiscard]] Pair& pair(std::size_t a, std::size_t b);
    void look_at(std::size_t a, std::size_t b);
    void see_rank(std::size_t row, int before, const Move& move);

    const NetworkState& state_;
    RankSums sums_;
    std::vector<Pair> pairs_;  // a * qubits + b for a < b
};

}  // namespace quercus::passes::detail
