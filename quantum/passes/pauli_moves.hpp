#pragma once

// Private to this room: the two-qubit moves of Pauli network synthesis and what they do to weights.

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "quantum/passes/pauli_network.hpp"

namespace quercus::passes::detail {

// Local Paulis are coded x + 2 z: 1 = X, 2 = Z, 3 = Y; a pair's type is code(a) + 4 code(b).
inline int code(const Pauli& p, std::size_t q) {
    return static_cast<int>((p.x >> q) & 1) + 2 * static_cast<int>((p.z >> q) & 1);
}
inline std::uint64_t support(const Pauli& p) {
    return p.x | p.z;
}
inline int weight(const Pauli& p) {
    return std::popcount(p.x | p.z);
}
inline bool anticommute(const Pauli& p, const Pauli& q) {
    return (std::popcount((p.x & q.z) ^ (p.z & q.x)) & 1) != 0;
}

// The controlled Pauli exp(i pi/4 (1 - A_a)(1 - B_b)): a cx up to one-qubit Cliffords.
struct Move {
    std::size_t a = 0;
    std::size_t b = 0;
    int axis_a = 1;  // codes, 1..3
    int axis_b = 1;
};
inline constexpr std::size_t kMovesPerPair = 9;
// Number m in 0..8 of the moves on a pair.
inline Move pair_move(std::size_t a, std::size_t b, std::size_t m) {
    return {a, b, static_cast<int>(m / 3) + 1, static_cast<int>(m % 3) + 1};
}

// Calls function(move) for all moves on n qubits until it returns true.
template <class Function>
void for_each_move(std::size_t n, Function&& function) {
    for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = a + 1; b < n; ++b) {
            for (std::size_t m = 0; m < kMovesPerPair; ++m) {
                if (function(pair_move(a, b, m))) {
                    return;
                }
            }
        }
    }
}

// 1 + 1/2 + ... + 1/w: as good as a logarithm, and the same bits with every C library.
inline constexpr auto kHarmonic = [] {
    std::array<double, 4 * kMostNetworkQubits + 2> t{};
    for (std::size_t i = 1; i < t.size(); ++i) {
        t[i] = t[i - 1] + 1.0 / static_cast<double>(i);
    }
    return t;
}();
constexpr double harmonic(int w) {
    return kHarmonic[static_cast<std::size_t>(w)];
}

constexpr bool differ(int p, int q) {
    return p != 0 && q != 0 && p != q;
}

// What a move makes of a pair's type.
constexpr int moved_type(int type, int axis_a, int axis_b) {
    const int pa = type & 3, pb = type >> 2;
    return (differ(pb, axis_b) ? pa ^ axis_a : pa) + 4 * (differ(pa, axis_a) ? pb ^ axis_b : pb);
}

constexpr int pair_weight(int type) {
    return ((type & 3) != 0 ? 1 : 0) + ((type >> 2) != 0 ? 1 : 0);
}

// [move][type]: change of the weight, -1..1.
inline constexpr auto kWeightChanges = [] {
    std::array<std::array<int, 16>, kMovesPerPair> t{};
    for (int m = 0; m < 9; ++m) {
        for (int type = 0; type < 16; ++type) {
            t[static_cast<std::size_t>(m)][static_cast<std::size_t>(type)] =
                pair_weight(moved_type(type, m / 3 + 1, m % 3 + 1)) - pair_weight(type);
        }
    }
    return t;
}();

// Rank of the 2x2 block of the codes of the images of X and Z.
constexpr int block_rank(int x, int z) {
    return (x | z) == 0 ? 0 : differ(x, z) ? 2 : 1;
}

// What the moves on a pair do to the ranks of one row, by type of the image of X + 16 type of that
// of Z: padded to whole vectors.
struct RankChanges {
    std::array<std::int16_t, 16> a{}, b{};  // [move], -1..1
    std::array<std::uint8_t, 16> sum{};     // [move]: a + b + kMostRankChange
    bool any = false;                       // not all zero
};
inline constexpr int kMostRankChange = 2;  // of both together
inline constexpr auto kRankChanges = [] {
    std::array<RankChanges, 256> t{};
    for (int types = 0; types < 256; ++types) {
        const int x = types & 15, z = types >> 4;
        RankChanges& row = t[static_cast<std::size_t>(types)];
        for (int m = 0; m < 9; ++m) {
            const int mx = moved_type(x, m / 3 + 1, m % 3 + 1);
            const int mz = moved_type(z, m / 3 + 1, m % 3 + 1);
            const int a = block_rank(mx & 3, mz & 3) - block_rank(x & 3, z & 3);
            const int b = block_rank(mx >> 2, mz >> 2) - block_rank(x >> 2, z >> 2);
            const auto move = static_cast<std::size_t>(m);
            row.a[move] = static_cast<std::int16_t>(a);
            row.b[move] = static_cast<std::int16_t>(b);
            row.sum[move] = static_cast<std::uint8_t>(a + b + kMostRankChange);
            row.any = row.any || a != 0 || b != 0;
        }
    }
    return t;
}();

// [move][type]: the bits of the type that change.
inline constexpr auto kTypeChanges = [] {
    std::array<std::array<int, 16>, kMovesPerPair> t{};
    for (int m = 0; m < 9; ++m) {
        for (int type = 0; type < 16; ++type) {
            t[static_cast<std::size_t>(m)][static_cast<std::size_t>(type)] =
                moved_type(type, m / 3 + 1, m % 3 + 1) ^ type;
        }
    }
    return t;
}();

// Signs aside.
inline void move_pauli(Pauli& p, const Move& move) {
    const int type = code(p, move.a) + 4 * code(p, move.b);
    const int to = kTypeChanges[static_cast<std::size_t>(3 * move.axis_a + move.axis_b - 4)]
                               [static_cast<std::size_t>(type)];
    p.x ^= (static_cast<std::uint64_t>(to & 1) << move.a) |
           (static_cast<std::uint64_t>((to >> 2) & 1) << move.b);
    p.z ^= (static_cast<std::uint64_t>((to >> 1) & 1) << move.a) |
           (static_cast<std::uint64_t>((to >> 3) & 1) << move.b);
}

inline void move_rows(std::span<Pauli> x, std::span<Pauli> z, const Move& move) {
    for (std::size_t q = 0; q < x.size(); ++q) {
        move_pauli(x[q], move);
        move_pauli(z[q], move);
    }
}

}  // namespace quercus::passes::detail
