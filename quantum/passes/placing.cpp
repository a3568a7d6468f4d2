// The last step of a compilation: onto the machine and into its gates.

#include <algorithm>
#include <iterator>

#include "quantum/circuit/qubit_order.hpp"
#include "quantum/mapping/free_ends.hpp"
#include "quantum/passes/circuit_passes.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/compilation_state.hpp"

namespace quercus::passes {

namespace {

// At least so many placements where more than the two-qubit count decides.
constexpr std::uint32_t kPlacementsByCost = 4;
// A routing this much dearer than another one is not followed. Less would be too little: what no
// pass has made smaller yet loses a quarter when it is resynthesised, other circuits a seventh.
constexpr double kHopeless = 1.5;

// The source with its cheapest passes only: few cx between any two qubits can be dearer to route
// than more of them between neighbours.
std::optional<Candidate> as_it_came(const Circuit& source, double left) {
    Candidate out{source, 0, {}};
    for (const char* name : {"rebase_cx_u3", "cancel_two_qubit", "clean_up"}) {
        auto done = run_circuit_pass(std::move(out.circuit), Step{name, {}, {}});
        if (!done) {
            return std::nullopt;
        }
        out.circuit = std::move(done->circuit);
        out.delta += done->delta;
    }
    return out.delta <= left ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

namespace {

using Ends = std::vector<Qubit>;

// With the candidate's delta, and its qubits' ends in the final mapping.
Placed placed_from(Placed placed, const Candidate& candidate) {
    placed.delta += candidate.delta;
    if (!candidate.ends.empty()) {
        const std::vector<Qubit> of_wires = placed.final_mapping;
        for (std::size_t i = 0; i < candidate.ends.size(); ++i) {
            placed.final_mapping[i] = of_wires[candidate.ends[i]];
        }
    }
    return placed;
}

}  // namespace

// One placement whose trials are tasks.
struct SpreadPlacement {
    PlaceInput place;
    const Candidate* candidate = nullptr;
    SpreadPlan plan;
    std::uint64_t most_tasks = 1;  // of a stage
    std::vector<mapping::Trial> best;
};

namespace {

// Every task carries the whole circuit: what all tasks of a stage may come to.
constexpr std::uint64_t kMostTasks = 256;
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;

void limit_tasks(std::vector<SpreadPlacement>& spreads) {
    for (SpreadPlacement& spread : spreads) {
        const std::uint64_t by_size = kMostBytes / to_bytes(spread.place).size();
        spread.most_tasks =
            std::max<std::uint64_t>(1, std::min(kMostTasks, by_size) / spreads.size());
    }
}

// What the kernels of a round are asked, and for which placement.
struct Round {
    std::vector<Bytes> inputs;
    std::vector<std::size_t> of;
};

// `best` empty: the first trials, else those that refine it.
void add_trials(Round& round, const SpreadPlacement& spread, std::size_t index) {
    const std::uint64_t trials =
        spread.best.empty() ? spread.plan.first_trials : spread.plan.refine_trials;
    const std::uint64_t per_task =
        std::max(spread.plan.per_task, (trials + spread.most_tasks - 1) / spread.most_tasks);
    for (std::uint64_t begin = 0; begin < trials; begin += per_task) {
        const std::uint64_t end = std::min(trials, begin + per_task);
        round.inputs.push_back(
            to_bytes(TrialsInput{spread.place, spread.plan.seed, begin, end, spread.best}));
        round.of.push_back(index);
    }
}

void add_finalists(Round& round, const SpreadPlacement& spread, std::size_t index) {
    const std::size_t wanted = mapping::finalists_of(spread.best.front().cost);
    for (std::size_t i = 0; i < std::min(wanted, spread.best.size()); ++i) {
        round.inputs.push_back(
            to_bytes(FinishInput{spread.place, spread.plan.seed, spread.best[i]}));
        round.of.push_back(index);
    }
}

// The best of what was known and of what a round found on a machine of so many qubits.
Status add_found(std::vector<SpreadPlacement>& spreads, const Round& round,
                 const std::vector<Bytes>& outputs, std::uint32_t qubits) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        auto found = trials_from_bytes(outputs[i]);
        if (!found) {
            return found.error();
        }
        if (found->front().initial.size() != qubits) {
            return data_loss("the kernel's routing trials are of another machine");
        }
        std::vector<mapping::Trial>& best = spreads[round.of[i]].best;
        std::move(found->begin(), found->end(), std::back_inserter(best));
        best = mapping::best_trials(std::move(best));
    }
    return Status::ok();
}

// Where routing costs decide.
void drop_hopeless(std::vector<SpreadPlacement>& spreads, const Objective& objective) {
    double least = spreads.front().best.front().cost;
    for (const SpreadPlacement& spread : spreads) {
        least = std::min(least, spread.best.front().cost);
    }
    if (objective.optimize != Optimize::kTwoQubit || least == 0) {
        return;
    }
    std::erase_if(spreads, [least](const SpreadPlacement& spread) {
        return spread.best.front().cost > kHopeless * least;
    });
}

}  // namespace

// The trials of all spread placements, side by side, and their best routings finished.
Script<Result<std::vector<Placed>>> Compilation::State::place_by_tasks(
    Line& at, std::vector<SpreadPlacement> spreads) {
    std::vector<Placed> out;
    if (spreads.empty()) {
        co_return out;
    }
    const auto resolved = resolve_target(target);
    if (!resolved || !resolved->machine) {
        co_return data_loss("a plan of routing trials for no machine");
    }
    const std::uint32_t qubits = resolved->machine->num_qubits;
    limit_tasks(spreads);
    for (const char* what : {"routing", "refining the best routings"}) {
        Round round;
        for (std::size_t i = 0; i < spreads.size(); ++i) {
            add_trials(round, spreads[i], i);
        }
        if (round.inputs.empty()) {
            break;  // nothing to refine
        }
        at.rounds += 1;
        stage = std::string(what) + ": " + std::to_string(round.inputs.size()) + " tasks";
        const std::vector<Bytes> outputs = co_await at.exchange.run(std::move(round.inputs));
        if (const Status status = add_found(spreads, round, outputs, qubits); !status.is_ok()) {
            co_return status;
        }
        drop_hopeless(spreads, objective);
    }
    Round round;
    for (std::size_t i = 0; i < spreads.size(); ++i) {
        add_finalists(round, spreads[i], i);
    }
    at.rounds += 1;
    stage = "finishing: " + std::to_string(round.inputs.size()) + " routings";
    const std::vector<Bytes> outputs = co_await at.exchange.run(std::move(round.inputs));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        auto placed = placed_from_bytes(outputs[i]);
        if (!placed) {
            co_return placed.error();
        }
        out.push_back(placed_from(std::move(*placed), *spreads[round.of[i]].candidate));
    }
    co_return out;
}

Script<Result<std::vector<Placed>>> Compilation::State::placements_of(
    Line& at, std::vector<Candidate> candidates, std::uint32_t placements) {
    std::vector<Bytes> inputs;
    for (const Candidate& candidate : candidates) {
        for (std::uint64_t trial = 0; trial < placements; ++trial) {
            inputs.push_back(
                to_bytes(PlaceInput{candidate.circuit, target, trial, pipeline.routing_effort}));
        }
    }
    const std::vector<Bytes> outputs = co_await at.exchange.run(std::move(inputs));
    at.rounds += 1;
    std::vector<Placed> all;
    std::vector<SpreadPlacement> spreads;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Candidate& candidate = candidates[i / placements];
        auto output = place_output_from_bytes(outputs[i]);
        if (!output) {
            co_return output.error();
        }
        if (auto* placed = std::get_if<Placed>(&*output)) {
            all.push_back(placed_from(std::move(*placed), candidate));
        } else {
            spreads.push_back({{candidate.circuit, target, i % placements},
                               &candidate,
                               std::get<SpreadPlan>(*output),
                               1,
                               {}});
        }
    }
    Result<std::vector<Placed>> more = co_await place_by_tasks(at, std::move(spreads));
    if (!more) {
        co_return more.error();
    }
    std::move(more->begin(), more->end(), std::back_inserter(all));
    co_return all;
}

Script<Status> Compilation::State::place_incumbent(Line& at, const Circuit& found, double delta) {
    stage = "local_search: placing what was found";
    std::vector<Candidate> candidates{
        {restore_qubits(found, place_of, qregs), delta, source ? source->ends : Ends{}}};
    auto placed = co_await placements_of(at, std::move(candidates), 1);
    if (!placed) {
        co_return placed.error();
    }
    const auto best = best_placed(*placed, target, objective);
    if (!best) {
        co_return best.error();
    }
    const auto cost = placed_cost_of((*placed)[*best].circuit, target, objective);
    if (!cost) {
        co_return cost.error();
    }
    if (!incumbent || *cost < incumbent->cost) {
        incumbent = PlacedIncumbent{std::move((*placed)[*best]), *cost};
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::place(Line& at) {
    stage = target.machine.empty() ? "rebasing to the gate set" : "placing on the machine";
    std::vector<Candidate> candidates{{at.circuit, at.delta, source ? source->ends : Ends{}}};
    std::uint32_t placements = 1;
    if (!target.machine.empty()) {
        placements = objective.optimize == Optimize::kTwoQubit
                         ? pipeline.placements
                         : std::max(pipeline.placements, kPlacementsByCost);
        auto other = source ? as_it_came(source->circuit, at.allowed) : std::nullopt;
        if (other && count_cx(other->circuit) > count_cx(at.circuit)) {
            other->ends = source->ends;
            candidates.push_back(std::move(*other));
        }
        // SWAPs that somebody has put there for the machine are better than none.
        if (auto routed = with_swaps ? as_it_came(*with_swaps, at.allowed) : std::nullopt) {
            candidates.push_back(std::move(*routed));
        }
    }
    auto all = co_await placements_of(at, std::move(candidates), placements);
    if (!all) {
        co_return all.error();
    }
    if (incumbent) {
        all->push_back(incumbent->placed);  // a luckier routing of less
    }
    const auto best = best_placed(*all, target, objective);
    if (!best) {
        co_return best.error();
    }
    Placed& placed = (*all)[*best];
    at.circuit = std::move(placed.circuit);
    at.delta = placed.delta;
    result.initial_mapping = std::move(placed.initial_mapping);
    result.final_mapping = std::move(placed.final_mapping);
    co_return Status::ok();
}

}  // namespace quercus::passes
