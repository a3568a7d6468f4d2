#pragma once

// Pipelines are data: a list of named passes with parameters, and the combinators for_each_block,
// while_changes, if and parallel_pick_best, which hold lists of their own. In JSON (`quercus passes
// show level2` prints one):
//
//     {"name": "mine", "error_budget": 1e-3, "optimize": "two_qubit", "passes": [
//       {"pass": "rebase_cx_u3"},
//       {"pass": "for_each_block", "partition": "scan", "size": 3, "body": [
//         {"pass": "qsearch"}, {"pass": "delete_gates"}]},
//       {"pass": "while_changes", "body": [...], "max_rounds": 12, "patience": 2},
//       {"pass": "if", "condition": "qubits_at_most", "value": 6, "then": [...], "else": [...]},
//       {"pass": "parallel_pick_best", "branches": [[...], [...]]}]}
//
// Everything is checked before anything runs. Thread: plain values.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quantum/base/status.hpp"

namespace quercus::passes {

// Whole numbers are doubles too.
using Value = std::variant<bool, double, std::string>;

struct Step;
using Steps = std::vector<Step>;

struct Step {
    std::string pass;
    std::map<std::string, Value> params;  // only what differs from the defaults
    std::vector<Steps> bodies;            // one (body), two (then, else) or more (branches)

    friend bool operator==(const Step&, const Step&) = default;
};

// What makes one circuit better than another (cost.hpp).
enum class Optimize : std::uint8_t { kTwoQubit = 0, kDepth = 1, kFidelity = 2 };
// "two_qubit", "depth", "fidelity".
[[nodiscard]] std::string_view to_text(Optimize optimize);
// INVALID_ARGUMENT lists the three.
[[nodiscard]] Result<Optimize> optimize_from_text(std::string_view text);

// Beyond this a result has little to do with the input.
inline constexpr double kMostErrorBudget = 0.5;
// What rounding alone may be bounded to.
inline constexpr double kLeastErrorBudget = 1e-16;
// INVALID_ARGUMENT unless 0 or kLeastErrorBudget..kMostErrorBudget.
[[nodiscard]] Status check_error_budget(double budget);

struct Pipeline {
    std::string name;
    Steps steps;
    // The distance_bound (compile.hpp) that the result may have; blocks are approximated where that
    // saves gates. 0: every block by its threshold alone.
    double error_budget = 0;
    Optimize optimize = Optimize::kTwoQubit;
    // How often the last step places the circuit on a machine, and the circuit as it came as well
    // where the passes left fewer cx, each time as a task with a seed of its own; the best is
    // kept. 1..kMostPlacements, at least 4 for another cost than two_qubit.
    std::uint32_t placements = 1;
    // Trials of each routing, as a multiple of what takes about a second (mapping/map_circuit.hpp).
    // kLeastRoutingEffort..kMostRoutingEffort.
    double routing_effort = 1;

    friend bool operator==(const Pipeline&, const Pipeline&) = default;
};

inline constexpr std::uint32_t kMostPlacements = 64;
inline constexpr double kLeastRoutingEffort = 0.01;
inline constexpr double kMostRoutingEffort = 100;
[[nodiscard]] constexpr bool is_routing_effort(double effort) {
    return effort >= kLeastRoutingEffort && effort <= kMostRoutingEffort;
}

// Upper bounds that keep a malicious pipeline from costing more than reading it.
inline constexpr std::size_t kMaxSteps = 1000;  // of a pipeline, nested ones included
inline constexpr int kMaxNesting = 8;

// INVALID_ARGUMENT that names the pass by its place, e.g. `passes[2].body[0] (qsearch): ...`. The
// result has been checked (see check_pipeline).
[[nodiscard]] Result<Pipeline> pipeline_from_json(std::string_view text);
[[nodiscard]] std::string pipeline_to_json(const Pipeline& pipeline);

// Known passes, known parameters of the right type and range, block passes only inside of
// for_each_block and circuit passes only outside, and every pass finds the basis that it needs of
// the passes before it. INVALID_ARGUMENT that names the offending pass.
[[nodiscard]] Status check_pipeline(const Pipeline& pipeline);

// Whether every circuit that goes through a checked pipeline comes out in {cx, u3}.
[[nodiscard]] bool ends_in_cx_u3(const Pipeline& pipeline);

// The same for the body of a for_each_block or of a for_each_segment by itself.
[[nodiscard]] Status check_block_passes(const Steps& steps);
[[nodiscard]] Status check_segment_passes(const Steps& steps, bool blocks_are_tasks = false);

// ---------------------------------------------------------------- what passes there are

enum class ParameterType : std::uint8_t { kBool, kInteger, kNumber, kChoice };

struct Parameter {
    std::string name;
    ParameterType type = ParameterType::kInteger;
    Value fallback;
    double least = 0;  // numbers only
    double most = 0;
    std::vector<std::string> choices;  // kChoice only
    std::string doc;
};

enum class Scope : std::uint8_t { kCircuit, kBlock, kCombinator };

struct PassInfo {
    std::string name;
    Scope scope = Scope::kCircuit;
    std::vector<std::string> bodies;  // combinators: the keys of their lists
    std::vector<Parameter> parameters;
    bool needs_cx_u3 = false;  // only after rebase_cx_u3
    bool gives_cx_u3 = false;
    std::string doc;
};

// All passes, sorted by name.
[[nodiscard]] const std::vector<PassInfo>& known_passes();
[[nodiscard]] const PassInfo* find_pass(std::string_view name);

// The parameter of a checked step, or its default.
[[nodiscard]] bool flag_of(const Step& step, std::string_view parameter);
[[nodiscard]] double number_of(const Step& step, std::string_view parameter);
[[nodiscard]] std::string choice_of(const Step& step, std::string_view parameter);

// How a bare target becomes the circuit that the other passes work on: as the first pass only, by
// default with its default parameters. Circuits pass it unchanged.
inline constexpr std::string_view kSynthesizePass = "synthesize";

// Passes and combinators on stretches of the circuit, each a task of its own.
inline constexpr std::string_view kSegmentsPass = "for_each_segment";

// ---------------------------------------------------------------- levels

inline constexpr int kHighestLevel = 4;

struct LevelOptions {
    int block_size = 3;        // most qubits of a block, 2..5
    double threshold = 1e-8;   // d that a replaced block may differ by at most
    int max_rounds = 12;       // of the block loops
    double time_budget_s = 0;  // level 4; 0: by iterations
    int iterations = 2000;     // level 4 without a time budget, per island
    int islands = 2;           // level 4: searches side by side, one per worker at best
    double error_budget = 0;   // see Pipeline
    Optimize optimize = Optimize::kTwoQubit;
};

// The pipeline behind a level, 0..kHighestLevel. INVALID_ARGUMENT names the option.
[[nodiscard]] Result<Pipeline> level_pipeline(int level, const LevelOptions& options = {});

}  // namespace quercus::passes
