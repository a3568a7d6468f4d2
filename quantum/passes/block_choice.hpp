#pragma once

// Which blocks a for_each_block works on: how the circuit is cut, which blocks are worth a kernel,
// and how the answers go back.
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

struct MergedBlocks {
    Circuit circuit;
    double delta = 0;
    std::uint32_t better = 0;  // answers that were taken
};

// `outputs[i]` answers choice.blocks[i]; an empty one means "no answer". Every answer is checked
// (distance recomputed, cost compared) and its block stays where it is not better. DATA_LOSS for
// bytes that are no kernel output.
[[nodiscard]] Result<MergedBlocks> merge_answers(const BlockChoice& choice,
                                                 const std::vector<Bytes>& outputs);

}  // namespace quercus::passes
