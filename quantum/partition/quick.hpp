#pragma once

// Quick partitioning: one sweep over the operations, each joins a block it may still join or opens
// a new one. After BQSKit's QuickPartitioner; instead of its blocked-qudit sets the order of blocks
// is kept as a graph and a step that would close a cycle is refused, so blocks also merge.

#include "quantum/base/status.hpp"
#include "quantum/partition/items.hpp"

namespace quercus::partition {

// Which block a gate joins when several would take it.
enum class Preference : std::uint8_t {
    kHeavy,  // the one with most multi-qubit gates
    kLight,  // the one with fewest
    kRecent  // the one opened last
};

struct QuickOptions {
    int block_size = 3;     // most qubits of a block, 1..6
    bool backward = false;  // sweep from the end of the circuit
    Preference preference = Preference::kHeavy;
    // A block that holds this many multi-qubit gates takes no further qubit (0: no limit).
    int grow_limit = 0;
};

// Fences (see is_fence) stay single operations, and so do unitary gates wider than a block (rebase
// first to avoid them). The items' concatenation keeps the order of operations on every qubit and
// every classical bit. Deterministic; time O(operations * blocks) at worst, near linear as a rule.
// INVALID_ARGUMENT for a block size out of range. Expects a valid circuit.
[[nodiscard]] Result<Partition> quick_partition(const Circuit& circuit,
                                                const QuickOptions& options);
// The same, not folded yet.
[[nodiscard]] Result<std::vector<Group>> quick_groups(const Circuit& circuit,
                                                      const QuickOptions& options);

}  // namespace quercus::partition
