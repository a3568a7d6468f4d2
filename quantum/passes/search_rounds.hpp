#pragma once

// One round of a distributed local search: which kernels run, and how their answers become the next
// circuit. Short circuits go to every island whole and the best answer wins; long ones are cut into
// stretches, each searched by one kernel, so that all gains add up. Private to this room.

#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

class SearchRound {
 public:
    // `step`: a checked local_search; the circuit must outlive the round.
    SearchRound(const Circuit& circuit, const Step& step, std::uint64_t round);

    [[nodiscard]] const std::vector<Bytes>& inputs() const { return inputs_; }
    // `outputs[i]` answers inputs()[i]; an empty one means "no answer". Answers that are no
    // improvement, or that touched a fence, are ignored. DATA_LOSS for bytes that are no output.
    [[nodiscard]] Result<PassResult> merge(const std::vector<Bytes>& outputs) const;

 private:
    [[nodiscard]] Circuit stretch(std::size_t i) const;

    const Circuit& circuit_;
    std::vector<std::size_t> cuts_;  // stretches are [cuts_[i], cuts_[i + 1])
    std::vector<Bytes> inputs_;
};

}  // namespace quercus::passes
