#include "quantum/passes/clean_up.hpp"

#include <algorithm>

#include "quantum/passes/cancel_two_qubit.hpp"
#include "quantum/passes/fold_two_qubit.hpp"
#include "quantum/passes/merge_one_qubit.hpp"

namespace quercus::passes {

namespace {

// What the arithmetic of one pass may add to delta for one operation: a few roundings of a 2x2
// product and its angles.
constexpr double kRoundingPerOperation = 2e-15;
constexpr int kMostTurns = 16;

}  // namespace

Result<PassResult> clean_up(Circuit circuit) {
    PassResult out;
    bool again = true;
    KeptRuns kept;
    for (int turn = 0; again && turn < kMostTurns; ++turn) {
        const auto operations = static_cast<double>(circuit.operations.size());
        auto merged = merge_one_qubit(std::move(circuit));
        auto cancelled = cancel_two_qubit(std::move(merged.circuit));
        auto folded = fold_two_qubit(std::move(cancelled.circuit), kept);
        if (!folded) {
            return folded.error();
        }
        again = cancelled.changed || folded->changed;
        out.changed = out.changed || merged.changed || again;
        out.delta += folded->delta + kRoundingPerOperation * operations;
        circuit = std::move(folded->circuit);
    }
    out.circuit = std::move(circuit);
    return out;
}

std::uint64_t count_cx(const Circuit& circuit) {
    return static_cast<std::uint64_t>(
        std::count_if(circuit.operations.begin(), circuit.operations.end(),
                      [](const Operation& op) { return op.gate == circuit::Gate::kCX; }));
}

}  // namespace quercus::passes
