#pragma once

// One turn of a for_each_segment: which kernels run, and how their answers become the next circuit.
// Private to this room.

#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/budget.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

class SegmentRound {
 public:
    // `step`: a checked for_each_segment; `turn` moves the borders; `limit`: of the deltas
    // together. Segments with a key in `settled`, and those that are no work, are left out. The
    // circuit must outlive the round.
    SegmentRound(const Circuit& circuit, const Step& step, std::uint32_t turn,
                 const Objective& objective, double limit, const Settled& settled);

    // Equal segments once.
    [[nodiscard]] const std::vector<Bytes>& inputs() const { return inputs_; }
    // `outputs[i]` answers inputs()[i]; an empty one means "no answer". DATA_LOSS for bytes that
    // are no output.
    [[nodiscard]] Result<PassResult> merge(const std::vector<Bytes>& outputs);
    // The segments that merge found no better answer for.
    [[nodiscard]] const Settled& settled() const { return settled_; }

 private:
    struct Segment {
        std::uint32_t first = 0, end = 0;  // operations
        std::vector<Qubit> qubits;         // those that the kernel's stand for
        std::size_t input = 0;             // index into inputs_, kNone: it stays as it is
    };
    const Circuit& circuit_;
    const Objective objective_;
    const double limit_;
    std::vector<Segment> segments_;
    std::vector<Bytes> inputs_;
    std::vector<BlockKey> keys_;  // of the inputs
    std::vector<Circuit> asked_;  // their circuits
    Settled settled_;
};

}  // namespace quercus::passes
