#pragma once

// What a partitioner has to look at: a stretch of a circuit without its one-qubit gates, which go
// where their neighbours go.

#include "quantum/partition/items.hpp"

namespace quercus::partition {

class Skeleton {
 public:
    // Of operations [first, end) of `circuit`. Time and memory O(end - first) but for the sorting
    // of its qubits.
    Skeleton(const Circuit& circuit, std::uint32_t first, std::uint32_t end);

    // The stretch without one-qubit gates, fences included; qubits as in segment_of.
    [[nodiscard]] const Circuit& circuit() const { return bones_; }
    // Groups of circuit(), in a topological order, as groups of the whole circuit in such an order:
    // a one-qubit gate goes with the operation that follows on its qubit, else with the last one.
    // Beside a fence or an operation wider than `block_size`, and where there is nothing else, it
    // is a group by itself.
    [[nodiscard]] std::vector<Group> whole(const std::vector<Group>& groups, int block_size) const;

 private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    struct Range {
        std::uint32_t first = 0, end = 0;  // in gates_
    };
    // The one-qubit gates behind the last bone on a qubit.
    struct Waiting {
        std::uint32_t behind = kNone;
        std::vector<std::uint32_t> gates;
    };
    struct Tail {
        std::uint32_t bone = kNone;
        Range gates;
    };
    // Moves them to the end of gates_, whose size it returns.
    std::uint32_t take(Waiting& from);

    Circuit bones_;
    std::vector<std::uint32_t> index_;  // of each bone in the whole circuit
    std::vector<std::uint32_t> gates_;  // one-qubit gates, by what they go with
    std::vector<Range> before_;         // by bone
    std::vector<Tail> tails_;           // by qubit
};

}  // namespace quercus::partition
