#include "quantum/passes/block_choice.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "quantum/partition/quick.hpp"
#include "quantum/partition/scan.hpp"
#include "quantum/passes/block_core.hpp"
#include "quantum/passes/kernel_codec.hpp"

namespace quercus::passes {

namespace {

using partition::Partition;
using partition::Preference;

// Gains grow faster than the gate count of a block: one full block is worth more than two halves.
// Two cx on three qubits cannot become fewer, nor what KAK left on two unless it is approximated.
double predicted_gain(const BlockCore& core, bool approximates) {
    constexpr double kConvexity = 1.3;
    if (approximates && core.width == 2 && core.two_qubit >= 2) {
        return 1;
    }
    return core.width < 3 || core.two_qubit < 3
               ? 0
               : std::pow(static_cast<double>(core.two_qubit) - 2, kConvexity);
}

BlockChoice evaluate(Partition partition, const Step& step, const Settled& settled,
                     double approximate_to) {
    BlockChoice choice;
    choice.approximate_to = approximate_to;
    std::map<Bytes, std::size_t> known;
    const double threshold = number_of(step, "threshold");
    for (std::size_t i = 0; i < partition.items.size(); ++i) {
        const auto* block = std::get_if<partition::Block>(&partition.items[i]);
        if (block == nullptr) {
            continue;
        }
        BlockCore core = split_core(*block);
        const double gain = predicted_gain(core, approximate_to > 0);
        if (gain <= 0) {
            continue;
        }
        BlockInput input{core.core, threshold, step.bodies.front()};
        Bytes bytes = to_bytes(input);
        const Digest key = digest_of(bytes);
        if (const auto known_to = settled.find(key);
            known_to != settled.end() && known_to->second >= approximate_to) {
            continue;
        }
        const auto [at, is_new] = known.emplace(std::move(bytes), choice.blocks.size());
        if (is_new) {
            input.approximate_to = approximate_to;
            choice.blocks.push_back(approximate_to > 0 ? to_bytes(input) : at->first);
            choice.keys.push_back(key);
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

}  // namespace

Result<BlockChoice> choose_blocks(const Circuit& circuit, const Step& step, const Settled& settled,
                                  double approximate_to) {
    std::optional<BlockChoice> best;
    const auto consider = [&](Partition partition) {
        BlockChoice choice = evaluate(std::move(partition), step, settled, approximate_to);
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

}  // namespace quercus::passes
