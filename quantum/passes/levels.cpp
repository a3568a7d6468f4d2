// What the optimisation levels are made of.

#include <algorithm>
#include <cmath>
#include <iterator>

#include "quantum/passes/pipeline.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::passes {

namespace {

Step pass(std::string name, std::map<std::string, Value> params = {},
          std::vector<Steps> bodies = {}) {
    return {std::move(name), std::move(params), std::move(bodies)};
}

Value number(double x) {
    return x;
}

Step blocks(const LevelOptions& options, double size, Steps body, double spend = 0) {
    std::map<std::string, Value> params{{"size", number(size)}};
    if (options.threshold != 1e-8) {
        params["threshold"] = number(options.threshold);
    }
    if (options.error_budget > 0) {
        params["spend"] = number(spend);
    }
    return pass("for_each_block", std::move(params), {std::move(body)});
}

// Blocks, until `patience` turns in a row bring nothing. By turns: one of four cuts in each.
Step block_loop(const LevelOptions& options, double patience, bool by_turns = false) {
    Step turn =
        blocks(options, options.block_size, {pass("resynthesize", {{"effort", number(1)}})});
    if (by_turns) {
        turn.params["partition"] = std::string("by_turns");
    }
    return pass("while_changes",
                {{"max_rounds", number(options.max_rounds)}, {"patience", number(patience)}},
                {{std::move(turn), pass("clean_up")}});
}

Step search(const LevelOptions& options, std::map<std::string, Value> params) {
    if (options.threshold != 1e-8) {
        params["threshold"] = number(options.threshold);
    }
    return pass("local_search", std::move(params));
}

Step synthesize(const LevelOptions& options, double effort) {
    std::map<std::string, Value> params;
    if (effort != 1) {
        params["effort"] = number(effort);
    }
    if (options.threshold != 1e-8) {
        params["threshold"] = number(options.threshold);
    }
    return pass(std::string(kSynthesizePass), std::move(params));
}

void add_rebase(Steps& steps) {
    steps.push_back(pass("cancel_two_qubit"));
    steps.push_back(pass("rebase_cx_u3"));
    steps.push_back(pass("clean_up"));
}

// Cx of a segment for Pauli regions. Long ones are for circuits on few qubits with many gates, and
// what no segment cuts; short ones are often as good, above all in circuits on many qubits. Neither
// makes a long circuit one task.
constexpr double kLongSegment = 800;
constexpr double kShortSegment = 100;
// No less than the whole of all but the longest circuits: parts that are each less deep can make
// the circuit deeper.
constexpr double kWhole = 1e6;

Steps pauli_regions(double restarts) {
    const std::map<std::string, Value> params{{"restarts", number(restarts)}};
    return {pass("resynthesize_pauli", params), pass("resynthesize_linear", params),
            pass("resynthesize_clifford", params), pass("clean_up")};
}

Step region_loop(double segment, double rounds) {
    return pass("while_changes", {{"max_rounds", number(rounds)}},
                {{pass("merge_rotations"),
                  pass(std::string(kSegmentsPass), {{"size", number(segment)}},
                       {pauli_regions(2 * rounds)}),
                  pass("clean_up")}});
}

// Blocks find what Pauli regions do not, and the other way round; which should come first depends
// on the circuit.
Step both_orders(const LevelOptions& options, double rounds) {
    const bool in_parts = options.optimize != Optimize::kDepth;
    const Step longer = region_loop(in_parts ? kLongSegment : kWhole, rounds);
    const Step shorter = region_loop(in_parts ? kShortSegment : kWhole, rounds);
    const Step loop = block_loop(options, 2, rounds == 1);
    return pass("parallel_pick_best", {}, {{loop, longer}, {shorter, loop}});
}

// In parts that an edit elsewhere leaves as they were.
Step part_by_part(Steps body, bool blocks_are_tasks) {
    Step parts = pass(std::string(kSegmentsPass), {{"size", number(24)}}, {std::move(body)});
    if (blocks_are_tasks) {
        parts.params["tasks"] = std::string("blocks");
    }
    return parts;
}

// The quick level: searched blocks, each computed once for all parts; or Pauli regions behind
// rotations that merge anywhere, which is much cheaper and often as good.
Step quick_orders(const LevelOptions& options) {
    const Steps merge{pass("merge_rotations"), pass("clean_up")};
    Steps searched = merge;
    searched.push_back(block_loop(options, 2, true));
    const Step turn_of_blocks = part_by_part(std::move(searched), true);
    // Twice, for the borders move; what only the last turn of regions has finds enough there.
    const Steps last = pauli_regions(1);
    const Steps first{last.front(), last.back()};
    Steps regions = merge;
    for (Steps turn : {first, last}) {
        turn.insert(turn.begin(), merge.front());
        regions.push_back(part_by_part(std::move(turn), false));
    }
    regions.push_back(pass("clean_up"));
    return pass("parallel_pick_best", {},
                {{turn_of_blocks, turn_of_blocks, pass("clean_up")}, std::move(regions)});
}

// What is left of an error budget goes to blocks; what that opens is for the exact passes again.
void add_rest_of_budget(Steps& steps, const LevelOptions& options) {
    const Step any = pass("resynthesize", {{"effort", number(0)}});
    for (const double part : {0.5, 1.0}) {
        steps.push_back(blocks(options, options.block_size, {any}, part));
        steps.push_back(pass("clean_up"));
    }
    steps.push_back(block_loop(options, 1));
}

// `spend` of an error budget goes to the pairs as they stand in the input, where a small rotation
// often costs two cx; the rest to blocks of what the exact passes leave.
Steps spending_branch(const LevelOptions& options, const Step& exact, double spend) {
    const Step any = pass("resynthesize", {{"effort", number(0)}});
    Steps steps;
    if (spend > 0) {
        steps = {blocks(options, 2, {any}, spend), pass("clean_up")};
    }
    steps.push_back(exact);
    add_rest_of_budget(steps, options);
    return steps;
}

// How much of a budget the pairs should get depends on the circuit.
Step spending(const LevelOptions& options, const Step& exact) {
    std::vector<Steps> branches;
    for (const double spend : {0.0, 0.4, 0.7, 0.95}) {
        branches.push_back(spending_branch(options, exact, spend));
    }
    return pass("parallel_pick_best", {}, std::move(branches));
}

// What a level does with a circuit in {cx, u3}. 1 is quick: what is exact and nearly linear, and
// one loop over blocks.
Steps improvement(int level, const LevelOptions& options, bool spends) {
    // Parts that are each less deep can make the circuit deeper: depth needs it as a whole.
    const bool in_parts = level == 1 && options.optimize != Optimize::kDepth;
    const Step exact = in_parts ? quick_orders(options) : both_orders(options, level == 1 ? 1 : 4);
    Steps steps{spends ? spending(options, exact) : exact};
    if (level >= 2) {
        steps.push_back(search(
            options, {{"iterations", number(60)}, {"sweeps", number(10)}, {"rounds", number(1)}}));
        steps.push_back(block_loop(options, 1));
    }
    if (level >= 3) {
        steps.push_back(pass(
            "while_changes", {{"max_rounds", number(6)}, {"patience", number(2)}},
            {{search(options,
                     {{"iterations", number(150)}, {"sweeps", number(20)}, {"rounds", number(1)}}),
              block_loop(options, 1)}}));
    }
    return steps;
}

// A budget is spent on the way and, the other way round, on what the level comes to without one:
// then it costs no gates, unless it is so small that it binds the exact passes too. At level 1 the
// second is one of the ways of the first.
void add_improvement(Steps& steps, int level, const LevelOptions& options) {
    const bool spends = options.error_budget > 0;
    Steps found = improvement(level, options, spends);
    if (spends && level > 1) {
        Steps exact = improvement(level, options, false);
        add_rest_of_budget(exact, options);
        steps.push_back(pass("parallel_pick_best", {}, {std::move(exact), std::move(found)}));
    } else {
        std::move(found.begin(), found.end(), std::back_inserter(steps));
    }
}

// Level 4 searches on from level 2.
void add_long_search(Steps& steps, const LevelOptions& options) {
    std::map<std::string, Value> params{{"islands", number(options.islands)}, {"size", number(4)}};
    if (options.time_budget_s > 0) {
        // Short rounds would only pass the incumbent around.
        const double rounds = std::clamp(std::floor(options.time_budget_s / 3), 1.0, 200.0);
        params["rounds"] = number(rounds);
        params["seconds"] = number(options.time_budget_s / rounds);
    } else {
        constexpr double kRounds = 10;
        params["rounds"] = number(kRounds);
        params["iterations"] = number(std::ceil(options.iterations / kRounds));
    }
    steps.push_back(search(options, std::move(params)));
}

Status check(int level, const LevelOptions& options) {
    if (level < 0 || level > kHighestLevel) {
        return invalid_argument("level " + std::to_string(level) + " does not exist: 0 to " +
                                std::to_string(kHighestLevel) + " (--level)");
    }
    if (options.block_size < 2 || options.block_size > synthesis::kMaxTemplateQubits) {
        return invalid_argument("block size " + std::to_string(options.block_size) +
                                " is outside 2..5 (--block-size)");
    }
    if (!(options.threshold > 0 && options.threshold <= 0.1)) {
        return invalid_argument("threshold " + std::to_string(options.threshold) +
                                " is outside (0, 0.1] (--threshold)");
    }
    if (options.max_rounds < 1 || options.max_rounds > 64) {
        return invalid_argument("max_rounds " + std::to_string(options.max_rounds) +
                                " is outside 1..64");
    }
    if (!(options.time_budget_s >= 0 && options.time_budget_s <= 1e6)) {
        return invalid_argument("the time budget is outside 0..1e6 s (--time-budget)");
    }
    if (options.iterations < 1 || options.islands < 1 || options.islands > 1024) {
        return invalid_argument("iterations must be positive (--iterations), islands 1 to 1024");
    }
    return check_error_budget(options.error_budget);
}

}  // namespace

Result<Pipeline> level_pipeline(int level, const LevelOptions& options) {
    if (Status status = check(level, options); !status.is_ok()) {
        return status;
    }
    Pipeline pipeline;
    pipeline.name = "level" + std::to_string(level);
    pipeline.error_budget = options.error_budget;
    pipeline.optimize = options.optimize;
    pipeline.placements = level < 3 ? 1 : level == 3 ? 4 : 8;
    Steps& steps = pipeline.steps;
    steps.push_back(synthesize(options, level == 0 ? 0 : level < 3 ? 1 : 2));
    if (level == 0) {
        steps.push_back(pass("rebase_cx_u3"));
        steps.push_back(pass("merge_one_qubit"));
        return pipeline;
    }
    add_rebase(steps);
    add_improvement(steps, level == kHighestLevel ? 2 : level, options);
    if (level == kHighestLevel) {
        add_long_search(steps, options);
    }
    return pipeline;
}

}  // namespace quercus::passes
