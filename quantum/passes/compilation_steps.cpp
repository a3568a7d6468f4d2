// The interpreter of pipelines: one coroutine per list of passes, which awaits kernels.

#include <bit>
#include <map>

#include "quantum/passes/circuit_passes.hpp"
#include "quantum/passes/clean_up.hpp"
#include "quantum/passes/compilation_state.hpp"
#include "quantum/passes/search_rounds.hpp"
#include "quantum/passes/segment_round.hpp"

namespace quercus::passes {

Script<Status> Compilation::State::run(Line& at, const Steps& steps) {
    for (const Step& one : steps) {
        if (synthesis::should_stop(stop)) {
            co_return Status(StatusCode::kCancelled, "the kernel was stopped");
        }
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
    if (one.pass == kSegmentsPass) {
        co_return co_await for_each_segment(at, one);
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
    if (one.pass == kSynthesizePass) {
        co_return Status::ok();  // has run before, if the source was no circuit
    }
    if (at.is_clean && one.pass == kCleanUpPass) {
        co_return Status::ok();
    }
    // A failure is that of the whole compilation: the circuit need not be kept for it.
    auto done = is_free(at, one) ? run_circuit_pass(std::move(at.circuit), one, stop)
                                 : run_circuit_pass(at.circuit, one, stop);
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
        at.is_clean = one.pass == kCleanUpPass || (at.is_clean && !done->changed);
    }
    co_return Status::ok();
}

// Whatever the pass makes of the circuit is taken. The rebase is what all others build on.
bool Compilation::State::is_free(const Line& at, const Step& one) const {
    return (at.allowed == kNoLimit && objective.optimize == Optimize::kTwoQubit) ||
           one.pass == "rebase_cx_u3";
}

// Circuit passes look at counts alone: the circuit stays as it is where they make it deeper, or
// add more to delta than is left.
Result<bool> Compilation::State::is_welcome(const Line& at, const Step& one,
                                            const PassResult& next) const {
    if (is_free(at, one)) {
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
    auto choice = choose_blocks(at.circuit, one, at.settled, at.turns++,
                                coarse(std::min(allowance, kMostDelta)));
    if (!choice) {
        co_return choice.error();
    }
    if (choice->blocks.empty()) {
        co_return Status::ok();
    }
    stage = one.pass + ": " + std::to_string(choice->blocks.size()) + " blocks";
    const std::vector<Bytes> outputs = co_await at.exchange.run(choice->blocks);
    at.blocks += static_cast<std::uint32_t>(choice->blocks.size());
    auto merged = merge_answers(std::move(*choice), outputs, terms);
    if (!merged) {
        co_return merged.error();
    }
    at.settle(merged->settled);
    if (merged->better > 0) {
        at.circuit = std::move(merged->circuit);
        at.delta += merged->delta;
        at.is_clean = false;
    }
    at.rounds += 1;
    at.blocks_better += merged->better;
    co_return Status::ok();
}

Script<Status> Compilation::State::for_each_segment(Line& at, const Step& one) {
    SegmentRound round(at.circuit, one, at.turns++, objective, at.left(), at.settled);
    if (round.inputs().empty()) {
        co_return Status::ok();
    }
    stage = one.pass + ": " + std::to_string(round.inputs().size()) + " segments";
    const std::vector<Bytes> outputs = co_await at.exchange.run(round.inputs());
    auto merged = round.merge(outputs);
    if (!merged) {
        co_return merged.error();
    }
    at.settle(round.settled());
    at.rounds += 1;
    // Segments that are each less deep can make the circuit deeper.
    const bool is_taken =
        merged->changed && (objective.optimize != Optimize::kDepth ||
                            cost_of(merged->circuit, objective) <= cost_of(at.circuit, objective));
    if (is_taken) {
        at.circuit = std::move(merged->circuit);
        at.delta += merged->delta;
        at.is_clean = false;
    }
    co_return Status::ok();
}

Script<Status> Compilation::State::while_changes(Line& at, const Step& one) {
    const int most = static_cast<int>(number_of(one, "max_rounds"));
    const int patience = static_cast<int>(number_of(one, "patience"));
    int fruitless = 0;
    for (int round = 0; round < most && fruitless < patience; ++round) {
        const auto before = full_cost_of(at.circuit, objective);
        const std::uint32_t turns = at.turns;
        Status status = co_await run(at, one.bodies.front());
        const auto after = full_cost_of(at.circuit, objective);
        if (!status.is_ok() || !before || !after) {
            co_return !status.is_ok() ? status : before ? after.error() : before.error();
        }
        const bool gained = after->first() < before->first();
        fruitless = gained ? 0 : fruitless + 1;
        if (!gained && *after == *before && at.turns == turns) {
            break;  // no borders have moved: the next turn would be the same
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
        line_of_body->is_clean = at.is_clean;
        line_of_body->turns = at.turns;
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
        at.turns = std::max(at.turns, lines[i]->turns);
        at.blocks += lines[i]->blocks;
        at.blocks_better += lines[i]->blocks_better;
        at.settle(lines[i]->settled);
        if (!best || *cost < *best) {
            best = *cost;
            at.circuit = lines[i]->circuit;
            at.is_clean = lines[i]->is_clean;
            at.delta = lines[i]->delta;
        }
    }
    co_return Status::ok();
}

namespace {

// Before which rounds of a search the best circuit is placed on the machine: ever more seldom, for
// placing takes workers from the search.
bool is_placing_due(std::uint64_t round) {
    constexpr std::uint64_t kLongest = 16;
    return round % kLongest == 0 || std::has_single_bit(round);
}

}  // namespace

Script<Status> Compilation::State::local_search(Line& at, const Step& one) {
    const auto rounds = static_cast<std::uint64_t>(number_of(one, "rounds"));
    const bool is_long = &at == &line && rounds > 1;
    std::optional<Cost> placed;  // of the circuit that was placed last
    // The walk may end on an equal circuit with more one-qubit gates.
    Circuit best = at.circuit;
    double best_delta = at.delta;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        SearchRound search(at.circuit, one, round, objective, coarse(at.left()));
        if (search.inputs().empty()) {
            break;
        }
        has_searched = has_searched || &at == &line;
        const Cost cost = cost_of(best, objective);
        if (is_long && !target.machine.empty() && is_placing_due(round) &&
            (!placed || cost < *placed)) {
            placed = cost;
            const Status status = co_await place_incumbent(at, best, best_delta);
            if (!status.is_ok()) {
                co_return status;
            }
        }
        stage = "local_search: round " + std::to_string(round + 1) + " of " +
                std::to_string(rounds) + ", " + std::to_string(count_cx(at.circuit)) + " cx";
        const int timed = number_of(one, "seconds") > 0 ? 1 : 0;
        timed_searches += timed;
        std::vector<Bytes> outputs = co_await at.exchange.run(search.inputs());
        timed_searches -= timed;
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
    at.is_clean = false;
    co_return Status::ok();
}

}  // namespace quercus::passes
