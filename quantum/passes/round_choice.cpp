#include "quantum/passes/round_choice.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "quantum/partition/quick.hpp"
#include "quantum/partition/scan.hpp"
#include "quantum/passes/block_codec.hpp"
#include "quantum/passes/block_core.hpp"

namespace quercus::passes {

namespace {

using partition::Partition;
using partition::Preference;

struct Choice {
    Partition partition;
    std::vector<CompilePlan::Use> uses;
    std::vector<Bytes> blocks;
    double gain = 0;  // predicted, in no particular unit
};

// Gains grow faster than the gate count of a block: one full block is worth more than two halves.
// Two cx on three qubits, and whatever KAK left on two, cannot become fewer.
double predicted_gain(const BlockCore& core) {
    constexpr double kConvexity = 1.3;
    return core.width < 3 || core.two_qubit < 3
               ? 0
               : std::pow(static_cast<double>(core.two_qubit) - 2, kConvexity);
}

Choice evaluate(Partition partition, const CompilePlan& plan) {
    Choice choice;
    std::map<Bytes, std::size_t> known;
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
        const BlockInput input{core.core, plan.options.threshold,
                               static_cast<std::uint8_t>(plan.options.level)};
        Bytes bytes = to_bytes(input);
        if (plan.settled.contains(digest_of(bytes))) {
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

std::vector<partition::QuickOptions> quick_variants(int block_size) {
    std::vector<partition::QuickOptions> variants;
    for (const bool backward : {false, true}) {
        for (const Preference preference :
             {Preference::kHeavy, Preference::kLight, Preference::kRecent}) {
            variants.push_back({block_size, backward, preference, 0});
        }
    }
    return variants;
}

}  // namespace

Result<CompilePlan> choose_round(CompilePlan plan) {
    std::optional<Choice> best;
    const auto consider = [&](Partition partition) {
        Choice choice = evaluate(std::move(partition), plan);
        if (!best || choice.gain > best->gain) {
            best = std::move(choice);
        }
    };
    const int size = plan.options.block_size;
    for (const bool backward : {false, true}) {
        // Refused for circuits with very many groups of qubits: the quick ones remain.
        if (auto scanned = partition::scan_partition(plan.working, {size, backward})) {
            consider(std::move(*scanned));
        }
    }
    for (const partition::QuickOptions& variant : quick_variants(size)) {
        auto swept = partition::quick_partition(plan.working, variant);
        if (!swept) {
            return swept.error();
        }
        consider(std::move(*swept));
    }
    plan.partition = std::move(best->partition);
    plan.uses = std::move(best->uses);
    plan.blocks = std::move(best->blocks);
    return plan;
}

}  // namespace quercus::passes
