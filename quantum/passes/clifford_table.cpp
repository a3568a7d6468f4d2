#include "quantum/passes/clifford_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace quercus::passes::detail {

// Per qubit the two smallest of the images of X, Z and Y.
std::uint64_t clifford_key(std::span<const Pauli> x, std::span<const Pauli> z) {
    std::uint64_t key = 0;
    for (std::size_t q = 0; q < x.size(); ++q) {
        const std::uint64_t px = x[q].x | x[q].z << 3, pz = z[q].x | z[q].z << 3;
        std::array<std::uint64_t, 3> images = {px, pz, px ^ pz};
        std::sort(images.begin(), images.end());
        key = key << 12 | images[0] << 6 | images[1];
    }
    return key;
}

namespace {

struct Rows {
    std::array<Pauli, kMostTabledQubits> x, z;
};

// Breadth first from the identity.
CliffordTable make_clifford_table(std::size_t n) {
    Rows identity;
    for (std::size_t q = 0; q < n; ++q) {
        identity.x[q] = {std::uint64_t{1} << q, 0, false};
        identity.z[q] = {0, std::uint64_t{1} << q, false};
    }
    const auto key_of = [n](const Rows& rows) {
        return clifford_key(std::span(rows.x).first(n), std::span(rows.z).first(n));
    };
    CliffordTable table;
    table.reserve(n == kMostTabledQubits ? 6720 : 20);
    table.emplace(key_of(identity), 0);
    std::vector<Rows> shell = {identity};
    for (int distance = 1; !shell.empty(); ++distance) {
        std::vector<Rows> next;
        for (const Rows& rows : shell) {
            for_each_move(n, [&](const Move& move) {
                Rows moved = rows;
                move_rows(std::span(moved.x).first(n), std::span(moved.z).first(n), move);
                if (table.try_emplace(key_of(moved), distance).second) {
                    next.push_back(moved);
                }
                return false;
            });
        }
        shell = std::move(next);
    }
    return table;
}

}  // namespace

const CliffordTable& clifford_table(std::size_t n) {
    static const std::array<CliffordTable, 4> tables = {
        make_clifford_table(0), make_clifford_table(1), make_clifford_table(2),
        make_clifford_table(3)};
    return tables[n];
}

}  // namespace quercus::passes::detail
