#include "quantum/passes/segment_round.hpp"

#include <bit>
#include <map>

#include "quantum/circuit/qubit_order.hpp"
#include "quantum/partition/segments.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/stretch_check.hpp"

namespace quercus::passes {

SegmentRound::SegmentRound(const Circuit& circuit, const Step& step, std::uint32_t turn,
                           const Objective& objective, double limit, const Settled& settled)
    : circuit_(circuit), objective_(objective), limit_(limit) {
    const auto size = static_cast<std::uint32_t>(number_of(step, "size"));
    const auto ends = partition::segment_ends(circuit, {turn, size, size});
    SegmentInput input;
    input.body = step.bodies.front();
    // A few segments more or less, by an edit, do not change the share of each.
    const auto shares = static_cast<double>(std::bit_ceil(ends.size()));
    input.most_delta = limit == kNoLimit ? limit : coarse(limit / shares);
    input.objective = objective;
    input.is_spread = choice_of(step, "tasks") == "blocks";
    std::map<Bytes, std::size_t> known;
    std::uint32_t first = 0;
    for (const std::uint32_t end : ends) {
        Segment segment{first, end, {}, kNone};
        partition::Block block = partition::segment_of(circuit, first, end);
        first = end;
        if (count_cx(block.circuit) < 2) {
            segments_.push_back(std::move(segment));
            continue;
        }
        for (const Qubit q : name_by_first_use(block.circuit)) {
            segment.qubits.push_back(block.qubits[q]);
        }
        input.circuit = std::move(block.circuit);
        Bytes bytes = to_bytes(input);
        const BlockKey key = key_of(bytes);
        if (settled.count(key) == 0) {
            const auto [at, is_new] = known.emplace(std::move(bytes), inputs_.size());
            if (is_new) {
                inputs_.push_back(at->first);
                keys_.push_back(key);
                asked_.push_back(std::move(input.circuit));
            }
            segment.input = at->second;
        }
        segments_.push_back(std::move(segment));
    }
}

Result<PassResult> SegmentRound::merge(const std::vector<Bytes>& outputs) {
    std::vector<std::optional<KernelOutput>> answers;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        auto answer = check_stretch(asked_[i], outputs[i]);
        if (!answer) {
            return answer.error();
        }
        if (answer->has_value() &&
            cost_of((*answer)->circuit, objective_) > cost_of(asked_[i], objective_)) {
            answer->reset();
        }
        if (!answer->has_value()) {
            settled_[keys_[i]] = 0;
        }
        answers.push_back(std::move(*answer));
    }
    PassResult merged;
    merged.circuit.qregs = circuit_.qregs;
    merged.circuit.cregs = circuit_.cregs;
    auto& into = merged.circuit.operations;
    into.reserve(circuit_.operations.size());
    for (const Segment& segment : segments_) {
        const bool has_answer = segment.input != kNone && answers[segment.input].has_value();
        if (!has_answer || merged.delta + answers[segment.input]->delta > limit_) {
            into.insert(into.end(), circuit_.operations.begin() + segment.first,
                        circuit_.operations.begin() + segment.end);
            continue;
        }
        const KernelOutput& answer = *answers[segment.input];
        for (Operation op : answer.circuit.operations) {
            for (Qubit& q : op.qubits) {
                q = segment.qubits[q];
            }
            into.push_back(std::move(op));
        }
        merged.delta += answer.delta;
        merged.changed = true;
    }
    return merged;
}

}  // namespace quercus::passes
