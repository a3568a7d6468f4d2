#include "quantum/passes/search_rounds.hpp"

#include <algorithm>
#include <cmath>

#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/stretch_check.hpp"

namespace quercus::passes {

namespace {

// A circuit with more CX than this is searched in stretches of about as many.
constexpr std::uint64_t kStretchCx = 150;

}  // namespace

SearchRound::SearchRound(const Circuit& circuit, const Step& step, std::uint64_t round,
                         const Objective& objective, double limit)
    : circuit_(circuit), objective_(objective), limit_(limit) {
    const std::uint64_t cx = count_cx(circuit);
    if (cx < 2) {
        return;
    }
    const auto islands = static_cast<std::uint64_t>(number_of(step, "islands"));
    const std::uint64_t stretches = (cx + kStretchCx - 1) / kStretchCx;
    // Every stretch is searched equally often, and no worker is left over.
    islands_ = (islands + stretches - 1) / stretches;
    const std::size_t size = circuit.operations.size();
    cuts_ = {0};
    for (std::uint64_t i = 1; i < stretches; ++i) {
        // Odd rounds cut in the middle of the even rounds' stretches.
        const std::uint64_t halves = 2 * i - (round % 2);
        cuts_.push_back(size * halves / (2 * stretches));
    }
    cuts_.push_back(size);
    SearchInput input;
    input.threshold = number_of(step, "threshold");
    input.block_size = static_cast<int>(number_of(step, "size"));
    input.round = round;
    input.iterations = static_cast<std::uint64_t>(number_of(step, "iterations"));
    input.sweeps = static_cast<std::uint64_t>(number_of(step, "sweeps"));
    input.objective = objective;
    const double most_delta = limit / static_cast<double>(stretches);
    // A limit out of reach is none: the search is then the one without a budget.
    const bool is_out_of_reach =
        number_of(step, "seconds") == 0 &&
        static_cast<double>(input.iterations) * std::sqrt(2 * input.threshold) < most_delta;
    input.most_delta = is_out_of_reach ? kNoLimit : most_delta;
    const std::uint64_t kernels = stretches * islands_;
    input.seconds = number_of(step, "seconds") * static_cast<double>(islands) /
                    static_cast<double>(std::max(kernels, islands));
    for (input.island = 0; input.island < kernels; ++input.island) {
        input.circuit = stretch(input.island / islands_);
        inputs_.push_back(to_bytes(input));
    }
}

Circuit SearchRound::stretch(std::size_t i) const {
    Circuit part;
    part.qregs = circuit_.qregs;
    part.cregs = circuit_.cregs;
    part.operations.assign(circuit_.operations.begin() + static_cast<std::ptrdiff_t>(cuts_[i]),
                           circuit_.operations.begin() + static_cast<std::ptrdiff_t>(cuts_[i + 1]));
    return part;
}

Result<PassResult> SearchRound::merge(const std::vector<Bytes>& outputs) const {
    PassResult merged;
    merged.circuit.qregs = circuit_.qregs;
    merged.circuit.cregs = circuit_.cregs;
    for (std::size_t first = 0; first < outputs.size(); first += islands_) {
        Circuit best = stretch(first / islands_);
        const Circuit asked = best;
        double delta = 0;
        bool has_answer = false;
        for (std::size_t i = first; i < first + islands_; ++i) {
            auto answer = check_stretch(asked, outputs[i]);
            if (!answer) {
                return answer.error();
            }
            // As many CX in another arrangement is worth taking too: the walk goes on from there.
            if (answer->has_value() && merged.delta + (*answer)->delta <= limit_ &&
                (!has_answer ||
                 cost_of((*answer)->circuit, objective_) < cost_of(best, objective_))) {
                has_answer = true;
                best = std::move((*answer)->circuit);
                delta = (*answer)->delta;
            }
        }
        merged.circuit.operations.insert(merged.circuit.operations.end(), best.operations.begin(),
                                         best.operations.end());
        merged.delta += delta;
        merged.changed = merged.changed || has_answer;
    }
    if (!merged.changed) {
        return merged;
    }
    auto clean = clean_up(std::move(merged.circuit));
    if (!clean) {
        return clean.error();
    }
    clean->changed = true;
    clean->delta += merged.delta;
    return clean;
}

}  // namespace quercus::passes
