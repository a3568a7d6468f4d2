#include <algorithm>
#include <stdexcept>

#include "quantum/passes/pipeline.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::passes {

namespace {

Parameter integer(std::string name, double fallback, double least, double most, std::string doc) {
    return {std::move(name), ParameterType::kInteger, fallback, least, most, {}, std::move(doc)};
}

Parameter number(std::string name, double fallback, double least, double most, std::string doc) {
    return {std::move(name), ParameterType::kNumber, fallback, least, most, {}, std::move(doc)};
}

Parameter choice(std::string name, std::vector<std::string> choices, std::string doc) {
    const std::string first = choices.front();
    return {std::move(name),    ParameterType::kChoice, first, 0, 0,
            std::move(choices), std::move(doc)};
}

Parameter threshold() {
    return number("threshold", 1e-8, 1e-16, 0.1,
                  "d = 1 - |Tr(U^dagger V)|/N that a replacement may differ by at most");
}

void add_circuit_passes(std::vector<PassInfo>& passes) {
    const auto add = [&](std::string name, std::string doc,
                         std::vector<Parameter> parameters = {}) {
        passes.push_back({std::move(name),
                          Scope::kCircuit,
                          {},
                          std::move(parameters),
                          true,
                          true,
                          std::move(doc)});
    };
    passes.push_back(
        {std::string(kSynthesizePass),
         Scope::kCircuit,
         {},
         {integer("effort", 1, 0, 3, "0: what is quick; each step above 1 doubles the search"),
          threshold()},
         false,
         false,
         "Makes a circuit of a unitary, a state or a state map; only as the first pass."});
    passes.push_back({"rebase_cx_u3",
                      Scope::kCircuit,
                      {},
                      {},
                      false,
                      true,
                      "Writes every unitary gate in {cx, u3}."});
    passes.push_back({"cancel_two_qubit",
                      Scope::kCircuit,
                      {},
                      {},
                      false,
                      false,
                      "Cancels pairs of equal gates that undo each other."});
    add("merge_one_qubit", "Merges runs of one-qubit gates into one u3 or none.");
    add("fold_two_qubit", "Replaces runs on one pair of qubits by KAK where that needs fewer cx.");
    add("clean_up", "merge_one_qubit, cancel_two_qubit and fold_two_qubit until nothing changes.");
    add("merge_rotations",
        "Rotations about equal Pauli axes merge, wherever they stand (phase folding, "
        "arXiv:1710.07345).");
    const auto regions = [](double qubits) {
        return std::vector<Parameter>{integer("qubits", qubits, 2, 64, "most qubits of a region"),
                                      integer("restarts", 16, 1, 10000,
                                              "of the randomised synthesis, per region; wide ones "
                                              "that three leave far from done get no more")};
    };
    add("resynthesize_linear",
        "Regions of cx, x and z rotations as parity networks (arXiv:1712.01859).", regions(64));
    add("resynthesize_clifford", "Clifford regions from their tableau.", regions(64));
    add("resynthesize_pauli", "Regions of any gates as Pauli rotations and a Clifford.",
        regions(64));
    add("drop_near_identity", "Removes rotations and runs on a pair that do almost nothing.",
        {number("tolerance", 1e-9, 0, 0.1, "most delta that one removal may cost")});
    add("local_search",
        "Random convex blocks and regions are synthesised again, equal costs accepted, from the "
        "best circuit so far, on several islands side by side (after GUOQ, arXiv:2411.04104).",
        {integer("iterations", 400, 0, 1e9,
                 "moves on blocks per island and round, without a time budget"),
         integer("sweeps", 10, 0, 1e6,
                 "sweeps over Pauli regions per island and round, without a time budget"),
         integer("rounds", 4, 1, 10000, "how often the islands exchange the best circuit"),
         integer("islands", 2, 1, 1024, "searches side by side"),
         number("seconds", 0, 0, 1e6,
                "time of one round; 0: by iterations, the same bytes everywhere"),
         integer("size", 3, 2, synthesis::kMaxTemplateQubits, "most qubits of a block"),
         threshold()});
}

void add_block_passes(std::vector<PassInfo>& passes) {
    const auto add = [&](std::string name, std::string doc,
                         std::vector<Parameter> parameters = {}) {
        passes.push_back({std::move(name),
                          Scope::kBlock,
                          {},
                          std::move(parameters),
                          true,
                          true,
                          std::move(doc)});
    };
    add("resynthesize",
        "Closed forms on one and two qubits; beyond, deletion on the block's own structure and a "
        "search below its count.",
        {integer("effort", 1, 0, 3,
                 "0 deletion only, each further step about four times the work")});
    add("qsearch", "Best-first search from the bare unitary (Davis et al., arXiv:1912.06535).",
        {integer("starts", 1, 1, 64, "optimiser starts per template"),
         integer("max_descents", 2000, 1, 1e7, "optimiser starts in total")});
    add("delete_gates",
        "Removes cx one by one and in pairs while the rest still reaches the target.",
        {integer("starts", 1, 0, 64, "random starts per removal, after the warm one"),
         integer("max_descents", 2000, 1, 1e7, "optimiser starts in total")});
}

void add_combinators(std::vector<PassInfo>& passes) {
    passes.push_back(
        {"for_each_block",
         Scope::kCombinator,
         {"body"},
         {choice("partition", {"best", "quick", "scan", "by_turns"},
                 "how each segment of about a hundred cx is cut; best: the most promising of four; "
                 "by_turns: each turn another of the four, which is faster and lets an edit "
                 "change less (for a while_changes with a patience of 2 or more)"),
          integer("size", 3, 2, synthesis::kMaxTemplateQubits, "most qubits of a block"),
          threshold(),
          number("spend", 0.5, 0, 1,
                 "with an error budget: the part of what is left of it that may go here, to where "
                 "it saves most")},
         true,
         true,
         "Cuts the circuit into blocks, runs the block passes on each that has three cx or more on "
         "three qubits or more (pairs: fold_two_qubit) as a task of "
         "its own and puts "
         "back what became better. With an error budget pairs too, and approximations after the "
         "block passes."});
    passes.push_back(
        {std::string(kSegmentsPass),
         Scope::kCombinator,
         {"body"},
         {integer("size", 200, 8, 1e6,
                  "cx of a segment: at least so many, twice that on average, at most eight times"),
          choice(
              "tasks", {"segments", "blocks"},
              "segments: one task each; blocks: each block of a segment is a task of its own, for "
              "block passes that take long, so that a block is computed once wherever it stands; "
              "resynthesize_linear, _clifford and _pauli may not stand inside then")},
         true,
         true,
         "Cuts the circuit into segments in program order, at borders that depend on the gates "
         "beside them and move from turn to turn, and runs the passes on each. A circuit with "
         "fewer cx is one segment. Neither local_search nor synthesize nor "
         "another for_each_segment may stand inside."});
    passes.push_back(
        {"while_changes",
         Scope::kCombinator,
         {"body"},
         {integer("max_rounds", 12, 1, 1000, "turns at most"),
          integer("patience", 1, 1, 100, "turns without fewer two-qubit gates that end it")},
         false,
         false,
         "Repeats its passes while they lower the cost."});
    passes.push_back(
        {"if",
         Scope::kCombinator,
         {"then", "else"},
         {choice("condition", {"qubits_at_most", "two_qubit_at_most", "two_qubit_at_least"},
                 "what is compared with `value`"),
          number("value", 0, 0, 1e12, "the bound")},
         false,
         false,
         "One list or the other."});
    passes.push_back({"parallel_pick_best",
                      Scope::kCombinator,
                      {"branches"},
                      {},
                      false,
                      false,
                      "Runs all branches on the same circuit and keeps the cheapest result."});
}

std::vector<PassInfo> make_catalogue() {
    std::vector<PassInfo> passes;
    add_circuit_passes(passes);
    add_block_passes(passes);
    add_combinators(passes);
    std::sort(passes.begin(), passes.end(),
              [](const PassInfo& a, const PassInfo& b) { return a.name < b.name; });
    return passes;
}

const Value& value_of(const Step& step, std::string_view parameter) {
    const auto found = step.params.find(std::string(parameter));
    if (found != step.params.end()) {
        return found->second;
    }
    for (const Parameter& known : find_pass(step.pass)->parameters) {
        if (known.name == parameter) {
            return known.fallback;
        }
    }
    throw std::logic_error("pass " + step.pass + " has no parameter " + std::string(parameter));
}

}  // namespace

const std::vector<PassInfo>& known_passes() {
    static const std::vector<PassInfo> passes = make_catalogue();
    return passes;
}

const PassInfo* find_pass(std::string_view name) {
    const auto& passes = known_passes();
    const auto found = std::find_if(passes.begin(), passes.end(),
                                    [&](const auto& info) { return info.name == name; });
    return found == passes.end() ? nullptr : &*found;
}

bool flag_of(const Step& step, std::string_view parameter) {
    return std::get<bool>(value_of(step, parameter));
}
double number_of(const Step& step, std::string_view parameter) {
    return std::get<double>(value_of(step, parameter));
}
std::string choice_of(const Step& step, std::string_view parameter) {
    return std::get<std::string>(value_of(step, parameter));
}

}  // namespace quercus::passes
