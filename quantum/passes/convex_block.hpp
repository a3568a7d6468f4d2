#pragma once

// Growing a convex block around one operation. Private to this room.

#include <vector>

#include "quantum/partition/items.hpp"

namespace quercus::passes {

// Operations of a circuit that form one convex block on `qubits` (sorted): every operation outside
// can be ordered before or after all of them.
struct ConvexBlock {
    std::vector<circuit::Qubit> qubits;
    std::vector<std::size_t> members;  // ascending indices
    std::size_t anchor = 0;            // outsiders before it go before the block, others after
};

// The largest convex block around operation `anchor` that touches no other qubits.
[[nodiscard]] ConvexBlock grow_block(const std::vector<circuit::Operation>& operations,
                                     std::size_t anchor, std::vector<circuit::Qubit> qubits);

// The block as a circuit of its own: qubit i stands for qubits[i].
[[nodiscard]] partition::Block extract_block(const std::vector<circuit::Operation>& operations,
                                             const ConvexBlock& block);

// The operations with the block's members replaced by `replacement`, which acts on block qubits.
[[nodiscard]] std::vector<circuit::Operation> replace_block(
    const std::vector<circuit::Operation>& operations, const ConvexBlock& block,
    const std::vector<circuit::Operation>& replacement);

}  // namespace quercus::passes
