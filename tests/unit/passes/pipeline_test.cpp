// Pipelines as data: their JSON, what is refused and how it is named, and what the combinators do.

#include <random>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/circuit/generate.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/convex_block.hpp"
#include "quantum/passes/local_search.hpp"
#include "quantum/passes/pipeline_codec.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"

using namespace quercus;
using passes::CompileResult;
using passes::Pipeline;
using test::Circuit;
using test::Gate;

namespace {

Pipeline parsed(const std::string& passes_json) {
    auto pipeline =
        passes::pipeline_from_json("{\"name\": \"t\", \"passes\": " + passes_json + "}");
    INFO(passes_json);
    REQUIRE(pipeline.status().to_string() == "OK");
    return std::move(*pipeline);
}

// The refusal's text.
std::string refusal(const std::string& passes_json) {
    const auto pipeline = passes::pipeline_from_json("{\"passes\": " + passes_json + "}");
    CHECK(pipeline.status().code() == StatusCode::kInvalidArgument);
    return pipeline.status().message();
}

bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

// Three Toffolis in {cx, one-qubit gates}, on four qubits.
Circuit toffolis() {
    Circuit circuit = Circuit::with_qubits(4);
    circuit.append(Gate::kCCX, {0, 1, 2});
    circuit.append(Gate::kRZ, {2}, {0.7});
    circuit.append(Gate::kCCX, {0, 1, 2});
    circuit.append(Gate::kRY, {1}, {0.4});
    circuit.append(Gate::kCCX, {1, 2, 3});
    return circuit;
}

CompileResult run(const Circuit& circuit, const Pipeline& pipeline) {
    const auto result = passes::compile_locally(circuit, pipeline);
    INFO(result.status().to_string());
    REQUIRE(result);
    const auto same = circuit::check_equivalence(circuit, result->circuit);
    REQUIRE(same);
    CAPTURE(same->distance, result->delta_bound);
    CHECK(same->distance <= result->delta_bound + 1e-12);
    CHECK(result->delta_bound < 1e-3);
    return *result;
}

const char* const kSearchBlocks =
    R"([{"pass": "rebase_cx_u3"}, {"pass": "clean_up"},
        {"pass": "for_each_block", "partition": "quick", "size": 3, "body": [
            {"pass": "qsearch"}, {"pass": "delete_gates"}]},
        {"pass": "clean_up"}])";

}  // namespace

TEST_CASE("pipeline, correctness: JSON and bytes there and back") {
    for (int level = 0; level <= passes::kHighestLevel; ++level) {
        const auto pipeline = passes::level_pipeline(level);
        REQUIRE(pipeline);
        CHECK(passes::check_pipeline(*pipeline).is_ok());
        const auto from_json = passes::pipeline_from_json(passes::pipeline_to_json(*pipeline));
        INFO(passes::pipeline_to_json(*pipeline));
        REQUIRE(from_json.status().to_string() == "OK");
        CHECK(*from_json == *pipeline);
        Encoder encoder;
        passes::encode(encoder, *pipeline);
        const Bytes bytes = encoder.take();
        Decoder decoder(bytes);
        const auto from_bytes = passes::decode_pipeline(decoder);
        REQUIRE(from_bytes);
        CHECK(*from_bytes == *pipeline);
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            Decoder cut(BytesView(bytes).substr(0, n));
            const auto partial = passes::decode_pipeline(cut);
            CHECK_FALSE((partial && cut.finished()));
        }
    }
}

TEST_CASE("pipeline, bad input: the offending pass is named by its place") {
    CHECK(contains(refusal("[]"), "no passes"));
    CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3"}, {"pass": "magic"}])"),
                   "passes[1] (magic): no such pass"));
    CHECK(contains(refusal(R"([{"pass": "fold_two_qubit"}])"),
                   "passes[0] (fold_two_qubit): needs a circuit in {cx, u3}"));
    CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3"}, {"pass": "qsearch"}])"),
                   "passes[1] (qsearch): a block pass"));
    CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3"},
                               {"pass": "for_each_block", "body": [{"pass": "clean_up"}]}])"),
                   "passes[1] (for_each_block).body[0] (clean_up)"));
    CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3"},
                               {"pass": "for_each_block", "size": 9, "body": [{"pass": "qsearch"}]}])"),
                   "size must be a whole number from 2 to 5"));
    CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3"}, {"pass": "for_each_block"}])"),
                   "needs body"));
    for (const std::string inner :
         {R"({"pass": "local_search"})", R"({"pass": "synthesize"})", R"({"pass": "qsearch"})",
          R"({"pass": "for_each_segment", "body": [{"pass": "clean_up"}]})"}) {
        CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3"}, {"pass": "for_each_segment",
                                   "body": [{"pass": "clean_up"}, )" +
                               inner + "]}]"),
                       "passes[1] (for_each_segment).body[1] ("));
    }
    CHECK(contains(refusal(R"([{"pass": "for_each_segment", "body": [{"pass": "clean_up"}]}])"),
                   "passes[0] (for_each_segment): needs a circuit in {cx, u3}"));
    CHECK(contains(refusal(R"([{"pass": "if", "condition": "weather", "then": [
                               {"pass": "rebase_cx_u3"}]}])"),
                   "condition must be one of"));
    CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3", "speed": 3}])"), "no parameter 'speed'"));
    CHECK(contains(refusal(R"([{"pass": "if", "condition": "qubits_at_most", "value": 3,
                                "then": [{"pass": "rebase_cx_u3"}]}, {"pass": "clean_up"}])"),
                   "passes[1] (clean_up): needs"));
    CHECK(contains(refusal(R"([{"pass": "parallel_pick_best", "branches": []}])"), "branches"));
    CHECK(contains(refusal(R"([{"pass": "rebase_cx_u3"}, {"pass": "synthesize"}])"),
                   "passes[1] (synthesize): only the first pass"));
    CHECK(contains(refusal(R"([{"pass": "while_changes", "body": [{"pass": "synthesize"}]}])"),
                   "(synthesize): only the first pass"));
    CHECK(contains(refusal(R"([{"pass": "synthesize", "effort": 9}])"), "from 0 to 3"));
    CHECK(contains(refusal(R"(["rebase_cx_u3"])"), "passes[0] must be an object"));
    for (const std::string count : {"0", "65", "1.5", "-1", "\"many\""}) {
        const auto refused = passes::pipeline_from_json(
            R"({"placements": )" + count + R"(, "passes": [{"pass": "rebase_cx_u3"}]})");
        CHECK(contains(refused.status().message(), "from 1 to 64"));
    }
    for (const std::string effort : {"0", "101", "-1", "\"much\"", "null"}) {
        const auto refused = passes::pipeline_from_json(
            R"({"routing_effort": )" + effort + R"(, "passes": [{"pass": "rebase_cx_u3"}]})");
        CHECK(contains(refused.status().message(), "from 0.01 to 100"));
    }
    CHECK_FALSE(passes::pipeline_from_json("{"));
    CHECK_FALSE(passes::pipeline_from_json("{}"));
    std::string deep = R"([{"pass": "rebase_cx_u3"}])";
    for (int i = 0; i < 12; ++i) {
        deep = R"([{"pass": "while_changes", "body": )" + deep + "}]";
    }
    CHECK(contains(refusal(deep), "nested deeper"));
}

TEST_CASE("pipeline, correctness: search and delete each block, the idiom of BQSKit's users") {
    const CompileResult result = run(toffolis(), parsed(kSearchBlocks));
    CHECK(result.before.cx_equivalents == 18);
    CHECK(result.after.cx_equivalents < 18);
    CHECK(result.blocks >= 2);
}

TEST_CASE("pipeline, correctness: if takes one list, while_changes ends") {
    const auto with_value = [](int value) {
        return parsed(R"([{"pass": "if", "condition": "qubits_at_most", "value": )" +
                      std::to_string(value) +
                      R"(, "then": [{"pass": "rebase_cx_u3"}], "else": [
                          {"pass": "cancel_two_qubit"}]}])");
    };
    CHECK(run(toffolis(), with_value(4)).after.wider == 0);
    CHECK(run(toffolis(), with_value(3)).after.wider == 3);
    const CompileResult looped =
        run(toffolis(), parsed(R"([{"pass": "rebase_cx_u3"}, {"pass": "while_changes",
            "max_rounds": 100, "patience": 3, "body": [{"pass": "clean_up"}]}])"));
    CHECK(looped.after.wider == 0);
}

TEST_CASE("pipeline, correctness: the best of two branches") {
    const std::string cheap = R"([{"pass": "rebase_cx_u3"}, {"pass": "clean_up"}])";
    const Pipeline both = parsed(R"([{"pass": "parallel_pick_best", "branches": [)" + cheap + ", " +
                                 kSearchBlocks + "]}]");
    const CompileResult alone = run(toffolis(), parsed(kSearchBlocks));
    const CompileResult best = run(toffolis(), both);
    CHECK(best.after == alone.after);
    CHECK(best.circuit == alone.circuit);
    CHECK(run(toffolis(), parsed(cheap)).after.cx_equivalents > best.after.cx_equivalents);
}

TEST_CASE("convex block: taken out and put back, the circuit is the same") {
    const std::uint64_t seed = std::random_device{}();
    CAPTURE(seed);
    Philox random(seed);
    for (int i = 0; i < 200; ++i) {
        const Circuit circuit = test::random_circuit(
            {.qubits = 5, .operations = 30, .widest = 2, .native = true}, random);
        const std::size_t anchor = random.below(circuit.operations.size());
        std::vector<circuit::Qubit> qubits(circuit.operations[anchor].qubits.begin(),
                                           circuit.operations[anchor].qubits.end());
        while (qubits.size() < 3) {
            const auto q = static_cast<circuit::Qubit>(random.below(5));
            if (std::find(qubits.begin(), qubits.end(), q) == qubits.end()) {
                qubits.push_back(q);
            }
        }
        const auto members = passes::grow_block(circuit.operations, anchor, qubits);
        REQUIRE(std::binary_search(members.members.begin(), members.members.end(), anchor));
        const auto block = passes::extract_block(circuit.operations, members);
        Circuit rebuilt = circuit;
        rebuilt.operations =
            passes::replace_block(circuit.operations, members, block.circuit.operations);
        const auto same = circuit::check_equivalence(circuit, rebuilt);
        REQUIRE(same);
        REQUIRE(same->distance < 1e-10);
    }
}

TEST_CASE("local search, correctness: fewer CX, the same unitary, the same bytes for a seed") {
    const auto rebased = passes::rebase_to_cx_u3(toffolis());
    REQUIRE(rebased);
    passes::LocalSearchOptions options;
    options.iterations = 60;
    options.seed = 5;
    const auto found = passes::local_search(rebased->circuit, options);
    REQUIRE(found);
    CHECK(found->cx_saved >= 2);
    const auto same = circuit::check_equivalence(rebased->circuit, found->circuit);
    REQUIRE(same);
    CHECK(same->distance <= found->delta + 1e-12);
    const auto again = passes::local_search(rebased->circuit, options);
    REQUIRE(again);
    CHECK(again->circuit == found->circuit);
    options.stop = [] { return true; };
    const auto stopped = passes::local_search(rebased->circuit, options);
    REQUIRE(stopped);
    CHECK(stopped->iterations <= 1);
}

TEST_CASE("local search, correctness: fences stay where they are") {
    Circuit circuit = toffolis();
    circuit.cregs = {{"c", 1}};
    circuit::Operation measure;
    measure.gate = Gate::kMeasure;
    measure.qubits = {2};
    measure.clbit = 0;
    circuit.operations.insert(circuit.operations.begin() + 2, measure);
    const auto pipeline = passes::level_pipeline(4, {.iterations = 40, .islands = 2});
    REQUIRE(pipeline);
    const auto result = passes::compile_locally(circuit, *pipeline);
    REQUIRE(result);
    const auto same = circuit::check_equivalence(circuit, result->circuit);
    REQUIRE(same);
    CHECK(same->equivalent);
    CHECK(circuit::count_gates(result->circuit)["measure"] == 1);
}
