#include <algorithm>
#include <cmath>
#include <optional>

#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/block_codec.hpp"
#include "quantum/passes/cancel_two_qubit.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/fold_two_qubit.hpp"
#include "quantum/passes/merge_one_qubit.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/passes/round_choice.hpp"

namespace quercus::passes {

using circuit::Gate;

namespace {

// What the arithmetic of one pass may add to delta for one operation: a few roundings of a 2x2
// product and its angles.
constexpr double kRoundingPerOperation = 2e-15;

Status check_options(const CompileOptions& options) {
    if (options.level != 1) {
        return invalid_argument("level " + std::to_string(options.level) +
                                " is not available, only 1 (--level)");
    }
    if (options.block_size < 2 || options.block_size > 4) {
        return invalid_argument("block size " + std::to_string(options.block_size) +
                                " is outside 2..4 (--block-size)");
    }
    if (!(options.threshold > 0 && options.threshold < 1)) {
        return invalid_argument("threshold " + std::to_string(options.threshold) +
                                " is outside (0, 1) (--threshold)");
    }
    if (options.max_rounds < 1 || options.max_rounds > 64) {
        return invalid_argument("max_rounds " + std::to_string(options.max_rounds) +
                                " is outside 1..64 (--max-rounds)");
    }
    return Status::ok();
}

std::uint64_t count_cx(const std::vector<Operation>& operations) {
    return static_cast<std::uint64_t>(
        std::count_if(operations.begin(), operations.end(),
                      [](const Operation& op) { return op.gate == Gate::kCX; }));
}

Result<CircuitFigures> figures_of(const Circuit& circuit) {
    const auto cost = count_cx_equivalents(circuit);
    if (!cost) {
        return cost.error();
    }
    CircuitFigures figures;
    figures.two_qubit = circuit::count_two_qubit(circuit);
    figures.wider = circuit::count_multi_qubit(circuit);
    figures.cx_equivalents = *cost;
    figures.operations = circuit.operations.size();
    figures.depth = circuit::depth(circuit);
    return figures;
}

// One-qubit gates merged, pairs cancelled, runs on pairs folded, until nothing changes (or nearly).
Result<PassResult> clean_up(Circuit circuit) {
    PassResult out;
    constexpr int kMostTurns = 16;
    bool again = true;
    for (int turn = 0; again && turn < kMostTurns; ++turn) {
        auto merged = merge_one_qubit(circuit);
        auto cancelled = cancel_two_qubit(merged.circuit);
        auto folded = fold_two_qubit(cancelled.circuit);
        if (!folded) {
            return folded.error();
        }
        again = cancelled.changed || folded->changed;
        out.changed = out.changed || merged.changed || again;
        out.delta +=
            folded->delta + kRoundingPerOperation * static_cast<double>(circuit.operations.size());
        circuit = std::move(folded->circuit);
    }
    out.circuit = std::move(circuit);
    return out;
}

// A kernel's answer that is worth taking, with the distance measured here.
struct Answer {
    std::vector<Operation> operations;
    double delta = 0;
};

bool is_better(const std::vector<Operation>& now, const std::vector<Operation>& before) {
    const auto cx_now = count_cx(now);
    const auto cx_before = count_cx(before);
    return cx_now < cx_before || (cx_now == cx_before && now.size() < before.size());
}

bool is_native(const Circuit& circuit) {
    return std::all_of(circuit.operations.begin(), circuit.operations.end(),
                       [](const Operation& op) {
                           return (op.gate == Gate::kCX || op.gate == Gate::kU3) && !op.condition;
                       });
}

Result<std::optional<Answer>> check_answer(BytesView input, BytesView output) {
    if (output.empty()) {
        return std::optional<Answer>();
    }
    const auto asked = block_input_from_bytes(input);
    auto answer = block_output_from_bytes(output);
    if (!asked || !answer) {
        return asked ? answer.error() : asked.error();
    }
    const Circuit& now = answer->circuit;
    if (!answer->improved || !is_native(now) || now.num_qubits() != asked->block.num_qubits() ||
        !is_better(now.operations, asked->block.operations)) {
        return std::optional<Answer>();
    }
    const auto target = circuit::unitary_of(asked->block);
    const auto reached = circuit::unitary_of(now);
    if (!target || !reached) {
        return target ? reached.error() : target.error();
    }
    const double delta = base::phase_invariant_distance(*target, *reached);
    if (!(delta * delta / 2 <= asked->threshold)) {
        return std::optional<Answer>();
    }
    return std::optional(Answer{std::move(answer->circuit.operations), delta});
}

using Answers = std::vector<std::optional<Answer>>;

Result<Answers> check_answers(const CompilePlan& plan, std::span<const BytesView> outputs) {
    Answers answers;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        auto answer = check_answer(plan.blocks[i], outputs[i]);
        if (!answer) {
            return Status(answer.error().code(),
                          "block " + std::to_string(i) + ": " + answer.error().message());
        }
        answers.push_back(std::move(*answer));
    }
    return answers;
}

// Puts the answers into the partition and remembers which inputs need no further run.
CompilePlan put_back(CompilePlan plan, const Answers& answers) {
    for (const CompilePlan::Use& use : plan.uses) {
        if (!answers[use.block]) {
            continue;
        }
        auto& block = std::get<partition::Block>(plan.partition.items[use.item]);
        std::vector<Operation> operations = use.before;
        const auto& core = answers[use.block]->operations;
        operations.insert(operations.end(), core.begin(), core.end());
        operations.insert(operations.end(), use.after.begin(), use.after.end());
        block.circuit.operations = std::move(operations);
        plan.result.delta_bound += answers[use.block]->delta;
    }
    for (const Bytes& block : plan.blocks) {
        plan.settled.insert(digest_of(block));
    }
    plan.result.rounds += 1;
    plan.result.blocks += static_cast<std::uint32_t>(plan.blocks.size());
    plan.result.blocks_better += static_cast<std::uint32_t>(
        std::count_if(answers.begin(), answers.end(), [](const auto& a) { return a.has_value(); }));
    return plan;
}

CompilePlan finish(CompilePlan plan) {
    plan.blocks.clear();
    plan.uses.clear();
    plan.partition = {};
    return plan;
}

}  // namespace

Result<std::uint64_t> count_cx_equivalents(const Circuit& circuit) {
    Circuit unconditional = circuit;
    for (Operation& op : unconditional.operations) {
        op.condition.reset();
    }
    const auto rebased = rebase_to_cx_u3(unconditional);
    if (!rebased) {
        return rebased.error();
    }
    return count_cx(rebased->circuit.operations);
}

Result<CompilePlan> plan_level1(const Circuit& circuit, const CompileOptions& options) {
    if (const Status status = check_options(options); !status.is_ok()) {
        return status;
    }
    if (const Status status = circuit::validate(circuit); !status.is_ok()) {
        return status;
    }
    CompilePlan plan;
    plan.options = options;
    auto before = figures_of(circuit);
    if (!before) {
        return before.error();
    }
    plan.result.before = *before;
    const auto rebased = rebase_to_cx_u3(cancel_two_qubit(circuit).circuit);
    if (!rebased) {
        return rebased.error();
    }
    auto clean = clean_up(rebased->circuit);
    if (!clean) {
        return clean.error();
    }
    plan.result.delta_bound = rebased->delta + clean->delta;
    plan.working = std::move(clean->circuit);
    return choose_round(std::move(plan));
}

Result<CompilePlan> next_round(CompilePlan plan, std::span<const BytesView> outputs) {
    if (outputs.size() != plan.blocks.size()) {
        return invalid_argument("a round of " + std::to_string(plan.blocks.size()) +
                                " blocks got " + std::to_string(outputs.size()) + " outputs");
    }
    if (plan.finished()) {
        return plan;
    }
    auto answers = check_answers(plan, outputs);
    if (!answers) {
        return answers.error();
    }
    const std::uint64_t cx_before = count_cx(plan.working.operations);
    plan = put_back(std::move(plan), *answers);
    auto clean = clean_up(partition::unfold(plan.partition));
    if (!clean) {
        return clean.error();
    }
    plan.result.delta_bound += clean->delta;
    plan.working = std::move(clean->circuit);
    plan.fruitless = count_cx(plan.working.operations) < cx_before ? 0 : plan.fruitless + 1;
    constexpr int kMostFruitless = 2;
    if (plan.fruitless >= kMostFruitless ||
        plan.result.rounds >= static_cast<std::uint32_t>(plan.options.max_rounds)) {
        return finish(std::move(plan));
    }
    return choose_round(std::move(plan));
}

Result<CompileResult> assemble(const CompilePlan& plan) {
    CompileResult result = plan.result;
    result.circuit = plan.working;
    auto after = figures_of(plan.working);
    if (!after) {
        return after.error();
    }
    result.after = *after;
    if (result.after.cx_equivalents > result.before.cx_equivalents) {
        return internal_error("compilation would cost " +
                              std::to_string(result.after.cx_equivalents) + " cx instead of " +
                              std::to_string(result.before.cx_equivalents));
    }
    for (Qubit q = 0; q < plan.working.num_qubits(); ++q) {
        result.initial_mapping.push_back(q);
    }
    result.final_mapping = result.initial_mapping;
    result.distance_bound = std::min(1.0, result.delta_bound * result.delta_bound / 2);
    return result;
}

}  // namespace quercus::passes
