#include "quantum/passes/block_choice.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/partition/scan.hpp"
#include "quantum/passes/block_core.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/kernel_codec.hpp"

namespace quercus::passes {

namespace {

using circuit::Gate;
using partition::Partition;
using partition::Preference;

// Gains grow faster than the gate count of a block: one full block is worth more than two halves.
// Two cx on three qubits, and whatever KAK left on two, cannot become fewer.
double predicted_gain(const BlockCore& core) {
    constexpr double kConvexity = 1.3;
    return core.width < 3 || core.two_qubit < 3
               ? 0
               : std::pow(static_cast<double>(core.two_qubit) - 2, kConvexity);
}

BlockChoice evaluate(Partition partition, const Step& step, const std::set<Digest>& settled) {
    BlockChoice choice;
    std::map<Bytes, std::size_t> known;
    const double threshold = number_of(step, "threshold");
    for (std::size_t i = 0; i < partition.items.size(); ++i) {
        const auto* block = std::get_if<partition::Block>(&partition.items[i]);
        if (block == nullptr) {
            continue;
        }
        BlockCore core = split_core(*block);
        const double gain = predicted_gain(core);
        if (gain <= 0) {
            continue;
        }
        Bytes bytes = to_bytes(BlockInput{core.core, threshold, step.bodies.front()});
        if (settled.contains(digest_of(bytes))) {
            continue;
        }
        const auto [at, is_new] = known.emplace(std::move(bytes), choice.blocks.size());
        if (is_new) {
            choice.blocks.push_back(at->first);
        }
        choice.gain += gain;
        choice.uses.push_back({i, at->second, std::move(core.before),
                               std::move(core.core.operations), std::move(core.after)});
    }
    choice.partition = std::move(partition);
    return choice;
}

std::vector<partition::QuickOptions> quick_variants(int block_size, bool all) {
    std::vector<partition::QuickOptions> variants;
    for (const bool backward : {false, true}) {
        for (const Preference preference :
             {Preference::kHeavy, Preference::kLight, Preference::kRecent}) {
            if (all || variants.empty()) {
                variants.push_back({block_size, backward, preference, 0});
            }
        }
    }
    return variants;
}

// A kernel's answer that is worth taking, with the distance measured here.
struct Answer {
    std::vector<Operation> operations;
    double delta = 0;
};

bool is_cx_u3(const Circuit& circuit) {
    return std::all_of(circuit.operations.begin(), circuit.operations.end(),
                       [](const Operation& op) {
                           return (op.gate == Gate::kCX || op.gate == Gate::kU3) && !op.condition;
                       });
}

Result<std::optional<Answer>> check_answer(BytesView input, BytesView output) {
    if (output.empty()) {
        return std::optional<Answer>();
    }
    const auto decoded = kernel_input_from_bytes(input);
    auto answer = kernel_output_from_bytes(output);
    if (!decoded || !answer) {
        return decoded ? answer.error() : decoded.error();
    }
    const auto& asked = std::get<BlockInput>(*decoded);
    const Circuit& now = answer->circuit;
    if (!answer->improved || !is_cx_u3(now) || now.num_qubits() != asked.block.num_qubits() ||
        cost_of(now) >= cost_of(asked.block)) {
        return std::optional<Answer>();
    }
    const auto target = circuit::unitary_of(asked.block);
    const auto reached = circuit::unitary_of(now);
    if (!target || !reached) {
        return target ? reached.error() : target.error();
    }
    const double delta = base::phase_invariant_distance(*target, *reached);
    if (!(delta * delta / 2 <= asked.threshold)) {
        return std::optional<Answer>();
    }
    return std::optional(Answer{std::move(answer->circuit.operations), delta});
}

}  // namespace

Result<BlockChoice> choose_blocks(const Circuit& circuit, const Step& step,
                                  const std::set<Digest>& settled) {
    std::optional<BlockChoice> best;
    const auto consider = [&](Partition partition) {
        BlockChoice choice = evaluate(std::move(partition), step, settled);
        if (!best || choice.gain > best->gain) {
            best = std::move(choice);
        }
    };
    const int size = static_cast<int>(number_of(step, "size"));
    const std::string kind = choice_of(step, "partition");
    if (kind != "quick") {
        for (const bool backward : {false, true}) {
            // Refused for circuits with very many groups of qubits: the quick ones remain.
            if (auto scanned = partition::scan_partition(circuit, {size, backward})) {
                consider(std::move(*scanned));
            }
        }
    }
    if (kind != "scan" || !best) {
        for (const partition::QuickOptions& variant : quick_variants(size, kind == "best")) {
            auto swept = partition::quick_partition(circuit, variant);
            if (!swept) {
                return swept.error();
            }
            consider(std::move(*swept));
        }
    }
    return std::move(*best);
}

Result<MergedBlocks> merge_answers(const BlockChoice& choice, const std::vector<Bytes>& outputs) {
    MergedBlocks merged;
    std::vector<std::optional<Answer>> answers;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        auto answer = check_answer(choice.blocks[i], outputs[i]);
        if (!answer) {
            return Status(answer.error().code(),
                          "block " + std::to_string(i) + ": " + answer.error().message());
        }
        merged.better += answer->has_value() ? 1 : 0;
        answers.push_back(std::move(*answer));
    }
    partition::Partition partition = choice.partition;
    for (const BlockChoice::Use& use : choice.uses) {
        if (!answers[use.block]) {
            continue;
        }
        std::vector<Operation> operations = use.before;
        const auto& core = answers[use.block]->operations;
        operations.insert(operations.end(), core.begin(), core.end());
        operations.insert(operations.end(), use.after.begin(), use.after.end());
        std::get<partition::Block>(partition.items[use.item]).circuit.operations =
            std::move(operations);
        merged.delta += answers[use.block]->delta;
    }
    merged.circuit = partition::unfold(partition);
    return merged;
}

}  // namespace quercus::passes
