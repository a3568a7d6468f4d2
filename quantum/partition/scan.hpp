#pragma once

// Scan partitioning (QGo: Wu et al., arXiv:2012.09835): of all connected groups of k qubits take
// the one whose next block holds most multi-qubit gates, cut that block off, repeat. Slower than
// the quick sweep and usually with fewer, fuller blocks.

#include "quantum/base/status.hpp"
#include "quantum/partition/items.hpp"

namespace quercus::partition {

struct ScanOptions {
    int block_size = 3;     // most qubits of a block, 1..6
    bool backward = false;  // start from the end of the circuit
};

// The same promises as quick_partition. A group is scored anew only after one of its qubits was
// used. INVALID_ARGUMENT for a block size out of range; RESOURCE_EXHAUSTED above kMaxScanGroups
// connected groups of that size, or when groups * operations exceeds kMaxScanWork (about a second).
inline constexpr std::size_t kMaxScanGroups = 20000;
inline constexpr std::size_t kMaxScanWork = 100'000'000;
[[nodiscard]] Result<Partition> scan_partition(const Circuit& circuit, const ScanOptions& options);
// The same, not folded yet.
[[nodiscard]] Result<std::vector<Group>> scan_groups(const Circuit& circuit,
                                                     const ScanOptions& options);

}  // namespace quercus::partition
