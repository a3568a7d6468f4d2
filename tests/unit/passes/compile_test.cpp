#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "quantum/circuit/codec.hpp"
#include "quantum/circuit/equivalence.hpp"
#include "quantum/circuit/generate.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"
#include "tests/unit/passes/run_wanted.hpp"
#include "tests/unit/passes/shared_circuits.hpp"

using namespace quercus;
using passes::Compilation;
using passes::CompileResult;
using passes::LevelOptions;
using test::Circuit;
using test::Gate;
using test::Operation;

namespace {

passes::Pipeline level(int level, const LevelOptions& options = {}) {
    auto pipeline = passes::level_pipeline(level, options);
    REQUIRE(pipeline.status().to_string() == "OK");
    return std::move(*pipeline);
}

Compilation started(const Circuit& circuit) {
    auto run = Compilation::start(circuit, level(1));
    REQUIRE(run.status().to_string() == "OK");
    REQUIRE_FALSE(run->finished());
    return std::move(*run);
}

CompileResult compile(const Circuit& circuit, const LevelOptions& options = {}) {
    auto result = passes::compile_locally(circuit, level(1, options));
    REQUIRE(result.status().to_string() == "OK");
    return std::move(*result);
}

// Gates under a condition are rebased where they stand; all other fences stay as they are.
bool stays(const Operation& op) {
    return partition::is_fence(op) &&
           (!circuit::info(op.gate).is_unitary || op.gate == Gate::kDelay);
}

// The qubits of a barrier are a set.
Operation comparable(Operation fence) {
    if (fence.gate == Gate::kBarrier) {
        std::sort(fence.qubits.begin(), fence.qubits.end());
    }
    return fence;
}

// Gates of the target set and the input's fences, in the same number.
void check_gate_set(const Circuit& before, const Circuit& after) {
    std::vector<Operation> fences_before;
    std::vector<Operation> fences_after;
    for (const Operation& op : before.operations) {
        if (stays(op)) {
            fences_before.push_back(comparable(op));
        }
    }
    for (const Operation& op : after.operations) {
        if (stays(op)) {
            fences_after.push_back(comparable(op));
        } else {
            CHECK((op.gate == Gate::kCX || op.gate == Gate::kU3));
        }
    }
    CHECK(std::is_permutation(fences_before.begin(), fences_before.end(), fences_after.begin(),
                              fences_after.end()));
}

void check_compiled(const Circuit& circuit, const CompileResult& result) {
    check_gate_set(circuit, result.circuit);
    CHECK(circuit::validate(result.circuit).is_ok());
    CHECK(result.after.cx_equivalents <= result.before.cx_equivalents);
    CHECK(result.circuit.qregs == circuit.qregs);
    CHECK(result.circuit.cregs == circuit.cregs);
    circuit::EquivalenceOptions options;
    options.tolerance = 1e-5;
    const auto same = circuit::check_equivalence(circuit, result.circuit, options);
    REQUIRE(same.status().to_string() == "OK");
    CAPTURE(same->distance, result.delta_bound);
    CHECK(same->equivalent);
    if (same->method == circuit::EquivalenceMethod::kUnitary) {
        CHECK(same->distance <= result.delta_bound + 1e-14);
    }
}

Bytes run_kernel(const Bytes& input) {
    auto output = test::run_wanted(input, 7);
    REQUIRE(output.status().to_string() == "OK");
    return std::move(*output);
}

// A circuit of one block in which three cx are wasted on three qubits.
Circuit wasteful() {
    Circuit circuit = Circuit::with_qubits(3);
    for (const double angle : {0.3, 0.5}) {
        circuit.append(Gate::kCX, {0, 1});
        circuit.append(Gate::kRZ, {1}, {angle});
        circuit.append(Gate::kCX, {1, 2});
        circuit.append(Gate::kRZ, {2}, {angle});
        circuit.append(Gate::kCX, {1, 2});
        circuit.append(Gate::kCX, {0, 1});
    }
    return circuit;
}

}  // namespace

TEST_CASE("compile, correctness: random circuits over the whole gate set") {
    for (Seed seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 3 + static_cast<std::uint32_t>(seed % 3);
        options.operations = 15;
        options.widest = 3;
        options.matrices = seed % 2 == 0;
        const Circuit circuit = test::random_circuit(options, random);
        check_compiled(circuit, compile(circuit));
    }
}

TEST_CASE("compile, correctness: fences keep place and meaning (all branches followed)") {
    for (Seed seed = 1; seed <= 12; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 4;
        options.operations = 30;
        options.widest = 2;
        options.fence_chance = 0.2;
        const Circuit circuit = test::random_circuit(options, random);
        check_compiled(circuit, compile(circuit));
    }
}

TEST_CASE("compile, correctness: a conditional gate stays between what surrounds it") {
    Circuit circuit = Circuit::with_qubits(3);
    circuit.cregs = {{"c", 2}};
    circuit.append(Gate::kH, {0});
    circuit.append(Gate::kCX, {0, 1});
    Operation measure;
    measure.gate = Gate::kMeasure;
    measure.qubits = {0};
    measure.clbit = 1;
    circuit.operations.push_back(measure);
    circuit.append(Gate::kSwap, {1, 2});
    circuit.operations.back().condition = circuit::Condition{0, 2};
    circuit.append(Gate::kCX, {0, 1});
    circuit.append(Gate::kReset, {0});
    circuit.append(Gate::kCX, {0, 1});
    const CompileResult result = compile(circuit);
    check_compiled(circuit, result);
    // The two cx around the reset are different gates now, and the swap is three.
    CHECK(result.after.two_qubit == 6);
    CHECK(result.before.cx_equivalents == 6);
}

TEST_CASE("compile, correctness: opaque gates and delays stay") {
    Circuit circuit = wasteful();
    Operation opaque;
    opaque.gate = Gate::kOpaque;
    opaque.qubits = {1, 2};
    opaque.params = {0.5};
    opaque.opaque_name = "magic";
    circuit.operations.push_back(opaque);
    circuit.append(Gate::kDelay, {0}, {100});
    circuit.append(Gate::kCX, {0, 1});
    const CompileResult result = compile(circuit);
    check_gate_set(circuit, result.circuit);
    CHECK(result.circuit.operations.back().gate == Gate::kCX);
}

TEST_CASE("compile, correctness: known counts") {
    Circuit fredkin = Circuit::with_qubits(3);
    fredkin.append(Gate::kCSwap, {0, 1, 2});
    CHECK(compile(fredkin).after.two_qubit == 7);

    Circuit qft = Circuit::with_qubits(4);
    for (circuit::Qubit a = 0; a < 4; ++a) {
        qft.append(Gate::kH, {a});
        for (circuit::Qubit b = a + 1; b < 4; ++b) {
            qft.append(Gate::kCP, {b, a}, {3.14159265358979323846 / (1 << (b - a))});
        }
    }
    const CompileResult result = compile(qft);
    CHECK(result.before.cx_equivalents == 12);
    CHECK(result.after.two_qubit <= 12);

    Circuit nothing = Circuit::with_qubits(3);
    nothing.append(Gate::kCCX, {0, 1, 2});
    nothing.append(Gate::kCCX, {1, 0, 2});
    CHECK(compile(nothing).circuit.operations.empty());
}

TEST_CASE("compile, correctness: generated circuits of every family") {
    using circuit::Family;
    for (const Family family :
         {Family::kRandom, Family::kTrotter, Family::kVariational, Family::kArithmetic}) {
        CAPTURE(static_cast<int>(family));
        const Circuit circuit = circuit::generate(family, 5, family == Family::kRandom ? 30 : 2, 3);
        check_compiled(circuit, compile(circuit));
    }
}

TEST_CASE("compile, correctness: the same bytes every time, and through the byte form") {
    Philox random(4);
    const Circuit circuit = test::random_circuit({.qubits = 4, .operations = 25}, random);
    const CompileResult result = compile(circuit);
    const Bytes bytes = passes::to_bytes(result);
    CHECK(passes::to_bytes(compile(circuit)) == bytes);
    const auto back = passes::compile_result_from_bytes(bytes);
    REQUIRE(back);
    CHECK(*back == result);
}

TEST_CASE("compile, correctness: equal blocks are one kernel input") {
    Circuit circuit = Circuit::with_qubits(9);
    const Circuit block = wasteful();
    for (const circuit::Qubit shift : {0u, 3u, 6u}) {
        circuit.append(Gate::kH, {shift});
        for (Operation op : block.operations) {
            for (circuit::Qubit& q : op.qubits) {
                q += shift;
            }
            circuit.operations.push_back(op);
        }
        circuit.append(Gate::kT, {shift + 2});
    }
    const auto one_sweep = passes::pipeline_from_json(
        R"({"passes": [{"pass": "rebase_cx_u3"}, {"pass": "clean_up"},
                       {"pass": "for_each_block", "body": [{"pass": "resynthesize"}]}]})");
    REQUIRE(one_sweep.status().to_string() == "OK");
    const auto run = Compilation::start(circuit, *one_sweep);
    REQUIRE(run);
    CHECK(run->wanted().size() == 1);
    check_compiled(circuit, compile(circuit));
}

TEST_CASE("compile, correctness: no kernel is asked for twice") {
    const int number = GENERATE(1, 2, 3);
    CAPTURE(number);
    Philox random(static_cast<Seed>(number));
    test::RandomOptions options;
    options.qubits = 5;
    options.operations = 150;
    options.native = true;
    const Circuit circuit = test::random_circuit(options, random);
    auto run = Compilation::start(circuit, level(number));
    REQUIRE(run.status().to_string() == "OK");
    std::set<Bytes> asked;
    while (!run->finished()) {
        REQUIRE_FALSE(run->wanted().empty());
        std::vector<Bytes> outputs;
        for (const Bytes& input : run->wanted()) {
            CHECK(asked.insert(input).second);
            auto output = test::run_wanted(input);
            REQUIRE(output.status().to_string() == "OK");
            outputs.push_back(std::move(*output));
        }
        const Status status = run->answer(std::move(outputs));
        REQUIRE(status.is_ok());
    }
    const auto at_once = passes::compile_locally(circuit, level(number));
    REQUIRE(at_once);
    REQUIRE(run->result());
    CHECK(run->result()->circuit == at_once->circuit);
}

TEST_CASE("compile, correctness: kernels without answers give a valid result") {
    const Circuit circuit = wasteful();
    Compilation run = started(circuit);
    while (!run.finished()) {
        REQUIRE(run.answer(std::vector<Bytes>(run.wanted().size())).is_ok());
    }
    const auto result = run.result();
    REQUIRE(result);
    CHECK(result->blocks_better == 0);
    check_compiled(circuit, *result);
}

TEST_CASE("compile, bad input: a lying kernel is not believed") {
    const Circuit circuit = wasteful();
    Compilation run = started(circuit);
    passes::KernelOutput lie;
    lie.improved = true;
    SECTION("wrong unitary") {
        lie.circuit = Circuit::with_qubits(3);
    }
    SECTION("other gates") {
        lie.circuit = Circuit::with_qubits(3);
        lie.circuit.append(Gate::kSwap, {0, 1});
    }
    SECTION("other width") {
        lie.circuit = Circuit::with_qubits(2);
    }
    SECTION("measurement") {
        lie.circuit = Circuit::with_qubits(3);
        lie.circuit.append(Gate::kReset, {0});
    }
    while (!run.finished()) {
        REQUIRE(run.answer(std::vector<Bytes>(run.wanted().size(), passes::to_bytes(lie))).is_ok());
    }
    const auto result = run.result();
    REQUIRE(result);
    CHECK(result->blocks_better == 0);
    check_compiled(circuit, *result);
}

TEST_CASE("compile, bad input: refused with a reason") {
    const auto code = [&](int wanted, LevelOptions options) {
        return passes::level_pipeline(wanted, options).status().code();
    };
    CHECK(code(5, {}) == StatusCode::kInvalidArgument);
    CHECK(code(-1, {}) == StatusCode::kInvalidArgument);
    CHECK(code(1, {.block_size = 1}) == StatusCode::kInvalidArgument);
    CHECK(code(1, {.block_size = 6}) == StatusCode::kInvalidArgument);
    CHECK(code(1, {.threshold = 0}) == StatusCode::kInvalidArgument);
    CHECK(code(1, {.threshold = std::nan("")}) == StatusCode::kInvalidArgument);
    CHECK(code(1, {.max_rounds = 0}) == StatusCode::kInvalidArgument);
    CHECK(code(4, {.time_budget_s = -1}) == StatusCode::kInvalidArgument);
    Circuit broken = wasteful();
    broken.operations[0].qubits[0] = 99;
    CHECK(Compilation::start(broken, level(1)).status().code() == StatusCode::kInvalidArgument);
    CHECK(started(wasteful()).answer({}).code() == StatusCode::kInvalidArgument);
}

TEST_CASE("compile, bad input: bytes that are none of ours") {
    Compilation run = started(wasteful());
    const Bytes input = run.wanted().front();
    const Bytes output = run_kernel(input);
    const Bytes result = passes::to_bytes(compile(wasteful()));
    const auto every_prefix_fails = [](const Bytes& bytes, auto&& read) {
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            if (read(BytesView(bytes).substr(0, n))) {
                return false;
            }
        }
        return !read(BytesView(bytes + "x"));
    };
    CHECK(every_prefix_fails(
        input, [](BytesView b) { return passes::kernel_input_from_bytes(b).has_value(); }));
    CHECK(every_prefix_fails(
        output, [](BytesView b) { return passes::kernel_output_from_bytes(b).has_value(); }));
    CHECK(every_prefix_fails(
        result, [](BytesView b) { return passes::compile_result_from_bytes(b).has_value(); }));
    CHECK_FALSE(passes::run_compile_kernel("", 1));
    CHECK_FALSE(passes::run_compile_kernel("nonsense", 1));
    while (!run.finished()) {
        REQUIRE(run.answer(std::vector<Bytes>(run.wanted().size(), Bytes("\x01\x07"))).is_ok());
    }
    CHECK(run.result().status().code() == StatusCode::kDataLoss);
}

TEST_CASE("compile, correctness: a stopped kernel says so") {
    const Compilation run = started(wasteful());
    const auto always = [] { return true; };
    // At level 1 a segment that wants kernels of its own, and one that does not.
    REQUIRE(run.wanted().size() == 2);
    const auto segment = Compilation::start_segment(run.wanted().front(), always);
    REQUIRE(segment);
    CHECK(segment->segment_output().status().code() == StatusCode::kCancelled);
    const auto stopped = passes::run_compile_kernel(run.wanted().back(), 1, always);
    CHECK(stopped.status().code() == StatusCode::kCancelled);
}

TEST_CASE("compile, correctness: shared circuits reach the expected counts") {
    const std::map<std::string, std::uint64_t> most = {
        {"hhl_n7", 92},        {"ising_n10", 81}, {"fredkin_n3", 7}, {"tfim_n4", 57},
        {"variational_n4", 8}, {"qaoa_n6", 36},   {"qft_n4", 12},    {"qpe_n9", 44}};
    for (const auto& [name, circuit] : test::shared_circuits()) {
        if (const auto bound = most.find(name); bound != most.end()) {
            CAPTURE(name);
            const CompileResult result = compile(circuit);
            CHECK(result.after.two_qubit <= bound->second);
            check_compiled(circuit, result);
        }
    }
}
