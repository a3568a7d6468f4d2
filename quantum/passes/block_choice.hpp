#pragma once

// Which blocks a for_each_block works on: how the circuit is cut, which blocks are worth a kernel.
// Private to this room.

#include <set>

#include "quantum/base/bytes.hpp"
#include "quantum/base/digest.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

struct BlockChoice {
    partition::Partition partition;
    // Where a block goes back to: `core` of the item is replaced, the one-qubit gates before and
    // after it stay.
    struct Use {
        std::size_t item = 0;   // index into partition.items, a Block
        std::size_t block = 0;  // index into `blocks`
        std::vector<Operation> before, core, after;
    };
    std::vector<Use> uses;
    std::vector<Bytes> blocks;  // one kernel input for each distinct block, in order of first use
    double gain = 0;            // predicted, in no particular unit
};

// `step`: a checked for_each_block; `circuit`: {cx, u3} and fences; `settled`: digests of kernel
// inputs that need no further run. No blocks where no partition promises a gain.
[[nodiscard]] Result<BlockChoice> choose_blocks(const Circuit& circuit, const Step& step,
                                                const std::set<Digest>& settled);

}  // namespace quercus::passes
