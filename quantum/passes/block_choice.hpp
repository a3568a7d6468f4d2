#pragma once

// Which blocks a for_each_block works on: how the circuit is cut, which blocks are worth a kernel,
// and how the answers go back.
// Private to this room.

#include <map>

#include "quantum/base/bytes.hpp"
#include "quantum/base/digest.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/budget.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

// Blocks as they stand in the circuit, named with what is run on them, that need no further run,
// and the delta up to which they were approximated.
using BlockKey = std::uint64_t;
using Settled = std::map<BlockKey, double>;
[[nodiscard]] BlockKey key_of(BytesView bytes);

struct BlockChoice {
    partition::Partition partition;  // empty without blocks
    // Where a block goes back to. The kernel sees the core of the item, its rotations aligned (see
    // align_rotations.hpp); an answer takes its place between the one-qubit gates before it, with
    // what was moved there, and after it.
    struct Use {
        std::size_t item = 0;   // index into partition.items, a Block
        std::size_t block = 0;  // index into `blocks`
        BlockKey key = 0;
        double delta = 0;           // of the alignment
        std::vector<Qubit> qubits;  // of the item's block, which the kernel's stand for
        std::vector<Operation> before, after;
    };
    std::vector<Use> uses;
    std::vector<Bytes> blocks;  // one kernel input for each distinct block, in order of first use
    double approximate_to = 0;  // as asked for
};

// `step`: a checked for_each_block; `circuit`: {cx, u3} and fences; `approximate_to`: the delta up
// to which approximations are wanted, 0: none. No blocks where no partition promises a gain.
[[nodiscard]] Result<BlockChoice> choose_blocks(const Circuit& circuit, const Step& step,
                                                const Settled& settled, std::uint32_t turn,
                                                double approximate_to = 0);

// What may be taken.
struct MergeTerms {
    Objective objective;
    double limit = kNoLimit;  // of the deltas together
    double allowance = 0;     // of these, for approximations
};

struct MergedBlocks {
    Circuit circuit;  // empty where no block was replaced
    double delta = 0;
    std::uint32_t better = 0;  // blocks that were replaced, equal ones counted once
    Settled settled;           // the blocks without a better answer
};

// `outputs[i]` answers choice.blocks[i]; an empty one means "no answer". Every answer is checked
// (distance recomputed, cost compared) and its block stays where it is not better. The circuit as a
// whole gets no worse. DATA_LOSS for bytes that are no kernel output.
[[nodiscard]] Result<MergedBlocks> merge_answers(BlockChoice choice,
                                                 const std::vector<Bytes>& outputs,
                                                 const MergeTerms& terms = {});

}  // namespace quercus::passes
