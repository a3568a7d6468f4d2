#include "quantum/passes/clifford_moves.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::passes::detail;

namespace {

NetworkState identity_on(std::size_t qubits) {
    NetworkState state;
    state.qubits = qubits;
    for (std::size_t q = 0; q < qubits; ++q) {
        state.x.push_back({std::uint64_t{1} << q, 0, false});
        state.z.push_back({0, std::uint64_t{1} << q, false});
    }
    return state;
}

Move random_move(std::size_t qubits, Philox& random) {
    const std::size_t a = random.below(qubits - 1);
    const std::size_t b = a + 1 + random.below(qubits - 1 - a);
    return pair_move(a, b, random.below(kMovesPerPair));
}

// Written down from its definition: the ranks of all blocks, summed per row and per column.
double measure(const NetworkState& state) {
    double sum = 0;
    for (std::size_t i = 0; i < state.qubits; ++i) {
        int row = 0, column = 0;
        for (std::size_t j = 0; j < state.qubits; ++j) {
            row += block_rank(code(state.x[i], j), code(state.z[i], j));
            column += block_rank(code(state.x[j], i), code(state.z[j], i));
        }
        sum += harmonic(row) + harmonic(column);
    }
    return sum;
}

}  // namespace

TEST_CASE("clifford_moves, correctness: known changes are the fresh ones after any moves") {
    for (const std::size_t qubits : {4u, 7u, 23u, 64u}) {
        CAPTURE(qubits);
        Philox random(qubits);
        NetworkState state = identity_on(qubits);
        CliffordMoves moves(state);
        for (std::size_t i = 0; i < 2 * qubits; ++i) {
            const Move move = random_move(qubits, random);
            state.apply(move);
            moves.see(move);
            const RankSums sums = rank_sums(state);
            bool same = true;
            for (std::size_t a = 0; a < qubits; ++a) {
                for (std::size_t b = a + 1; b < qubits; ++b) {
                    same = same && moves.of(a, b) == changes_of(state, sums, a, b);
                }
            }
            REQUIRE(same);
        }
    }
}

TEST_CASE(
    "clifford_moves, correctness: a change is that of the measure, the best one is the least") {
    constexpr std::size_t kQubits = 6;
    Philox random(5);
    NetworkState state = identity_on(kQubits);
    CliffordMoves moves(state);
    int descents = 0;
    for (int i = 0; i < 40; ++i) {
        const Move made = random_move(kQubits, random);
        state.apply(made);
        moves.see(made);
        const double before = measure(state);
        double least = 1e300;
        for_each_move(kQubits, [&](const Move& move) {
            NetworkState next = state;
            next.apply(move);
            const double change = measure(next) - before;
            const auto m = static_cast<std::size_t>(3 * move.axis_a + move.axis_b - 4);
            CHECK(moves.of(move.a, move.b)[m] * kFixedUnit == Approx(change).margin(1e-4));
            least = std::min(least, change);
            return false;
        });
        const MoveChoice best = moves.best(0, random);
        CHECK(best.change == Approx(least).margin(1e-4));
        descents += best.change < -0.1 ? 1 : 0;
    }
    CHECK(descents > 20);
}
