// The interpreter of pipelines: one coroutine per list of passes, which awaits kernels.

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <optional>

#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/budget.hpp"
#include "quantum/passes/circuit_passes.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/script.hpp"
#include "quantum/passes/search_rounds.hpp"

namespace quercus::passes {

namespace {

// What the passes still to come may add by rounding, for one operation.
constexpr double kRoundingReserve = 1e-12;
// With an error budget and a machine: left over for placing.
constexpr double kPlacingReserve = 0.05;
// Placements of which the best is taken where more than the two-qubit count decides.
constexpr std::uint64_t kPlacements = 4;

// One line of execution: the circuit and what was found out on the way to it.
struct Line {
    Exchange exchange;
    Circuit circuit;
    double delta = 0;
    std::uint32_t rounds = 0;
    std::uint32_t blocks = 0;
    std::uint32_t blocks_better = 0;
    Settled settled;
    double allowed = kNoLimit;  // of delta

    // What may still be added to delta.
    [[nodiscard]] double left() const {
        const double reserve = kRoundingReserve * static_cast<double>(circuit.operations.size());
        return std::max(0.0, allowed - delta - reserve);
    }
    void settle(const Settled& more) {
        for (const auto& [key, up_to] : more) {
            double& known = settled.emplace(key, up_to).first->second;
            known = std::max(known, up_to);
        }
    }
};

}  // namespace

struct Compilation::State {
    Pipeline pipeline;
    CompileResult result;  // figures of the input
    Line line;
    TargetSpec target;
    Objective objective;
    std::string stage;
    std::optional<Script<Status>> script;

    Script<Status> run_all();
    Script<Status> place(Line& line);
    [[nodiscard]] Result<bool> is_welcome(const Line& line, const Step& step,
                                          const PassResult& next) const;
    Script<Status> run(Line& line, const Steps& steps);
    Script<Status> step(Line& line, const Step& step);
    Script<Status> for_each_block(Line& line, const Step& step);
    Script<Status> while_changes(Line& line, const Step& step);
    Script<Status> choose(Line& line, const Step& step);
    Script<Status> pick_best(Line& line, const Step& step);
    Script<Status> local_search(Line& line, const Step& step);
};

Script<Status> Compilation::State::run_all() {
    Status status = co_await run(line, pipeline.steps);
    if (status.is_ok() && !target.empty()) {
        status = co_await place(line);
    }
    co_return status;
}

// The last step: onto the machine and into its gates.
Script<Status> Compilation::State::place(Line& at) {
    stage = target.machine.empty() ? "rebasing to the gate set" : "placing on the machine";
    std::vector<Bytes> inputs;
    const bool has_choice = objective.optimize != Optimize::kTwoQubit && !target.machine.empty();
    for (std::uint64_t trial = 0; trial < (has_choice ? kPlacements : 1); ++trial) {
        inputs.push_back(to_bytes(PlaceInput{at.circuit, target, trial}));
    }
    const std::vector<Bytes> outputs = co_await at.exchange.run(std::move(inputs));
    std::vector<Placed> all;
    for (const Bytes& output : outputs) {
        auto placed = placed_from_bytes(output);
        if (!placed) {
            co_return placed.error();
        }
        all.push_back(std::move(*placed));
    }
    const auto best = best_placed(all, target, objective);
    if (!best) {
        co_return best.error();
    }
    Placed& placed = all[*best];
    at.rounds += 1;
    at.circuit = std::move(placed.circuit);
    at.delta += placed.delta;
    result.initial_mapping = std::move(placed.initial_mapping);
    result.final_mapping = std::move(placed.final_mapping);
    co_return Status::ok();
}

Script<Status> Compilation::State::run(Line& at, const Steps& steps) {
    for (const Step& one : steps) {
        Status status = co_await step(at, one);
        if (!status.is_ok()) {
            co_return status;
        }
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::step(Line& at, const Step& one) {
    stage = one.pass;
    if (one.pass == "for_each_block") {
        co_return co_await for_each_block(at, one);
    }
    if (one.pass == "while_changes") {
        co_return co_await while_changes(at, one);
    }
    if (one.pass == "if") {
        co_return co_await choose(at, one);
    }
    if (one.pass == "parallel_pick_best") {
        co_return co_await pick_best(at, one);
    }
    if (one.pass == "local_search") {
        co_return co_await local_search(at, one);
    }
    auto done = run_circuit_pass(at.circuit, one);
    if (!done) {
        co_return done.error();
    }
    const auto welcome = is_welcome(at, one, *done);
    if (!welcome) {
        co_return welcome.error();
    }
    if (*welcome) {
        at.circuit = std::move(done->circuit);
        at.delta += done->delta;
    }
    co_return Status::ok();
}

// Circuit passes look at counts alone: the circuit stays as it is where they make it deeper, or
// add more to delta than is left. The rebase is what all others build on.
Result<bool> Compilation::State::is_welcome(const Line& at, const Step& one,
                                            const PassResult& next) const {
    const bool is_free = at.allowed == kNoLimit && objective.optimize == Optimize::kTwoQubit;
    if (is_free || one.pass == "rebase_cx_u3") {
        return true;
    }
    if (next.delta > at.left()) {
        return false;
    }
    if (objective.optimize == Optimize::kTwoQubit) {
        return true;
    }
    const auto before = full_cost_of(at.circuit, objective);
    const auto after = full_cost_of(next.circuit, objective);
    if (!before || !after) {
        return before ? after.error() : before.error();
    }
    return *after <= *before;
}

Script<Status> Compilation::State::for_each_block(Line& at, const Step& one) {
    constexpr double kMostDelta = 0.99;  // at 1 a block says nothing any more
    const bool has_budget = at.allowed != kNoLimit;
    const double allowance = has_budget ? number_of(one, "spend") * at.left() : 0;
    const MergeTerms terms{objective, at.left(), allowance};
    auto choice = choose_blocks(at.circuit, one, at.settled, std::min(allowance, kMostDelta));
    if (!choice) {
        co_return choice.error();
    }
    if (choice->blocks.empty()) {
        co_return Status::ok();
    }
    stage = one.pass + ": " + std::to_string(choice->blocks.size()) + " blocks";
    const std::vector<Bytes> outputs = co_await at.exchange.run(choice->blocks);
    auto merged = merge_answers(*choice, outputs, terms);
    if (!merged) {
        co_return merged.error();
    }
    at.settle(merged->settled);
    at.circuit = std::move(merged->circuit);
    at.delta += merged->delta;
    at.rounds += 1;
    at.blocks += static_cast<std::uint32_t>(choice->blocks.size());
    at.blocks_better += merged->better;
    co_return Status::ok();
}

Script<Status> Compilation::State::while_changes(Line& at, const Step& one) {
    const int most = static_cast<int>(number_of(one, "max_rounds"));
    const int patience = static_cast<int>(number_of(one, "patience"));
    int fruitless = 0;
    for (int round = 0; round < most && fruitless < patience; ++round) {
        const auto before = full_cost_of(at.circuit, objective);
        const std::uint32_t kernels = at.rounds;
        Status status = co_await run(at, one.bodies.front());
        const auto after = full_cost_of(at.circuit, objective);
        if (!status.is_ok() || !before || !after) {
            co_return !status.is_ok() ? status : before ? after.error() : before.error();
        }
        const bool gained = after->first() < before->first();
        fruitless = gained ? 0 : fruitless + 1;
        if (!gained && *after == *before && at.rounds == kernels) {
            break;  // nothing was tried: the next turn would be the same
        }
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::choose(Line& at, const Step& one) {
    const std::string condition = choice_of(one, "condition");
    const double value = number_of(one, "value");
    const auto count = count_cx_equivalents(at.circuit);
    if (!count) {
        co_return count.error();
    }
    const auto two_qubit = static_cast<double>(*count);
    const bool holds = condition == "qubits_at_most"      ? at.circuit.num_qubits() <= value
                       : condition == "two_qubit_at_most" ? two_qubit <= value
                                                          : two_qubit >= value;
    const std::size_t body = holds ? 0 : 1;
    if (body < one.bodies.size()) {
        co_return co_await run(at, one.bodies[body]);
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::pick_best(Line& at, const Step& one) {
    std::vector<std::unique_ptr<Line>> lines;
    std::vector<Script<Status>> scripts;
    for (const Steps& body : one.bodies) {
        auto line_of_body = std::make_unique<Line>();
        line_of_body->circuit = at.circuit;
        line_of_body->delta = at.delta;
        line_of_body->settled = at.settled;
        line_of_body->allowed = at.allowed;
        scripts.push_back(run(*line_of_body, body));
        lines.push_back(std::move(line_of_body));
        scripts.back().start();
    }
    for (;;) {
        // What several branches want is computed once.
        std::vector<Bytes> inputs;
        std::map<Bytes, std::size_t> places;
        for (const auto& branch : lines) {
            for (const Bytes& input : branch->exchange.wanted()) {
                if (places.emplace(input, inputs.size()).second) {
                    inputs.push_back(input);
                }
            }
        }
        if (inputs.empty()) {
            break;
        }
        const std::vector<Bytes> outputs = co_await at.exchange.run(std::move(inputs));
        for (const auto& branch : lines) {
            std::vector<Bytes> own;
            for (const Bytes& input : branch->exchange.wanted()) {
                own.push_back(outputs[places.at(input)]);
            }
            if (!own.empty()) {
                branch->exchange.answer(std::move(own));
            }
        }
    }
    std::optional<Cost> best;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Status status = scripts[i].get();
        const auto cost = full_cost_of(lines[i]->circuit, objective);
        if (!status.is_ok() || !cost) {
            co_return status.is_ok() ? cost.error() : status;
        }
        at.rounds += lines[i]->rounds;
        at.blocks += lines[i]->blocks;
        at.blocks_better += lines[i]->blocks_better;
        at.settle(lines[i]->settled);
        if (!best || *cost < *best) {
            best = *cost;
            at.circuit = lines[i]->circuit;
            at.delta = lines[i]->delta;
        }
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::local_search(Line& at, const Step& one) {
    const auto rounds = static_cast<std::uint64_t>(number_of(one, "rounds"));
    // The walk may end on an equal circuit with more one-qubit gates.
    Circuit best = at.circuit;
    double best_delta = at.delta;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        SearchRound search(at.circuit, one, round, objective, at.left());
        if (search.inputs().empty()) {
            break;
        }
        stage = "local_search: round " + std::to_string(round + 1) + " of " +
                std::to_string(rounds) + ", " + std::to_string(count_cx(at.circuit)) + " cx";
        std::vector<Bytes> outputs = co_await at.exchange.run(search.inputs());
        auto merged = search.merge(outputs);
        if (!merged) {
            co_return merged.error();
        }
        at.rounds += 1;
        // Stretches that are each less deep can make the circuit deeper.
        const bool is_taken = merged->changed && (objective.optimize != Optimize::kDepth ||
                                                  cost_of(merged->circuit, objective).first() <=
                                                      cost_of(at.circuit, objective).first());
        if (is_taken) {
            at.circuit = std::move(merged->circuit);
            at.delta += merged->delta;
        }
        if (cost_of(at.circuit, objective) < cost_of(best, objective)) {
            best = at.circuit;
            best_delta = at.delta;
        }
    }
    at.circuit = std::move(best);
    at.delta = best_delta;
    co_return Status::ok();
}

// ---------------------------------------------------------------- public

namespace {

// By rounding or placing alone: everything else looks at what is left before it spends.
Status over_budget(double bound, double budget) {
    char text[160];
    std::snprintf(text, sizeof(text),
                  "the compiled circuit can be bound to %.3g, not to the error budget %.3g: give a "
                  "larger one or none (--error-budget)",
                  bound, budget);
    return {StatusCode::kFailedPrecondition, text};
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

}  // namespace

Compilation::Compilation(std::unique_ptr<State> state) : state_(std::move(state)) {}
Compilation::Compilation(Compilation&&) noexcept = default;
Compilation& Compilation::operator=(Compilation&&) noexcept = default;
Compilation::~Compilation() = default;

Result<Compilation> Compilation::start(const Circuit& circuit, const Pipeline& pipeline,
                                       const TargetSpec& target) {
    if (Status status = check_pipeline(pipeline); !status.is_ok()) {
        return status;
    }
    if (Status status = circuit::validate(circuit); !status.is_ok()) {
        return status;
    }
    const auto resolved = resolve_target(target);
    if (!resolved) {
        return resolved.error();
    }
    if (Status status = check_target(circuit, *resolved); !status.is_ok()) {
        return status;
    }
    auto before = figures_of(circuit);
    if (!before) {
        return before.error();
    }
    auto state = std::make_unique<State>();
    state->pipeline = pipeline;
    state->result.before = *before;
    state->line.circuit = circuit;
    state->target = target;
    state->objective = objective_for(pipeline.optimize, *resolved);
    state->line.allowed = allowed_delta(pipeline.error_budget);
    if (!target.empty()) {
        state->line.allowed *= 1 - kPlacingReserve;
    }
    state->script.emplace(state->run_all());
    state->script->start();
    return Compilation(std::move(state));
}

const std::vector<Bytes>& Compilation::wanted() const {
    return state_->line.exchange.wanted();
}

Status Compilation::answer(std::vector<Bytes> outputs) {
    if (outputs.size() != wanted().size() || finished()) {
        return invalid_argument("a round of " + std::to_string(wanted().size()) + " kernels got " +
                                std::to_string(outputs.size()) + " outputs");
    }
    state_->line.exchange.answer(std::move(outputs));
    return Status::ok();
}

bool Compilation::finished() const {
    return state_->script->finished();
}

std::string Compilation::stage() const {
    return state_->stage;
}
std::uint32_t Compilation::rounds() const {
    return state_->line.rounds;
}

Result<CompileResult> Compilation::result() const {
    if (Status status = state_->script->get(); !status.is_ok()) {
        return status;
    }
    CompileResult result = state_->result;
    const Line& line = state_->line;
    result.circuit = line.circuit;
    result.delta_bound = line.delta;
    result.distance_bound = std::min(1.0, line.delta * line.delta / 2);
    result.rounds = line.rounds;
    result.blocks = line.blocks;
    result.blocks_better = line.blocks_better;
    if (state_->pipeline.error_budget > 0 &&
        !(result.distance_bound <= state_->pipeline.error_budget)) {
        return over_budget(result.distance_bound, state_->pipeline.error_budget);
    }
    auto after = figures_of(line.circuit);
    if (!after) {
        return after.error();
    }
    result.after = *after;
    if (!state_->target.machine.empty()) {
        return result;  // routing has its price, and the mappings are known
    }
    result.initial_mapping.resize(line.circuit.num_qubits());
    std::iota(result.initial_mapping.begin(), result.initial_mapping.end(), Qubit{0});
    result.final_mapping = result.initial_mapping;
    if (state_->target.empty() && result.after.cx_equivalents > result.before.cx_equivalents) {
        return internal_error("compilation would cost " +
                              std::to_string(result.after.cx_equivalents) + " cx instead of " +
                              std::to_string(result.before.cx_equivalents));
    }
    return result;
}

Result<CompileResult> compile_locally(const Circuit& circuit, const Pipeline& pipeline, Seed seed,
                                      const synthesis::StopCheck& stop, const TargetSpec& target) {
    auto run = Compilation::start(circuit, pipeline, target);
    while (run && !run->finished()) {
        std::vector<Bytes> outputs;
        for (const Bytes& input : run->wanted()) {
            auto output = run_compile_kernel(input, derive_seed(seed, digest_of(input)), stop);
            if (!output) {
                return output.error();
            }
            outputs.push_back(std::move(*output));
        }
        if (Status status = run->answer(std::move(outputs)); !status.is_ok()) {
            return status;
        }
    }
    return run ? run->result() : Result<CompileResult>(run.error());
}

}  // namespace quercus::passes
