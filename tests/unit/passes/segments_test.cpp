// for_each_segment, and blocks under their canonical names.

#include <set>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/partition/scan.hpp"
#include "quantum/partition/segments.hpp"
#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/segment_round.hpp"
#include "quantum/passes/stretch_check.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"

using namespace quercus;
using passes::SegmentRound;
using passes::Step;
using test::Circuit;
using test::Gate;

namespace {

Circuit random_native(Seed seed, int operations, std::uint32_t qubits, double fences = 0) {
    Philox random(seed);
    test::RandomOptions options;
    options.qubits = qubits;
    options.operations = operations;
    options.native = true;
    options.fence_chance = fences;
    return test::random_circuit(options, random);
}

Step segments(double size) {
    return {"for_each_segment",
            {{"size", size}},
            {{{"resynthesize_pauli", {}, {}}, {"clean_up", {}, {}}}}};
}

Bytes run(const Bytes& input) {
    auto output = passes::run_compile_kernel(input, derive_seed(1, digest_of(input)));
    REQUIRE(output.status().to_string() == "OK");
    return std::move(*output);
}

std::vector<Bytes> run_all(const SegmentRound& round) {
    std::vector<Bytes> outputs;
    for (const Bytes& input : round.inputs()) {
        outputs.push_back(run(input));
    }
    return outputs;
}

}  // namespace

TEST_CASE(
    "for_each_segment, correctness: the same circuit with no more cx, fences in their place") {
    const Seed seed = GENERATE(1, 2, 3);
    const double fences = GENERATE(0.0, 0.03);
    CAPTURE(seed, fences);
    const Circuit circuit = random_native(seed, 400, 5, fences);
    SegmentRound round(circuit, segments(20), 0, {}, passes::kNoLimit, {});
    REQUIRE(round.inputs().size() > 3);
    const auto merged = round.merge(run_all(round));
    REQUIRE(merged);
    CHECK(merged->changed);
    CHECK(circuit::count_two_qubit(merged->circuit) < circuit::count_two_qubit(circuit));
    const auto same = circuit::check_equivalence(circuit, merged->circuit);
    REQUIRE(same.status().to_string() == "OK");
    CHECK(same->distance <= merged->delta + 1e-9);
    // Others than in the turn before.
    const SegmentRound next(circuit, segments(20), 1, {}, passes::kNoLimit, {});
    CHECK(next.inputs() != round.inputs());
}

TEST_CASE(
    "for_each_segment, correctness: no answer, a wrong one and one too dear leave all alone") {
    const Circuit circuit = random_native(9, 300, 4);
    SegmentRound round(circuit, segments(20), 0, {}, passes::kNoLimit, {});
    const std::vector<Bytes> right = run_all(round);
    std::vector<Bytes> none(right.size());
    const auto unchanged = round.merge(none);
    REQUIRE(unchanged);
    CHECK(unchanged->circuit == circuit);
    CHECK_FALSE(unchanged->changed);
    CHECK(round.settled().size() == round.inputs().size());
    // What has been looked at in vain is not asked for again.
    CHECK(SegmentRound(circuit, segments(20), 0, {}, passes::kNoLimit, round.settled())
              .inputs()
              .empty());

    std::vector<Bytes> wrong = right;
    passes::KernelOutput lie{true, 0, Circuit::with_qubits(4), {}};
    wrong.front() = passes::to_bytes(lie);
    SegmentRound again(circuit, segments(20), 0, {}, passes::kNoLimit, {});
    const auto checked = again.merge(wrong);
    REQUIRE(checked);
    CHECK(circuit::check_equivalence(circuit, checked->circuit)->equivalent);
    // One swap for three cx is no circuit in {cx, u3}.
    Circuit other = Circuit::with_qubits(4);
    other.append(Gate::kSwap, {0, 1});
    wrong.front() = passes::to_bytes(passes::KernelOutput{true, 0, other, {}});
    CHECK(circuit::check_equivalence(circuit, again.merge(wrong)->circuit)->equivalent);
    wrong.front() = "none of ours";
    CHECK(again.merge(wrong).status().code() == StatusCode::kDataLoss);

    SegmentRound poor(circuit, segments(20), 0, {}, 0, {});
    const auto kept = poor.merge(right);
    REQUIRE(kept);
    CHECK(kept->delta == 0);
}

TEST_CASE("for_each_segment, correctness: whole levels run inside of a segment") {
    const Circuit circuit = random_native(11, 200, 5);
    const auto pipeline = passes::pipeline_from_json(R"({"passes": [{"pass": "rebase_cx_u3"},
        {"pass": "for_each_segment", "size": 30, "body": [
            {"pass": "while_changes", "body": [
                {"pass": "for_each_block", "body": [{"pass": "resynthesize"}]},
                {"pass": "clean_up"}]}]}]})");
    REQUIRE(pipeline.status().to_string() == "OK");
    for (const double budget : {0.0, 1e-3}) {
        passes::Pipeline with = *pipeline;
        with.error_budget = budget;
        const auto done = passes::compile_locally(circuit, with, 3);
        REQUIRE(done.status().to_string() == "OK");
        CHECK(done->after.cx_equivalents < done->before.cx_equivalents);
        const auto same = circuit::check_equivalence(circuit, done->circuit);
        REQUIRE(same);
        CHECK(same->distance <= done->delta_bound + 1e-9);
        if (budget > 0) {
            CHECK(done->distance_bound <= budget);
        }
    }
    CHECK(passes::compile_locally(circuit, *pipeline, 3, [] { return true; }).status().code() ==
          StatusCode::kCancelled);
}

TEST_CASE(
    "for_each_segment, correctness: with blocks as tasks a segment wants kernels one by one") {
    const Circuit circuit = random_native(12, 300, 5);
    const char* text = R"({"passes": [{"pass": "rebase_cx_u3"},
        {"pass": "for_each_segment", "size": 30, "tasks": "blocks", "body": [
            {"pass": "while_changes", "body": [
                {"pass": "for_each_block", "body": [{"pass": "resynthesize"}]},
                {"pass": "clean_up"}]}]}]})";
    const auto pipeline = passes::pipeline_from_json(text);
    REQUIRE(pipeline.status().to_string() == "OK");
    auto whole = passes::Compilation::start(circuit, *pipeline);
    REQUIRE(whole);
    REQUIRE(whole->wanted().size() > 1);
    std::vector<Bytes> outputs;
    std::size_t blocks = 0;
    for (const Bytes& input : whole->wanted()) {
        REQUIRE(passes::is_spread_segment(input));
        auto segment = passes::Compilation::start_segment(input);
        REQUIRE(segment);
        while (!segment->finished()) {
            CHECK(segment->segment_output().status().code() == StatusCode::kInvalidArgument);
            std::vector<Bytes> answers;
            for (const Bytes& block : segment->wanted()) {
                CHECK_FALSE(passes::is_spread_segment(block));
                answers.push_back(run(block));
            }
            blocks += answers.size();
            const Status answered = segment->answer(std::move(answers));
            REQUIRE(answered.is_ok());
        }
        auto output = segment->segment_output();
        REQUIRE(output.status().to_string() == "OK");
        outputs.push_back(std::move(*output));
    }
    CHECK(blocks > outputs.size());
    const Status answered = whole->answer(std::move(outputs));
    REQUIRE(answered.is_ok());
    REQUIRE(whole->finished());
    CHECK(whole->segment_output().status().code() == StatusCode::kInvalidArgument);
    const auto result = whole->result();
    REQUIRE(result);
    CHECK(result->after.cx_equivalents < result->before.cx_equivalents);
    const auto same = circuit::check_equivalence(circuit, result->circuit);
    REQUIRE(same);
    CHECK(same->distance <= result->delta_bound + 1e-9);
    // The same blocks with the same seeds, one after the other on one thread.
    const auto here = passes::compile_locally(circuit, *pipeline, 1);
    REQUIRE(here);
    CHECK(here->circuit == result->circuit);
}

TEST_CASE("for_each_segment, bad input: only a segment can be started as one") {
    const Circuit circuit = random_native(9, 300, 4);
    const SegmentRound round(circuit, segments(20), 0, {}, passes::kNoLimit, {});
    const Bytes& inside = round.inputs().front();
    CHECK_FALSE(passes::is_spread_segment(inside));
    passes::SegmentInput spread;
    spread.circuit = circuit;
    spread.body = {{"clean_up", {}, {}}};
    spread.is_spread = true;
    CHECK(passes::is_spread_segment(passes::to_bytes(spread)));
    CHECK(passes::run_compile_kernel(passes::to_bytes(spread), 1).status().code() ==
          StatusCode::kDataLoss);
    spread.body = segments(20).bodies.front();
    CHECK(passes::Compilation::start_segment(passes::to_bytes(spread)).status().code() ==
          StatusCode::kDataLoss);
    CHECK_FALSE(passes::is_spread_segment(""));
    for (const Bytes& bytes : {Bytes(), Bytes("none of ours"), inside.substr(0, inside.size() / 2),
                               passes::to_bytes(passes::SearchInput{})}) {
        CHECK(passes::Compilation::start_segment(bytes).status().code() == StatusCode::kDataLoss);
    }
    CHECK(passes::Compilation::start_segment(inside, [] { return true; })
              ->segment_output()
              .status()
              .code() == StatusCode::kCancelled);
    const auto refusal = [](const char* tasks) {
        Step step = segments(20);
        step.params["tasks"] = std::string(tasks);
        return passes::check_pipeline({"", {{"rebase_cx_u3", {}, {}}, step}, 0, {}, 1}).message();
    };
    CHECK(refusal("segments").empty());
    CHECK(refusal("gates").find("one of segments, blocks") != std::string::npos);
    CHECK(refusal("blocks").find("body[0] (resynthesize_pauli): takes too long") !=
          std::string::npos);
}

TEST_CASE("blocks, correctness: equal up to the names of their qubits is one kernel") {
    Circuit circuit = Circuit::with_qubits(6);
    const auto add = [&](circuit::Qubit a, circuit::Qubit b, circuit::Qubit c) {
        circuit.append(Gate::kCX, {a, b});
        circuit.append(Gate::kU3, {b}, {0.3, 0.2, 0.1});
        circuit.append(Gate::kCX, {b, c});
        circuit.append(Gate::kCX, {a, b});
        circuit.append(Gate::kCX, {a, c});
        circuit.append(Gate::kCX, {b, c});
        circuit.append(Gate::kU3, {c}, {0, 0, 0.7});
        circuit.append(Gate::kCX, {b, c});
        circuit.append(Gate::kCX, {a, c});
    };
    add(0, 1, 2);
    add(5, 3, 4);
    const Step step{"for_each_block", {}, {{{"resynthesize", {}, {}}}}};
    const auto choice = passes::choose_blocks(circuit, step, {}, 0);
    REQUIRE(choice);
    CHECK(choice->uses.size() == 2);
    REQUIRE(choice->blocks.size() == 1);
    const auto merged = passes::merge_answers(*choice, {run(choice->blocks.front())});
    REQUIRE(merged);
    CHECK(circuit::count_two_qubit(merged->circuit) + 2 <= circuit::count_two_qubit(circuit));
    const auto same = circuit::check_equivalence(circuit, merged->circuit);
    REQUIRE(same);
    CHECK(same->distance <= merged->delta + 1e-9);
    // It has a better answer, which another copy can have too.
    CHECK(merged->settled.empty());
    const auto none = passes::merge_answers(*choice, {Bytes()});
    REQUIRE(none);
    CHECK(passes::choose_blocks(circuit, step, none->settled, 0)->blocks.empty());
}

TEST_CASE("for_each_segment, correctness: fences that do not touch may change places") {
    Circuit asked = Circuit::with_qubits(2);
    asked.cregs = {{"c", 1}, {"d", 1}};
    asked.append(Gate::kCX, {0, 1});
    asked.append(Gate::kCX, {0, 1});
    const auto measure = [](Circuit& circuit, circuit::Qubit q) {
        test::Operation op;
        op.gate = Gate::kMeasure;
        op.qubits = {q};
        op.clbit = q;
        circuit.operations.push_back(op);
    };
    Circuit now = asked;
    now.operations.clear();
    Circuit wrong = now;
    measure(asked, 0);
    measure(asked, 1);
    measure(now, 1);
    measure(now, 0);
    measure(wrong, 0);
    const auto check = [&](const Circuit& circuit) {
        const auto answer = passes::check_stretch(
            asked, passes::to_bytes(passes::KernelOutput{true, 0, circuit, {}}));
        REQUIRE(answer);
        return answer->has_value();
    };
    CHECK(check(now));
    CHECK_FALSE(check(wrong));
}

namespace {

std::vector<Bytes> blocks_of(const Circuit& circuit, const char* partition, std::uint32_t turn) {
    const Step step{
        "for_each_block", {{"partition", std::string(partition)}}, {{{"resynthesize", {}, {}}}}};
    auto choice = passes::choose_blocks(circuit, step, {}, turn);
    REQUIRE(choice.status().to_string() == "OK");
    return std::move(choice->blocks);
}

}  // namespace

TEST_CASE("for_each_block, correctness: by turns, another cut in each turn") {
    const Circuit circuit = random_native(3, 60, 5);
    std::set<std::vector<Bytes>> different;
    for (std::uint32_t turn = 0; turn < 4; ++turn) {
        const auto blocks = blocks_of(circuit, "by_turns", turn);
        CHECK_FALSE(blocks.empty());
        CHECK(blocks == blocks_of(circuit, "by_turns", turn));
        different.insert(blocks);
    }
    CHECK(different.size() > 1);
}

TEST_CASE("for_each_block, correctness: what has too many groups for a scan is cut without one") {
    Circuit star = Circuit::with_qubits(230);
    for (std::uint32_t q = 1; q < 230; ++q) {
        star.append(Gate::kCX, {0, q});
    }
    for (int i = 0; i < 4; ++i) {
        star.append(Gate::kCX, {1, 2});
        star.append(Gate::kCX, {2, 3});
    }
    REQUIRE_FALSE(partition::scan_groups(star, {3}));
    std::uint32_t turn = 0;
    while (partition::segment_ends(star, {turn}).size() > 1) {
        REQUIRE(++turn < 10000);
    }
    for (const char* partition : {"by_turns", "best", "scan"}) {
        CAPTURE(partition, turn);
        CHECK_FALSE(blocks_of(star, partition, turn).empty());
    }
}

TEST_CASE("levels: a long circuit is many tasks at level 2, and one where depth decides") {
    const Circuit circuit = random_native(3, 6000, 12);
    const auto segments = [&](passes::Optimize optimize) {
        passes::LevelOptions options;
        options.optimize = optimize;
        const auto pipeline = passes::level_pipeline(2, options);
        REQUIRE(pipeline);
        auto compilation = passes::Compilation::start(passes::Source(circuit), *pipeline);
        REQUIRE(compilation);
        std::size_t count = 0, longest = 0, all = 0;
        for (const Bytes& input : compilation->wanted()) {
            const auto decoded = passes::kernel_input_from_bytes(input);
            REQUIRE(decoded);
            if (const auto* segment = std::get_if<passes::SegmentInput>(&*decoded)) {
                ++count;
                longest = std::max(longest, segment->circuit.operations.size());
                all += segment->circuit.operations.size();
            }
        }
        REQUIRE(count > 0);
        return std::pair(count, all / longest);
    };
    const auto [count, times_longest] = segments(passes::Optimize::kTwoQubit);
    CHECK(count > 10);
    CHECK(times_longest > 5);
    CHECK(segments(passes::Optimize::kDepth).first == 1);
}
