#pragma once

// Private to this room: the structure of a template as the sequence of unordered qubit pairs. The
// direction of a CX and the order of CX on disjoint pairs do not change what free one-qubit gates
// can reach, so structures are compared in a normal form.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "quantum/synthesis/template.hpp"

namespace quercus::synthesis::detail {

// One byte per CX: 16 * larger qubit + smaller qubit.
using Structure = std::string;

inline char pair_code(const CxPair& cx) {
    const int low = std::min(cx.control, cx.target);
    const int high = std::max(cx.control, cx.target);
    return static_cast<char>(16 * high + low);
}

inline bool disjoint(char a, char b) {
    const int al = a & 15, ah = a >> 4, bl = b & 15, bh = b >> 4;
    return al != bl && al != bh && ah != bl && ah != bh;
}

inline Structure structure_of(const std::vector<CxPair>& sequence) {
    Structure out;
    for (const CxPair& cx : sequence) {
        out.push_back(pair_code(cx));
        for (std::size_t i = out.size() - 1; i > 0; --i) {
            if (!disjoint(out[i - 1], out[i]) || out[i - 1] <= out[i]) {
                break;
            }
            std::swap(out[i - 1], out[i]);
        }
    }
    return out;
}

// Three CX on one pair already reach every two-qubit gate.
inline bool is_redundant(const std::vector<CxPair>& cx) {
    const std::size_t n = cx.size();
    return n >= 4 && cx[n - 1] == cx[n - 2] && cx[n - 2] == cx[n - 3] && cx[n - 3] == cx[n - 4];
}

inline std::vector<CxPair> all_pairs(int num_qubits) {
    std::vector<CxPair> pairs;
    for (int a = 0; a < num_qubits; ++a) {
        for (int b = a + 1; b < num_qubits; ++b) {
            pairs.push_back({static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)});
        }
    }
    return pairs;
}

// All pairs in turn, disjoint pairs next to each other; starting with pair `first`. Of the orders
// tried, these converge most often.
inline Template pairs_in_turn(int qubits, std::size_t count, std::size_t first) {
    static constexpr CxPair kTwo[] = {{0, 1}};
    static constexpr CxPair kThree[] = {{0, 1}, {0, 2}, {1, 2}};
    static constexpr CxPair kFour[] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {0, 3}, {1, 2},
                                       {2, 3}, {0, 1}, {1, 3}, {0, 2}, {1, 2}, {0, 3}};
    Template shape{qubits, {}};
    for (std::size_t i = first; i < first + count; ++i) {
        shape.cx.push_back(qubits == 2 ? kTwo[0] : qubits == 3 ? kThree[i % 3] : kFour[i % 12]);
    }
    return shape;
}

}  // namespace quercus::synthesis::detail
