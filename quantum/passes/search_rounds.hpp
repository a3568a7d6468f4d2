#pragma once

// One round of a distributed local search: which kernels run, and how their answers become the next
// circuit. Long circuits are cut into stretches, whose gains add up; where there are more islands
// than stretches, several search the same one and the best answer wins. Private to this room.

#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/passes/budget.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/pass.hpp"
#include "quantum/passes/pipeline.hpp"

namespace quercus::passes {

class SearchRound {
 public:
    // `step`: a checked local_search; `limit`: of the replacements' deltas together. The circuit
    // must outlive the round.
    SearchRound(const Circuit& circuit, const Step& step, std::uint64_t round,
                const Objective& objective = {}, double limit = kNoLimit);

    [[nodiscard]] const std::vector<Bytes>& inputs() const { return inputs_; }
    // `outputs[i]` answers inputs()[i]; an empty one means "no answer". Answers that are no
    // improvement, that touched a fence or that cost more than the limit are ignored. DATA_LOSS for
    // bytes that are no output.
    [[nodiscard]] Result<PassResult> merge(const std::vector<Bytes>& outputs) const;

 private:
    [[nodiscard]] Circuit stretch(std::size_t i) const;

    const Circuit& circuit_;
    const Objective objective_;
    const double limit_;
    std::size_t islands_ = 1;        // searches of one stretch; the best of them is taken
    std::vector<std::size_t> cuts_;  // stretches are [cuts_[i], cuts_[i + 1])
    std::vector<Bytes> inputs_;
};

}  // namespace quercus::passes
