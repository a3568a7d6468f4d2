#pragma once

// Groups of operations of a circuit, kept acyclic while they grow: the bookkeeping under the
// partitioners. Every operation belongs to one group; group A precedes B when some operation of A
// comes before one of B on a common qubit or classical bit.

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "quantum/partition/items.hpp"

namespace quercus::partition {

class DependencyGroups {
 public:
    using Id = std::uint32_t;
    static constexpr Id kNone = ~Id{0};

    DependencyGroups(std::uint32_t num_qubits, std::uint32_t num_clbits);

    // The group of the latest operation on a qubit, or kNone.
    [[nodiscard]] Id latest(Qubit q) const;
    [[nodiscard]] bool is_closed(Id id) const { return groups_[id].closed; }
    [[nodiscard]] std::span<const Qubit> qubits(Id id) const { return groups_[id].qubits; }
    // How many operations on two or more qubits a group holds.
    [[nodiscard]] std::uint32_t weight(Id id) const { return groups_[id].weight; }
    // Number of distinct qubits of a group and some more.
    [[nodiscard]] std::size_t width_with(Id id, std::span<const Qubit> more) const;

    // Whether an operation on `qubits` can become the last one of group `id` without a cycle.
    [[nodiscard]] bool can_append(Id id, std::span<const Qubit> qubits);
    void append(Id id, std::uint32_t index, std::span<const Qubit> qubits);
    // Whether two groups can become one without a cycle.
    [[nodiscard]] bool can_merge(Id a, Id b);
    // Afterwards both ids mean the merged group, which is returned.
    Id merge(Id a, Id b);
    // A new group of one operation; a closed group takes no more.
    Id open(std::uint32_t index, std::span<const Qubit> qubits,
            std::span<const circuit::Clbit> clbits, bool closed);

    // The groups' operation indices, each ascending, groups in a topological order that prefers
    // the smallest first operation.
    [[nodiscard]] std::vector<std::vector<std::uint32_t>> in_order() const;

 private:
    struct Group {
        std::vector<std::uint32_t> operations;
        boost::container::small_vector<Qubit, 4> qubits;
        boost::container::small_vector<Id, 4> successors;
        std::uint32_t weight = 0;
        bool closed = false;
    };
    [[nodiscard]] Id find(Id id) const;
    // A path from `from` to `to`; with `indirect`, one that has a group in between. Also true when
    // the search was given up.
    [[nodiscard]] bool reaches(Id from, Id to, bool indirect);
    void succeed(Id before, Id after);

    std::vector<Group> groups_;
    mutable std::vector<Id> alias_;  // union-find parents
    std::vector<Id> latest_;         // per qubit
    std::vector<Id> latest_clbit_;
    std::vector<std::uint32_t> visited_;
    std::vector<Id> stack_;  // of a search
    std::uint32_t stamp_ = 0;
};

}  // namespace quercus::partition
