// The cost that decides is a parameter: two-qubit count, depth, expected fidelity.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/mapping/presets.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/cost.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/local_search.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fourier.hpp"
#include "tests/unit/passes/random_circuit.hpp"
#include "tests/unit/passes/shared_circuits.hpp"

using namespace quercus;
using circuit::Circuit;
using circuit::Gate;
using passes::CompileResult;
using passes::Cost;
using passes::Objective;
using passes::Optimize;
using passes::TargetSpec;
using test::fourier;

namespace {

CompileResult compiled(const Circuit& circuit, int level, Optimize optimize,
                       const TargetSpec& target = {}, int block_size = 3) {
    passes::LevelOptions options;
    options.optimize = optimize;
    options.block_size = block_size;
    const auto pipeline = passes::level_pipeline(level, options);
    REQUIRE(pipeline.status().to_string() == "OK");
    auto result = passes::compile_locally(circuit, *pipeline, 5, {}, target);
    REQUIRE(result.status().to_string() == "OK");
    return std::move(*result);
}

// In cx equivalents.
std::uint64_t input_depth(const Circuit& circuit) {
    const auto rebased = passes::rebase_to_cx_u3(circuit);
    REQUIRE(rebased);
    return circuit::two_qubit_depth(rebased->circuit);
}

// A ring of which one half hardly works.
mapping::MachineModel calibrated() {
    auto model = mapping::preset("ring-6");
    REQUIRE(model);
    model->qubits.resize(model->num_qubits);
    for (mapping::ModelQubit& qubit : model->qubits) {
        qubit.one_qubit.error = 1e-4;
    }
    for (std::size_t i = 0; i < model->edges.size(); ++i) {
        const double error = i < 3 ? 0.2 : 1e-3;
        model->edges[i].gates.clear();
        for (const Gate gate : model->two_qubit_gates) {
            model->edges[i].gates.push_back({gate, {error, std::nullopt}});
        }
    }
    return *model;
}

}  // namespace

TEST_CASE("optimize, correctness: what the costs are") {
    Circuit circuit = Circuit::with_qubits(4);
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kU3, {0}, {1, 2, 3});
    circuit.append(Gate::kCX, {2, 3});
    circuit.append(Gate::kBarrier, {1, 2});
    circuit.append(Gate::kCX, {2, 3});
    circuit.append(Gate::kCX, {0, 1});
    CHECK(passes::cost_of(circuit, {}) == Cost{{4, 6, 0}});
    CHECK(passes::cost_of(circuit, {Optimize::kDepth}) == Cost{{2, 4, 6}});
    const Cost fidelity = passes::cost_of(circuit, {Optimize::kFidelity});
    CHECK(fidelity.first() == Approx(4.1));
    CHECK(passes::cost_of(circuit, {Optimize::kFidelity, 0.02, 0.5}).first() == Approx(0.58));
    // As after the rebase.
    Circuit wide = Circuit::with_qubits(3);
    wide.append(Gate::kCCX, {0, 1, 2});
    const auto full = passes::full_cost_of(wide, {Optimize::kDepth});
    REQUIRE(full);
    CHECK(*full == passes::cost_of(passes::rebase_to_cx_u3(wide)->circuit, {Optimize::kDepth}));
    CHECK(full->parts[1] == 6);
}

TEST_CASE("optimize, correctness: the depth never grows, whatever the circuit") {
    for (Seed seed = 1; seed <= 10; ++seed) {
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 4 + static_cast<std::uint32_t>(seed % 4);
        options.operations = 40;
        options.widest = 3;
        options.fence_chance = seed % 3 == 0 ? 0.1 : 0;
        const Circuit circuit = test::random_circuit(options, random);
        const int level = seed % 2 == 0 ? 1 : 2;
        const int size = seed % 4 == 1 ? 4 : 3;
        CAPTURE(seed, level, size);
        const CompileResult result = compiled(circuit, level, Optimize::kDepth, {}, size);
        CHECK(circuit::two_qubit_depth(result.circuit) <= input_depth(circuit));
        circuit::EquivalenceOptions check;
        check.tolerance = 1e-5;
        const auto same = circuit::check_equivalence(circuit, result.circuit, check);
        REQUIRE(same.status().to_string() == "OK");
        CHECK(same->equivalent);
    }
}

TEST_CASE("optimize, correctness: less deep than by the two-qubit count") {
    const Circuit circuit = fourier(9);
    const CompileResult count = compiled(circuit, 1, Optimize::kTwoQubit);
    const CompileResult depth = compiled(circuit, 1, Optimize::kDepth);
    const std::uint64_t deepest = circuit::two_qubit_depth(count.circuit);
    CAPTURE(input_depth(circuit), deepest);
    CHECK(circuit::two_qubit_depth(depth.circuit) <= input_depth(circuit));
    CHECK(circuit::two_qubit_depth(depth.circuit) < deepest);
    CHECK(count.after.two_qubit <= depth.after.two_qubit);
    for (const auto& [name, shared] : test::shared_circuits()) {
        if (name == "qft_n18" || name == "qaoa_n6") {
            CAPTURE(name);
            const auto by_count = compiled(shared, 1, Optimize::kTwoQubit).circuit;
            const auto by_depth = compiled(shared, 1, Optimize::kDepth).circuit;
            CHECK(circuit::two_qubit_depth(by_depth) < circuit::two_qubit_depth(by_count));
        }
    }
}

TEST_CASE("optimize, correctness: a search that looks at the depth makes nothing deeper") {
    const auto rebased = passes::rebase_to_cx_u3(fourier(5));
    REQUIRE(rebased);
    passes::LocalSearchOptions options;
    options.iterations = 150;
    options.objective.optimize = Optimize::kDepth;
    for (options.seed = 1; options.seed <= 3; ++options.seed) {
        CAPTURE(options.seed);
        const auto found = passes::local_search(rebased->circuit, options);
        REQUIRE(found);
        CHECK(circuit::two_qubit_depth(found->circuit) <=
              circuit::two_qubit_depth(rebased->circuit));
        CHECK(passes::count_cx_equivalents(found->circuit).value() <=
              passes::count_cx_equivalents(rebased->circuit).value());
    }
}

TEST_CASE("optimize, correctness: a block that is less deep by itself only where it fits") {
    // Four cx above each other beside one on the pair that others wait for; three are one, too.
    const auto pairs = [](std::size_t lower, std::size_t upper) {
        Circuit circuit = Circuit::with_qubits(4);
        for (std::size_t i = 0; i < lower; ++i) {
            circuit.append(Gate::kCX, {0, 1});
        }
        for (std::size_t i = 0; i < upper; ++i) {
            circuit.append(Gate::kCX, {2, 3});
        }
        return circuit;
    };
    Circuit whole = Circuit::with_qubits(9);
    passes::BlockChoice choice;
    choice.partition.qregs = whole.qregs;
    choice.partition.items.push_back(partition::Block{{0, 1, 2, 3}, pairs(1, 4)});
    choice.partition.items.push_back(partition::Block{{5, 6, 7, 8}, pairs(0, 4)});
    for (int i = 0; i < 10; ++i) {
        circuit::Operation next;
        next.gate = Gate::kCX;
        next.qubits = {0, 4};
        choice.partition.items.emplace_back(next);
    }
    std::vector<Bytes> outputs;
    for (const std::size_t i : {0u, 1u}) {
        const auto& block = std::get<partition::Block>(choice.partition.items[i]);
        choice.blocks.push_back(
            passes::to_bytes(passes::BlockInput{block.circuit, 1e-8, {{"resynthesize", {}, {}}}}));
        choice.uses.push_back(
            {i, i, passes::key_of(choice.blocks.back()), 0, {0, 1, 2, 3}, {}, {}});
        outputs.push_back(passes::to_bytes(
            passes::KernelOutput{true, 0, i == 0 ? pairs(3, 0) : pairs(0, 2), {}}));
    }
    const auto merged = [&](Optimize optimize) {
        auto done = passes::merge_answers(choice, outputs, {{optimize}});
        REQUIRE(done.status().to_string() == "OK");
        return std::move(*done);
    };
    CHECK(circuit::two_qubit_depth(partition::unfold(choice.partition)) == 11);
    const passes::MergedBlocks by_count = merged(Optimize::kTwoQubit);
    CHECK(by_count.better == 2);
    CHECK(circuit::two_qubit_depth(by_count.circuit) == 13);
    const passes::MergedBlocks by_depth = merged(Optimize::kDepth);
    CHECK(by_depth.better == 1);  // the other block
    CHECK(circuit::two_qubit_depth(by_depth.circuit) == 11);
    CHECK(circuit::count_two_qubit(by_depth.circuit) == 17);
    // The first block alone: nothing is taken.
    choice.uses.pop_back();
    choice.blocks.pop_back();
    outputs.pop_back();
    const passes::MergedBlocks none = merged(Optimize::kDepth);
    CHECK(none.better == 0);
    CHECK(none.circuit.operations.empty());
}

TEST_CASE("optimize, correctness: error rates come from the machine") {
    passes::Target target;
    CHECK(passes::objective_for(Optimize::kFidelity, target) == Objective{Optimize::kFidelity});
    target.machine = *mapping::preset("line-4");
    CHECK(passes::objective_for(Optimize::kFidelity, target) == Objective{Optimize::kFidelity});
    target.machine = calibrated();
    const Objective objective = passes::objective_for(Optimize::kFidelity, target);
    const double mean = (-3 * std::log(0.8) - 3 * std::log(0.999)) / 6;
    CHECK(objective.two_qubit == Approx(mean));
    CHECK(objective.one_qubit == Approx(-std::log(1 - 1e-4)));
    for (mapping::ModelQubit& qubit : target.machine->qubits) {
        qubit.one_qubit.error.reset();
    }
    CHECK(passes::objective_for(Optimize::kFidelity, target).one_qubit == Approx(mean / 10));
}

TEST_CASE("optimize, correctness: of several placements the best is taken") {
    const TargetSpec target{mapping::to_json(calibrated()), {}};
    const auto resolved = passes::resolve_target(target);
    REQUIRE(resolved.status().to_string() == "OK");
    for (const Optimize optimize : {Optimize::kTwoQubit, Optimize::kDepth, Optimize::kFidelity}) {
        const Objective objective = passes::objective_for(optimize, *resolved);
        passes::LevelOptions options;
        options.optimize = optimize;
        auto pipeline = passes::level_pipeline(0, options);
        REQUIRE(pipeline);
        pipeline->placements = optimize == Optimize::kTwoQubit ? 6 : 1;
        auto run = passes::Compilation::start(fourier(5), *pipeline, target);
        REQUIRE(run);
        REQUIRE(run->wanted().size() == (optimize == Optimize::kTwoQubit ? 6 : 4));
        std::vector<Bytes> outputs;
        std::vector<Cost> costs;
        for (const Bytes& input : run->wanted()) {
            auto output = passes::run_compile_kernel(input, derive_seed(1, digest_of(input)));
            REQUIRE(output);
            const auto placed = passes::placed_from_bytes(*output);
            REQUIRE(placed);
            costs.push_back(*passes::placed_cost_of(placed->circuit, target, objective));
            outputs.push_back(std::move(*output));
        }
        const Status answered = run->answer(std::move(outputs));
        REQUIRE(answered.is_ok());
        const auto result = run->result();
        REQUIRE(result);
        const Cost taken = *passes::placed_cost_of(result->circuit, target, objective);
        CHECK(taken == *std::min_element(costs.begin(), costs.end()));
        CHECK((optimize == Optimize::kTwoQubit ||
               taken < *std::max_element(costs.begin(), costs.end())));
    }
}

TEST_CASE("optimize, correctness: the circuit as it came is placed too") {
    // Carry chains between neighbours: what saves cx on all-to-all couples far qubits.
    const TargetSpec target{mapping::to_json(*mapping::preset("ring-6")), {}};
    Circuit ladder = Circuit::with_qubits(6);
    for (int turn = 0; turn < 3; ++turn) {
        for (circuit::Qubit q = 0; q + 1 < 6; ++q) {
            ladder.append(Gate::kCX, {q, q + 1});
            ladder.append(Gate::kT, {q + 1});
        }
        for (circuit::Qubit q = 5; q > 0; --q) {
            ladder.append(Gate::kCX, {q - 1, q});
            ladder.append(Gate::kT, {q - 1});
        }
    }
    const auto as_it_came = passes::pipeline_from_json(
        R"({"passes": [{"pass": "rebase_cx_u3"}, {"pass": "cancel_two_qubit"}, {"pass": "clean_up"}]})");
    REQUIRE(as_it_came);
    for (const int level : {1, 2}) {
        const auto plain = passes::compile_locally(ladder, *as_it_came, 5, {}, target);
        REQUIRE(plain.status().to_string() == "OK");
        const auto done =
            passes::compile_locally(ladder, *passes::level_pipeline(level), 5, {}, target);
        REQUIRE(done.status().to_string() == "OK");
        CHECK(done->after.two_qubit <= plain->after.two_qubit);
    }
}

TEST_CASE("optimize, bad input: only three costs are known") {
    for (const std::string name : {"two_qubit", "depth", "fidelity"}) {
        const auto known = passes::optimize_from_text(name);
        REQUIRE(known);
        CHECK(passes::to_text(*known) == name);
    }
    for (const std::string name : {"", "Depth", "cost", "two-qubit"}) {
        const Status status = passes::optimize_from_text(name).status();
        CHECK(status.code() == StatusCode::kInvalidArgument);
        CHECK(status.message().find("two_qubit, depth or fidelity") != std::string::npos);
    }
    const auto from_json = [](const std::string& head) {
        return passes::pipeline_from_json("{" + head + R"("passes": [{"pass": "rebase_cx_u3"}]})");
    };
    CHECK(from_json(R"("optimize": "depth", )")->optimize == Optimize::kDepth);
    CHECK(from_json(R"("optimize": "speed", )").status().code() == StatusCode::kInvalidArgument);
    CHECK(from_json(R"("optimize": 3, )").status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("optimize, bad input: bytes of limited kernels that are none of ours") {
    passes::SearchInput search;
    search.circuit = Circuit::with_qubits(2);
    search.most_delta = 0.1;
    search.objective.optimize = Optimize::kDepth;
    passes::BlockInput block;
    block.block = Circuit::with_qubits(2);
    block.body = {{"resynthesize", {}, {}}};
    block.approximate_to = 0.2;
    passes::PlaceInput place;
    place.circuit = Circuit::with_qubits(2);
    place.trial = 3;
    passes::SegmentInput segment{Circuit::with_qubits(2), {{"clean_up", {}, {}}}, 0.1, {}};
    const mapping::Trial trial{7, {1, 0, 2}, {2, 0, 1}, 12, 3, 99};
    place.routing_effort = 0.25;
    const passes::TrialsInput trials{place, 5, 2, 4, {trial, trial}};
    const passes::FinishInput finish{place, 5, trial};
    for (const Bytes& bytes :
         {passes::to_bytes(search), passes::to_bytes(block), passes::to_bytes(place),
          passes::to_bytes(segment), passes::to_bytes(trials), passes::to_bytes(finish)}) {
        const auto back = passes::kernel_input_from_bytes(bytes);
        REQUIRE(back.status().to_string() == "OK");
        CHECK(std::visit([](const auto& one) { return passes::to_bytes(one); }, *back) == bytes);
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            CHECK_FALSE(passes::kernel_input_from_bytes(BytesView(bytes).substr(0, n)));
        }
    }
    search.objective.two_qubit = -1;
    CHECK_FALSE(passes::kernel_input_from_bytes(passes::to_bytes(search)));
    search.objective = {};
    search.most_delta = std::nan("");
    CHECK_FALSE(passes::kernel_input_from_bytes(passes::to_bytes(search)));
    segment.body = {{"resynthesize", {}, {}}};  // a block pass
    CHECK_FALSE(passes::kernel_input_from_bytes(passes::to_bytes(segment)));
    segment.body = {{"clean_up", {}, {}}};
    segment.most_delta = -1;
    CHECK_FALSE(passes::kernel_input_from_bytes(passes::to_bytes(segment)));
    block.approximate_to = 2;
    CHECK_FALSE(passes::kernel_input_from_bytes(passes::to_bytes(block)));
    passes::KernelOutput output;
    output.approximations = {Circuit::with_qubits(2), Circuit::with_qubits(1)};
    const Bytes bytes = passes::to_bytes(output);
    CHECK(passes::kernel_output_from_bytes(bytes)->approximations == output.approximations);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        CHECK_FALSE(passes::kernel_output_from_bytes(BytesView(bytes).substr(0, n)));
    }
}
