// Compilation for a machine and a gate set, as the last step of a pipeline.

#include <functional>
#include <set>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/presets.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/mapped_check.hpp"

using namespace quercus;
using circuit::Circuit;
using circuit::Gate;
using passes::CompileResult;
using passes::TargetSpec;
using test::check_mapped_within;

namespace {

// Every pair of four qubits interacts; the first to be used is `first`.
Circuit all_pairs(circuit::Qubit first = 0) {
    Circuit circuit = Circuit::with_qubits(4);
    for (circuit::Qubit i = 0; i < 4; ++i) {
        for (circuit::Qubit j = i + 1; j < 4; ++j) {
            const circuit::Qubit a = i ^ first, b = j ^ first;
            circuit.append(Gate::kRY, {a}, {0.3 + i});
            circuit.append(Gate::kCP, {a, b}, {0.2 + j});
        }
    }
    return circuit;
}

CompileResult compiled(const Circuit& circuit, const TargetSpec& target, int level) {
    const auto pipeline = passes::level_pipeline(level);
    REQUIRE(pipeline);
    auto result = passes::compile_locally(circuit, *pipeline, 5, {}, target);
    INFO(result.status().to_string());
    REQUIRE(result);
    return std::move(*result);
}

StatusCode refusal(const Circuit& circuit, const TargetSpec& target) {
    const auto pipeline = passes::level_pipeline(1);
    REQUIRE(pipeline);
    return passes::Compilation::start(circuit, *pipeline, target).status().code();
}

void check_equivalent(const Circuit& before, const CompileResult& result) {
    check_mapped_within(before, result);
    CHECK(result.delta_bound < 1e-5);
}

}  // namespace

TEST_CASE("target, correctness: on a line, in its gates, with the mappings told") {
    const auto line = mapping::preset("line-4");
    const auto set = mapping::native_set({"cz", "rz", "sx", "x"});
    REQUIRE(line);
    REQUIRE(set);
    for (const int level : {0, 1, 2}) {
        CAPTURE(level);
        const CompileResult result = compiled(all_pairs(), {"line-4", {}}, level);
        CHECK(mapping::check_mapped(result.circuit, *line, &*set).is_ok());
        check_equivalent(all_pairs(), result);
        const auto bytes = passes::to_bytes(result);
        const auto again = passes::compile_result_from_bytes(bytes);
        REQUIRE(again);
        CHECK(*again == result);
    }
}

TEST_CASE("target, correctness: more physical qubits than logical ones, other gates than its own") {
    const CompileResult result =
        compiled(all_pairs(), {"heavy-hex-27", {"cz", "rz", "sx", "x"}}, 1);
    CHECK(result.circuit.num_qubits() == 27);
    CHECK(result.initial_mapping.size() == 4);
    const auto gates = circuit::count_gates(result.circuit);
    CHECK(gates.contains("cz"));
    for (const auto& [name, count] : gates) {
        CAPTURE(name);
        CHECK((name == "cz" || name == "rz" || name == "sx" || name == "x"));
    }
    check_equivalent(all_pairs(), result);
}

TEST_CASE("target, correctness: wide gates under a condition") {
    Circuit circuit = Circuit::with_qubits(4);
    circuit.cregs = {{"c", 1}};
    circuit.append(Gate::kH, {3});
    circuit::Operation measure;
    measure.gate = Gate::kMeasure;
    measure.qubits = {3};
    measure.clbit = 0;
    circuit.operations.push_back(measure);
    for (const Gate gate : {Gate::kCCX, Gate::kCSwap}) {
        circuit.append(gate, {2, 0, 1});
        circuit.operations.back().condition = circuit::Condition{0, 1};
    }
    const auto line = mapping::preset("line-4");
    const auto set = mapping::native_set({"cz", "rz", "sx", "x"});
    REQUIRE(line);
    REQUIRE(set);
    for (const int level : {0, 1, 3}) {
        CAPTURE(level);
        const CompileResult result = compiled(circuit, {"line-4", {"cz", "rz", "sx", "x"}}, level);
        CHECK(mapping::check_mapped(result.circuit, *line, &*set).is_ok());
        check_equivalent(circuit, result);
    }
}

TEST_CASE("target, correctness: a gate set without a machine") {
    const std::vector<std::vector<std::string>> sets{
        {"cx", "u3"}, {"cz", "rz", "sx"}, {"rzz", "r", "rz"}, {"sqisw", "u3"}, {"ecr", "rz", "sx"}};
    for (const auto& set : sets) {
        CAPTURE(set.front());
        const CompileResult result = compiled(all_pairs(), {"", set}, 1);
        for (const auto& [name, count] : circuit::count_gates(result.circuit)) {
            CAPTURE(name);
            CHECK(std::find(set.begin(), set.end(), name) != set.end());
        }
        check_equivalent(all_pairs(), result);
    }
}

TEST_CASE("target, correctness: a placement's trials are tasks, in any parts") {
    Circuit circuit = Circuit::with_qubits(5);
    for (circuit::Qubit i = 0; i < 100; ++i) {
        circuit.append(Gate::kRY, {i % 5}, {0.3 + i});
        circuit.append(Gate::kCX, {i % 5, (i + 1 + i % 3) % 5});
    }
    const TargetSpec spec{"grid-3x5", {}};
    const passes::PlaceInput place{circuit, spec, 0};
    constexpr Seed kSeed = 11;
    const auto kernel = [](const Bytes& input) {
        auto output = passes::run_compile_kernel(input, kSeed);
        REQUIRE(output.status().to_string() == "OK");
        return std::move(*output);
    };
    const auto output = passes::place_output_from_bytes(kernel(passes::to_bytes(place)));
    REQUIRE(output);
    const auto* plan = std::get_if<passes::SpreadPlan>(&*output);
    REQUIRE(plan != nullptr);
    CHECK(plan->seed == kSeed);
    passes::PlaceInput more = place;
    more.routing_effort = 2;
    const auto longer = passes::place_output_from_bytes(kernel(passes::to_bytes(more)));
    REQUIRE(longer);
    CHECK(std::get<passes::SpreadPlan>(*longer).first_trials == 2 * plan->first_trials);
    const auto trials = [&](std::uint64_t begin, std::uint64_t end) {
        const auto found = passes::trials_from_bytes(
            kernel(passes::to_bytes(passes::TrialsInput{place, kSeed, begin, end, {}})));
        REQUIRE(found);
        return *found;
    };
    auto parts = trials(0, 3);
    const auto rest = trials(3, 10);
    parts.insert(parts.end(), rest.begin(), rest.end());
    const auto best = mapping::best_trials(parts);
    CHECK(best == trials(0, 10));
    const auto refined = passes::trials_from_bytes(
        kernel(passes::to_bytes(passes::TrialsInput{place, kSeed, 2, 4, best})));
    REQUIRE(refined);
    const auto own = mapping::plan_mapping(circuit, *mapping::preset("grid-3x5"),
                                           passes::placing_options(circuit, kSeed).map);
    REQUIRE(own);
    CHECK(*refined == mapping::best_trials({mapping::refine_trial(*own, best, 2),
                                            mapping::refine_trial(*own, best, 3)}));
    for (const Bytes& input : {passes::to_bytes(passes::TrialsInput{place, kSeed, 0, 3, {}}),
                               passes::to_bytes(passes::FinishInput{place, kSeed, best.front()})}) {
        const auto stopped = passes::run_compile_kernel(input, kSeed, [] { return true; });
        CHECK(stopped.status().code() == StatusCode::kCancelled);
    }
    const auto placed = passes::placed_from_bytes(
        kernel(passes::to_bytes(passes::FinishInput{place, kSeed, best.front()})));
    REQUIRE(placed);
    CompileResult result;
    result.circuit = placed->circuit;
    result.initial_mapping = placed->initial_mapping;
    result.final_mapping = placed->final_mapping;
    result.delta_bound = placed->delta;
    check_equivalent(circuit, result);
    // Never more than the routing came to.
    CHECK(static_cast<double>(circuit::count_two_qubit(placed->circuit)) <= best.front().cost);
}

namespace {

// What the kernels of a compilation were asked, with what they answered.
struct Asked {
    int trials = 0, finishes = 0;
    double least_delta = 1e300;           // of what was finished
    std::set<std::uint64_t> finished_cx;  // of the forms that were
};

// What comes back instead of a kernel's output.
using Forge = std::function<Bytes(const passes::KernelInput& input, Bytes output)>;

Result<CompileResult> answered(const Circuit& circuit, const TargetSpec& target,
                               const std::string& pipeline, Asked& asked, const Forge& forge) {
    const auto parsed = passes::pipeline_from_json(pipeline);
    REQUIRE(parsed.status().to_string() == "OK");
    auto run = passes::Compilation::start(circuit, *parsed, target);
    REQUIRE(run);
    while (!run->finished()) {
        std::vector<Bytes> outputs;
        for (const Bytes& input : run->wanted()) {
            const auto what = passes::kernel_input_from_bytes(input);
            REQUIRE(what);
            auto output = passes::run_compile_kernel(input, derive_seed(1, digest_of(input)));
            REQUIRE(output);
            asked.trials += std::holds_alternative<passes::TrialsInput>(*what) ? 1 : 0;
            if (const auto* finish = std::get_if<passes::FinishInput>(&*what)) {
                ++asked.finishes;
                asked.least_delta =
                    std::min(asked.least_delta, passes::placed_from_bytes(*output)->delta);
                asked.finished_cx.insert(circuit::count_two_qubit(finish->place.circuit));
            }
            outputs.push_back(forge(*what, std::move(*output)));
        }
        const Status taken = run->answer(std::move(outputs));
        REQUIRE(taken.is_ok());
    }
    return run->result();
}

Bytes as_it_is(const passes::KernelInput&, Bytes output) {
    return output;
}

// Of every third gate a budget spares the cx.
Circuit costly() {
    Circuit circuit = Circuit::with_qubits(6);
    for (circuit::Qubit i = 0; i < 60; ++i) {
        const circuit::Qubit a = i % 6, b = (a + 1 + i / 6 % 5) % 6;
        circuit.append(Gate::kRY, {a}, {0.3 + i});
        circuit.append(Gate::kCP, {a, b}, {i % 3 == 0 ? 0.02 : 1.1});
    }
    return circuit;
}

}  // namespace

TEST_CASE("target, correctness: placements by tasks count what was added before them") {
    const std::string spending = R"({"error_budget": 0.1, "placements": 2, "routing_effort": 1.5,
        "passes": [{"pass": "rebase_cx_u3"}, {"pass": "clean_up"},
                   {"pass": "for_each_block", "size": 2, "spend": 0.9,
                    "body": [{"pass": "resynthesize", "effort": 0}]}]})";
    Asked asked;
    const auto result = answered(costly(), {"line-40", {}}, spending, asked, as_it_is);
    INFO(result.status().to_string());
    REQUIRE(result);
    CHECK(asked.trials > 4);  // two placements, two stages and more
    CHECK(asked.finishes >= 2);
    CHECK(result->delta_bound > asked.least_delta + 1e-3);
    CHECK(result->rounds >= 5);
    check_mapped_within(costly(), *result);
}

TEST_CASE("target, bad input: plans and trials that no kernel of ours gives") {
    const std::string plain = R"({"passes": [{"pass": "rebase_cx_u3"}]})";
    const auto code = [&](passes::SpreadPlan plan) {
        Asked asked;
        const auto result = answered(costly(), {"line-6", {}}, plain, asked,
                                     [&](const passes::KernelInput& input, Bytes output) {
                                         return std::holds_alternative<passes::PlaceInput>(input)
                                                    ? passes::to_bytes(plan)
                                                    : output;
                                     });
        return result.status().code();
    };
    CHECK(code({1, 2, 0, 1}) == StatusCode::kOk);
    CHECK(code({1, 0, 2, 1}) == StatusCode::kDataLoss);
    CHECK(code({1, 2, 2, 0}) == StatusCode::kDataLoss);
    CHECK(code({1, 100'001, 0, 1}) == StatusCode::kDataLoss);
    CHECK(code({1, 100'000, 1, 1}) == StatusCode::kDataLoss);
    CHECK_FALSE(passes::trials_from_bytes(passes::to_bytes(std::vector<mapping::Trial>{})));
    const mapping::Trial one{1, {}, {0, 1}, 5, 1, 0};
    CHECK(passes::trials_from_bytes(passes::to_bytes(std::vector{one, one})));
    CHECK_FALSE(passes::trials_from_bytes(
        passes::to_bytes(std::vector<mapping::Trial>(mapping::kElite + 1, one))));
}

TEST_CASE("target, correctness: a form that routes badly is dropped after its first trials") {
    // Two forms: as it comes, and with the fewer cx that blocks leave.
    Circuit source = Circuit::with_qubits(4);
    for (circuit::Qubit i = 0; i < 20; ++i) {
        for (const double angle : {0.5, 0.2 + i}) {
            source.append(Gate::kCCX, {i % 4, (i + 1) % 4, (i + 2) % 4});
            source.append(Gate::kRZ, {(i + 2) % 4}, {angle});
        }
    }
    const std::string passes = R"("passes": [
        {"pass": "cancel_two_qubit"}, {"pass": "rebase_cx_u3"}, {"pass": "clean_up"},
        {"pass": "for_each_block", "size": 3, "body": [{"pass": "resynthesize", "effort": 1}]}]})";
    std::uint64_t most = 0;  // cx of the form as it came
    const Forge dearer = [&most](const passes::KernelInput& input, Bytes output) {
        if (const auto* place = std::get_if<passes::PlaceInput>(&input)) {
            most = std::max(most, circuit::count_two_qubit(place->circuit));
        }
        const auto* trials = std::get_if<passes::TrialsInput>(&input);
        if (trials == nullptr || circuit::count_two_qubit(trials->place.circuit) < most) {
            return output;
        }
        auto found = passes::trials_from_bytes(output);
        REQUIRE(found);
        for (mapping::Trial& trial : *found) {
            trial.cost = 1000 + 2 * trial.cost;
        }
        return passes::to_bytes(*found);
    };
    Asked by_count, by_depth;
    const auto a = answered(source, {"ring-60", {}}, "{" + passes, by_count, dearer);
    REQUIRE(a);
    check_equivalent(source, *a);
    CHECK(by_count.finished_cx.size() == 1);
    CHECK(!by_count.finished_cx.contains(most));
    const auto b =
        answered(source, {"ring-60", {}}, R"({"optimize": "depth", )" + passes, by_depth, dearer);
    REQUIRE(b);
    CHECK(by_depth.finished_cx.size() == 2);
    CHECK(by_depth.finished_cx.contains(most));
    CHECK(by_depth.finishes > by_count.finishes);
}

TEST_CASE("target, bad input: trials that are none of the machine's") {
    const passes::PlaceInput place{all_pairs(), {"line-4", {}}, 0};
    mapping::Trial trial{1, {}, {0, 1, 2, 3}, 5, 1, 0};
    const auto code = [](const Bytes& input) {
        return passes::run_compile_kernel(input, 1).status().code();
    };
    CHECK(code(passes::to_bytes(passes::FinishInput{place, 1, trial})) == StatusCode::kOk);
    CHECK(code(passes::to_bytes(passes::TrialsInput{place, 1, 0, 1, {trial}})) == StatusCode::kOk);
    // Nothing to route: on a machine in two parts, and without qubits at all.
    passes::PlaceInput idle = place;
    idle.circuit = Circuit::with_qubits(4);
    idle.circuit.append(Gate::kH, {3});
    for (const std::vector<mapping::Trial>& best : {std::vector<mapping::Trial>{}, {trial}}) {
        CHECK(code(passes::to_bytes(passes::TrialsInput{idle, 1, 0, 1, best})) ==
              StatusCode::kDataLoss);
    }
    idle.circuit = Circuit::with_qubits(0);
    CHECK(code(passes::to_bytes(passes::TrialsInput{idle, 1, 0, 1, {trial}})) ==
          StatusCode::kDataLoss);
    passes::PlaceInput nowhere = place;
    nowhere.target = {"", {"cz", "u3"}};
    CHECK(code(passes::to_bytes(passes::FinishInput{nowhere, 1, trial})) == StatusCode::kDataLoss);
    CHECK(code(passes::to_bytes(passes::TrialsInput{place, 1, 1, 1, {}})) == StatusCode::kDataLoss);
    for (const mapping::Layout& layout :
         {mapping::Layout{0, 1, 2}, mapping::Layout{0, 1, 2, 2}, mapping::Layout{0, 1, 2, 9},
          mapping::Layout{0, 1, 2, 3, 4}}) {
        trial.initial = layout;
        CHECK(code(passes::to_bytes(passes::FinishInput{place, 1, trial})) ==
              StatusCode::kDataLoss);
        CHECK(code(passes::to_bytes(passes::TrialsInput{place, 1, 0, 1, {trial}})) ==
              StatusCode::kDataLoss);
    }
}

TEST_CASE("target, bad input: refused before any work") {
    CHECK(refusal(all_pairs(), {"line-3", {}}) == StatusCode::kInvalidArgument);
    CHECK(refusal(all_pairs(), {"no-such-machine", {}}) == StatusCode::kInvalidArgument);
    CHECK(refusal(all_pairs(), {"line-4", {"cz", "magic"}}) == StatusCode::kInvalidArgument);
    CHECK(refusal(all_pairs(), {"", {"rz", "sx"}}) == StatusCode::kInvalidArgument);
    CHECK(refusal(all_pairs(), {"{\"qubits\": 3}", {}}) == StatusCode::kInvalidArgument);
    auto parts = mapping::preset("line-4");
    REQUIRE(parts);
    parts->edges.erase(parts->edges.begin() + 1);
    CHECK(refusal(all_pairs(), {mapping::to_json(*parts), {}}) == StatusCode::kInvalidArgument);
}

namespace {

// What a level-4 search for `target` offers on its way; with `at_last` only while the result is put
// into the target's gates. `last`: what it comes to.
std::vector<CompileResult> improvements_of(const Circuit& source, const TargetSpec& target,
                                           bool at_last, CompileResult* last = nullptr) {
    passes::LevelOptions options;
    options.iterations = 60;
    options.islands = 1;
    const auto pipeline = passes::level_pipeline(4, options);
    REQUIRE(pipeline);
    auto run = passes::Compilation::start(source, *pipeline, target);
    REQUIRE(run);
    std::vector<CompileResult> improvements;
    while (!run->finished()) {
        if (!at_last || run->stage() == "rebasing to the gate set") {
            if (auto improved = run->take_improvement()) {
                improvements.push_back(std::move(*improved));
            }
        }
        std::vector<Bytes> outputs;
        for (const Bytes& input : run->wanted()) {
            auto output = passes::run_compile_kernel(input, derive_seed(5, digest_of(input)));
            REQUIRE(output);
            outputs.push_back(std::move(*output));
        }
        const Status answered = run->answer(std::move(outputs));
        REQUIRE(answered.is_ok());
    }
    auto result = run->result();
    REQUIRE(result);
    if (last != nullptr) {
        *last = std::move(*result);
    }
    return improvements;
}

}  // namespace

TEST_CASE("target, correctness: what a search has found so far is in the gates asked for") {
    const std::vector<std::string> gates{"cz", "rz", "sx", "x"};
    const Circuit source = all_pairs(2);  // its qubits have other names inside
    for (const bool at_last : {false, true}) {
        CAPTURE(at_last);
        const auto improvements = improvements_of(source, {"", gates}, at_last);
        CHECK_FALSE(improvements.empty());
        for (const CompileResult& improved : improvements) {
            check_equivalent(source, improved);
            for (const circuit::Operation& op : improved.circuit.operations) {
                const std::string name(circuit::info(op.gate).name);
                CHECK(std::find(gates.begin(), gates.end(), name) != gates.end());
            }
        }
    }
    for (const CompileResult& improved : improvements_of(source, {}, false)) {
        check_equivalent(source, improved);
    }
}

TEST_CASE("target, correctness: what a search has found so far is on the machine asked for") {
    const auto line = mapping::preset("line-4");
    REQUIRE(line);
    const auto set = mapping::native_set({"cz", "rz", "sx", "x"});
    REQUIRE(set);
    const Circuit source = all_pairs(2);
    CompileResult last;
    const auto improvements =
        improvements_of(source, {"line-4", {"cz", "rz", "sx", "x"}}, false, &last);
    REQUIRE_FALSE(improvements.empty());
    std::uint64_t before = improvements.front().after.two_qubit;
    for (const CompileResult& improved : improvements) {
        CHECK(mapping::check_mapped(improved.circuit, *line, &*set).is_ok());
        check_equivalent(source, improved);
        CHECK(improved.after.two_qubit <= before);
        before = improved.after.two_qubit;
    }
    CHECK(last.after.two_qubit <= before);
    check_equivalent(source, last);
}
