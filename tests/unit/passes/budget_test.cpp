// Error budgets: what is approximated, and that the bound of the whole holds.

#include "quantum/passes/budget.hpp"

#include <cmath>
#include <map>
#include <numeric>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/local_search.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fourier.hpp"
#include "tests/unit/passes/random_circuit.hpp"
#include "tests/unit/passes/run_wanted.hpp"
#include "tests/unit/passes/shared_circuits.hpp"

using namespace quercus;
using circuit::Circuit;
using passes::CompileResult;
using passes::kNone;
using passes::LevelOptions;
using passes::Offer;
using test::fourier;

namespace {

passes::Pipeline pipeline_of(int level, double budget) {
    LevelOptions options;
    options.error_budget = budget;
    options.iterations = 60;
    auto pipeline = passes::level_pipeline(level, options);
    REQUIRE(pipeline.status().to_string() == "OK");
    return std::move(*pipeline);
}

CompileResult compiled(const Circuit& circuit, const passes::Pipeline& pipeline, Seed seed = 3) {
    auto result = passes::compile_locally(circuit, pipeline, seed);
    REQUIRE(result.status().to_string() == "OK");
    return std::move(*result);
}

// 1 - |Tr(U^dagger V)| / N, entry by entry.
double distance(const Circuit& a, const Circuit& b) {
    const auto u = circuit::unitary_of(a);
    const auto v = circuit::unitary_of(b);
    REQUIRE(u);
    REQUIRE(v);
    base::Complex trace = 0;
    for (std::size_t i = 0; i < u->data().size(); ++i) {
        trace += std::conj(u->data()[i]) * v->data()[i];
    }
    return 1 - std::abs(trace) / static_cast<double>(u->rows());
}

Circuit without_fences(Circuit circuit) {
    std::erase_if(circuit.operations, partition::is_fence);
    circuit.cregs.clear();
    return circuit;
}

void check_bound(const Circuit& before, const CompileResult& result, double budget) {
    const double d = distance(before, result.circuit);
    CAPTURE(budget, result.distance_bound, result.delta_bound, d);
    CHECK(result.distance_bound <= budget);
    CHECK(d <= result.distance_bound + 1e-12);
    CHECK(result.after.cx_equivalents <= result.before.cx_equivalents);
}

// Answers every kernel, after `change` has had its way with the outputs.
template <class Change>
CompileResult compiled_with(const Circuit& circuit, const passes::Pipeline& pipeline,
                            Change change) {
    auto run = passes::Compilation::start(circuit, pipeline);
    REQUIRE(run.status().to_string() == "OK");
    while (!run->finished()) {
        std::vector<Bytes> outputs;
        for (const Bytes& input : run->wanted()) {
            auto output = test::run_wanted(input);
            REQUIRE(output.status().to_string() == "OK");
            outputs.push_back(change(input, std::move(*output)));
        }
        const Status answered = run->answer(std::move(outputs));
        REQUIRE(answered.is_ok());
    }
    auto result = run->result();
    REQUIRE(result.status().to_string() == "OK");
    return std::move(*result);
}

passes::Pipeline one_sweep(const std::string& head, const std::string& spend) {
    auto pipeline = passes::pipeline_from_json(
        "{" + head + R"("passes": [{"pass": "rebase_cx_u3"}, {"pass": "clean_up"},
         {"pass": "for_each_block", "size": 2)" +
        spend + R"(, "body": [{"pass": "resynthesize", "effort": 0}]}]})");
    REQUIRE(pipeline.status().to_string() == "OK");
    return std::move(*pipeline);
}

}  // namespace

TEST_CASE("budget, correctness: the cheapest savings first, as far as the allowance goes") {
    // Place 0 saves two for 0.3 (0.15 each), place 1 one for 0.1, then two more for 0.6 in all;
    // place 2 has something exact already, and one more for 0.2.
    const std::vector<std::vector<Offer>> offers{
        {{2, 0.3}}, {{1, 0.1}, {3, 0.6}}, {{1, 0.0}, {2, 0.2}}};
    const std::vector<std::size_t> start{kNone, kNone, 0};
    const auto chosen = [&](double allowance) {
        return passes::choose_offers(offers, start, allowance);
    };
    using Choice = std::vector<std::size_t>;
    CHECK(chosen(0) == Choice{kNone, kNone, 0});
    CHECK(chosen(0.1) == Choice{kNone, 0, 0});
    CHECK(chosen(0.39) == Choice{kNone, 0, 1});  // the next best, 0.3, does not fit
    CHECK(chosen(0.41) == Choice{0, 0, 0});
    CHECK(chosen(0.61) == Choice{0, 0, 1});
    CHECK(chosen(1.2) == Choice{0, 1, 1});
}

TEST_CASE("budget, correctness: what is chosen at random never exceeds the allowance") {
    for (Seed seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        std::vector<std::vector<Offer>> offers(1 + random.below(8));
        for (auto& own : offers) {
            own.resize(random.below(5));
            for (Offer& offer : own) {
                offer = {static_cast<double>(1 + random.below(6)), random.uniform()};
            }
        }
        const double allowance = 2 * random.uniform();
        const std::vector<std::size_t> start(offers.size(), kNone);
        const auto chosen = passes::choose_offers(offers, start, allowance);
        double spent = 0;
        double cheapest = 1e9;
        for (std::size_t i = 0; i < offers.size(); ++i) {
            spent += chosen[i] == kNone ? 0 : offers[i][chosen[i]].delta;
            for (const Offer& offer : offers[i]) {
                cheapest = std::min(cheapest, offer.delta);
            }
        }
        CHECK(spent <= allowance + 1e-12);
        CHECK((spent > 0 || cheapest > 0.1 * allowance));
    }
}

TEST_CASE("budget, correctness: fewer cx than exactly, within the bound, at every level") {
    const Circuit circuit = fourier(6);
    std::map<double, std::uint64_t> saved;
    for (const int level : {1, 2, 3, 4}) {
        const CompileResult exact = compiled(circuit, pipeline_of(level, 0));
        CHECK(exact.distance_bound < 1e-12);
        for (const double budget : {1e-3, 1e-2, 0.5}) {
            CAPTURE(level, budget);
            const CompileResult result = compiled(circuit, pipeline_of(level, budget));
            check_bound(circuit, result, budget);
            // What a level does without a budget is one of the ways that it tries with one; only
            // the long search of level 4, which comes after, may be luckier without.
            const std::uint64_t luck = level == 4 ? 1 : 0;
            CHECK(result.after.two_qubit <= exact.after.two_qubit + luck);
            if (result.after.two_qubit < exact.after.two_qubit) {
                saved[budget] += exact.after.two_qubit - result.after.two_qubit;
                // It was spent; the least one also pays for turns that find something exact.
                CHECK((budget == 1e-3 || result.distance_bound > 1e-6));
            }
            // Level 3 comes to 20 cx without: 1e-2 buys none of them.
            if (budget == 0.5 || (budget == 1e-2 && level != 3)) {
                CHECK(result.after.two_qubit < exact.after.two_qubit);
            }
        }
    }
    CHECK(saved[1e-2] >= 4);
    CHECK(saved[0.5] > saved[1e-2]);
}

TEST_CASE("budget, correctness: none is the pipeline without one, and tiny ones still hold") {
    CHECK(pipeline_of(2, 0) == *passes::level_pipeline(2, {.iterations = 60}));
    const Circuit circuit = fourier(4);
    for (const double budget : {1e-16, 1e-12, 1e-7}) {
        check_bound(circuit, compiled(circuit, pipeline_of(1, budget)), budget);
    }
}

TEST_CASE("budget, correctness: random circuits") {
    for (Seed seed = 1; seed <= 4; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 4;
        options.operations = 25;
        options.widest = 2;
        const Circuit circuit = test::random_circuit(options, random);
        const double budget = std::pow(10.0, -1.0 - static_cast<double>(seed % 3));
        check_bound(circuit, compiled(circuit, pipeline_of(1, budget), seed), budget);
    }
}

TEST_CASE("budget, correctness: a pipeline of one's own spends what its steps may") {
    const Circuit circuit = fourier(6);
    const std::string head = R"("error_budget": 0.01, )";
    const CompileResult exact = compiled(circuit, one_sweep("", ""));
    const CompileResult half = compiled(circuit, one_sweep(head, ""));
    const CompileResult none = compiled(circuit, one_sweep(head, R"(, "spend": 0)"));
    const CompileResult all = compiled(circuit, one_sweep(head, R"(, "spend": 1)"));
    check_bound(circuit, half, 0.01);
    check_bound(circuit, all, 0.01);
    CHECK(none.circuit == exact.circuit);
    CHECK(half.delta_bound <= 0.5 * std::sqrt(0.02));
    CHECK(half.after.two_qubit < exact.after.two_qubit);
    CHECK(all.after.two_qubit < half.after.two_qubit);
    CHECK(all.delta_bound > 0.5 * std::sqrt(0.02));
}

TEST_CASE("budget, correctness: equal bytes, and through the pipeline's own forms") {
    const Circuit circuit = fourier(5);
    const passes::Pipeline pipeline = pipeline_of(2, 1e-2);
    const Bytes bytes = passes::to_bytes(compiled(circuit, pipeline));
    CHECK(passes::to_bytes(compiled(circuit, pipeline)) == bytes);
    const auto again = passes::pipeline_from_json(passes::pipeline_to_json(pipeline));
    REQUIRE(again.status().to_string() == "OK");
    CHECK(*again == pipeline);
    CHECK(again->error_budget == 1e-2);
    Encoder encoder;
    passes::encode(encoder, pipeline);
    const Bytes encoded = encoder.take();
    Decoder decoder(encoded);
    const auto decoded = passes::decode_pipeline(decoder);
    REQUIRE(decoded);
    CHECK(*decoded == pipeline);
}

TEST_CASE("budget, correctness: kernels that offer too much do not break the bound") {
    const Circuit circuit = fourier(6);
    const double budget = 1e-3;
    // Every block may go altogether, says the kernel.
    const auto greedy = [](const Bytes& input, Bytes output) {
        const auto asked = passes::kernel_input_from_bytes(input);
        REQUIRE(asked);
        const auto* block = std::get_if<passes::BlockInput>(&*asked);
        auto answer = passes::kernel_output_from_bytes(output);
        if (block == nullptr || block->approximate_to == 0) {
            return output;
        }
        REQUIRE(answer);
        answer->approximations.push_back(Circuit::with_qubits(block->block.num_qubits()));
        return passes::to_bytes(*answer);
    };
    const CompileResult result = compiled_with(circuit, pipeline_of(1, budget), greedy);
    check_bound(circuit, result, budget);
    CHECK(result.after.two_qubit > 0);
    // ... or that each is as far off as it may be: all of them together would be too much.
    const auto same = [](const Bytes&, Bytes output) { return output; };
    const passes::Pipeline sweep = one_sweep(R"("error_budget": 1e-3, )", R"(, "spend": 1)");
    const CompileResult honest = compiled_with(circuit, sweep, same);
    check_bound(circuit, honest, budget);
}

TEST_CASE("budget, correctness: a search stays within its part") {
    const auto rebased = compiled(fourier(4), pipeline_of(0, 0));
    Circuit circuit = rebased.circuit;
    for (const circuit::Operation& op : rebased.circuit.operations) {
        circuit.operations.push_back(op);  // something to find
    }
    passes::LocalSearchOptions options;
    options.seed = 5;
    options.iterations = 60;
    const auto free = passes::local_search(circuit, options);
    REQUIRE(free);
    CHECK(free->taken > 0);
    CHECK(free->delta > 0);
    options.most_delta = free->delta / 2;
    const auto limited = passes::local_search(circuit, options);
    REQUIRE(limited);
    CHECK(limited->delta <= options.most_delta);
    options.most_delta = 0;
    const auto nothing = passes::local_search(circuit, options);
    REQUIRE(nothing);
    CHECK(nothing->delta == 0);
    CHECK(nothing->circuit == circuit);
}

TEST_CASE("budget, bad input: refused before any work") {
    const auto status = [](double budget) {
        LevelOptions options;
        options.error_budget = budget;
        return passes::level_pipeline(1, options).status();
    };
    for (const double budget : {-1.0, -1e-9, 0.51, 1e-17, std::nan(""), double(INFINITY)}) {
        CAPTURE(budget);
        CHECK(status(budget).code() == StatusCode::kInvalidArgument);
        CHECK(status(budget).message().find("--error-budget") != std::string::npos);
        passes::Pipeline own = pipeline_of(1, 0);
        own.error_budget = budget;
        CHECK(passes::Compilation::start(fourier(3), own).status().code() ==
              StatusCode::kInvalidArgument);
    }
    const auto from_json = [](const std::string& head) {
        return passes::pipeline_from_json("{" + head + R"("passes": [{"pass": "rebase_cx_u3"}]})")
            .status();
    };
    CHECK(from_json(R"("error_budget": 0.1, )").is_ok());
    CHECK(from_json(R"("error_budget": -0.1, )").code() == StatusCode::kInvalidArgument);
    CHECK(from_json(R"("error_budget": "much", )").code() == StatusCode::kInvalidArgument);
}

TEST_CASE("budget, correctness: shared circuits cost less, within the bound") {
    for (const auto& [name, whole] : test::shared_circuits()) {
        if (name != "qft_n4" && name != "ising_n10" && name != "qpe_n9") {
            continue;
        }
        CAPTURE(name);
        const Circuit circuit = without_fences(whole);
        const CompileResult exact = compiled(circuit, pipeline_of(1, 0));
        const CompileResult result = compiled(circuit, pipeline_of(1, 1e-2));
        check_bound(circuit, result, 1e-2);
        CHECK(result.after.two_qubit < exact.after.two_qubit);
    }
}
