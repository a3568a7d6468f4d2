#include "runtime/tasks/requests.hpp"

#include <cmath>
#include <stdexcept>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/compile.hpp"
#include "runtime/tasks/registry.hpp"
#include "runtime/workflow/local_runtime.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::tasks;
using circuit::Circuit;
using circuit::Gate;

namespace {

// Asymmetric, with more CX than it needs.
Circuit sample() {
    Circuit c = Circuit::with_qubits(3);
    c.append(Gate::kH, {0});
    c.append(Gate::kCX, {0, 1});
    c.append(Gate::kRZ, {1}, {0.3});
    c.append(Gate::kCX, {0, 1});
    c.append(Gate::kCX, {0, 1});
    c.append(Gate::kCX, {0, 1});
    c.append(Gate::kRY, {2}, {0.7});
    c.append(Gate::kCX, {1, 2});
    c.append(Gate::kT, {2});
    return c;
}

passes::CompileResult run(const Request& request, unsigned threads) {
    const auto root = to_root_task(request);
    REQUIRE(root);
    workflow::LocalRuntime runtime(builtin_registry(), threads);
    const auto output = runtime.run(root->kind, root->input);
    INFO(output.status().to_string());
    REQUIRE(output);
    auto result = passes::compile_result_from_bytes(*output);
    REQUIRE(result);
    return std::move(*result);
}

StatusCode code_of(const Request& request) {
    return to_root_task(request).status().code();
}

}  // namespace

TEST_CASE("a compile request gives an equal circuit with fewer gates") {
    const Circuit input = sample();
    const passes::CompileResult result = run(CompileRequest{input, 1, 3}, 2);
    CHECK(result.after.two_qubit < result.before.two_qubit);
    const auto before = circuit::unitary_of(input);
    const auto after = circuit::unitary_of(result.circuit);
    REQUIRE(before);
    REQUIRE(after);
    CHECK(base::phase_invariant_distance(*before, *after) < 1e-7);
    CHECK(run(CompileRequest{input, 1, 3}, 1) == result);
}

TEST_CASE("a compile request with an error budget gives the same bytes on one and three workers") {
    Circuit input = Circuit::with_qubits(5);
    for (circuit::Qubit a = 0; a < 5; ++a) {
        input.append(Gate::kH, {a});
        for (circuit::Qubit b = a + 1; b < 5; ++b) {
            input.append(Gate::kCP, {b, a}, {3.2 / (1 << (b - a))});
        }
    }
    CompileRequest request{input};
    request.error_budget = 1e-2;
    const passes::CompileResult one = run(request, 1);
    CHECK(passes::to_bytes(run(request, 3)) == passes::to_bytes(one));
    CHECK(one.distance_bound <= 1e-2);
    CHECK(one.distance_bound > 1e-6);
    request.error_budget = 0;
    CHECK(one.after.two_qubit < run(request, 2).after.two_qubit);
}

TEST_CASE("budget and cost of a request are checked, and replace those of a pipeline") {
    CompileRequest request{sample()};
    const auto message = [&] { return to_root_task(request).status().message(); };
    for (const double budget : {-1.0, 0.6, std::nan("")}) {
        request.error_budget = budget;
        CHECK(code_of(request) == StatusCode::kInvalidArgument);
        CHECK(message().find("--error-budget") != std::string::npos);
    }
    request.error_budget = 1e-3;
    CHECK(code_of(request) == StatusCode::kOk);
    request.optimize = "beauty";
    CHECK(code_of(request) == StatusCode::kInvalidArgument);
    CHECK(message().find("two_qubit, depth or fidelity") != std::string::npos);
    request.optimize = "depth";
    request.pipeline = R"({"error_budget": 0.1, "optimize": "fidelity",
                           "passes": [{"pass": "rebase_cx_u3"}]})";
    const auto replaced = pipeline_of(request);
    REQUIRE(replaced);
    CHECK(replaced->error_budget == 1e-3);
    CHECK(replaced->optimize == passes::Optimize::kDepth);
    request.error_budget = 0;
    request.optimize.clear();
    const auto own = pipeline_of(request);
    REQUIRE(own);
    CHECK(own->error_budget == 0.1);
    CHECK(own->optimize == passes::Optimize::kFidelity);
}

TEST_CASE("what belongs to level 4 is refused elsewhere") {
    for (const std::uint32_t level : {1U, 4U}) {
        const StatusCode expected = level == 4 ? StatusCode::kOk : StatusCode::kInvalidArgument;
        CompileRequest timed{sample(), level};
        timed.time_budget_s = 5;
        CHECK(code_of(timed) == expected);
        CompileRequest counted{sample(), level};
        counted.iterations = 5;
        CHECK(code_of(counted) == expected);
        CompileRequest wide{sample(), level};
        wide.islands = 3;
        CHECK(code_of(wide) == expected);
        wide.pipeline = R"({"passes": [{"pass": "rebase_cx_u3"}]})";
        CHECK(code_of(wide) == StatusCode::kInvalidArgument);
    }
}

TEST_CASE("a pipeline that keeps wide gates is refused for a set of native gates") {
    Circuit wide = sample();
    wide.append(Gate::kCCX, {0, 1, 2});
    CompileRequest request{wide};
    request.pipeline = R"({"passes": [{"pass": "cancel_two_qubit"}]})";
    CHECK(code_of(request) == StatusCode::kOk);
    request.target.gates = {"cz", "rz", "sx"};
    CHECK(code_of(request) == StatusCode::kInvalidArgument);
    CHECK(to_root_task(request).status().message().find("rebase_cx_u3") != std::string::npos);
    request.source = sample();
    CHECK(code_of(request) == StatusCode::kOk);
    request.source = wide;
    request.pipeline = R"({"passes": [{"pass": "rebase_cx_u3"}]})";
    CHECK(code_of(request) == StatusCode::kOk);
}

TEST_CASE("a synthesize request gives a circuit of its unitary") {
    const auto unitary = circuit::unitary_of(sample());
    REQUIRE(unitary);
    const passes::CompileResult result = run(CompileRequest{*unitary}, 2);
    const auto after = circuit::unitary_of(result.circuit);
    REQUIRE(after);
    CHECK(base::phase_invariant_distance(*unitary, *after) < 1e-7);
    CHECK(result.after.two_qubit <= 4);
    CHECK(result.circuit.num_qubits() == 3);
}

TEST_CASE("an instantiate request gives the circuit with other angles, on any number of workers") {
    Circuit shape = sample();
    const auto unitary = circuit::unitary_of(shape);
    REQUIRE(unitary);
    for (circuit::Operation& op : shape.operations) {
        for (double& angle : op.params) {
            angle += 0.4;
        }
    }
    passes::InstantiateInput request{shape, *unitary};
    request.starts = 40;
    const auto root = to_root_task(request);
    REQUIRE(root);
    CHECK(root->kind == "instantiate");
    workflow::LocalRuntime one(builtin_registry(), 1), three(builtin_registry(), 3);
    const auto output = one.run(root->kind, root->input);
    INFO(output.status().to_string());
    REQUIRE(output);
    CHECK(*three.run(root->kind, root->input) == *output);
    const auto result = passes::compile_result_from_bytes(*output);
    REQUIRE(result);
    CHECK(result->distance_bound < 1e-13);
    CHECK(circuit::count_gates(result->circuit) == circuit::count_gates(shape));
    const auto after = circuit::unitary_of(result->circuit);
    REQUIRE(after);
    CHECK(base::phase_invariant_distance(*unitary, *after) <= result->delta_bound);

    request.target = base::Matrix::identity(4);
    CHECK(to_root_task(request).error().message().find("the target 2") != std::string::npos);
    request.target = *unitary;
    request.threshold = 0;
    CHECK(to_root_task(request).error().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("requests beyond the limits are refused, with the limit in the message") {
    CHECK(code_of(CompileRequest{sample(), 0, 0}) == StatusCode::kOk);
    CHECK(code_of(CompileRequest{sample(), 4, 3}) == StatusCode::kOk);
    CHECK(code_of(CompileRequest{sample(), 5, 3}) == StatusCode::kInvalidArgument);
    CHECK(code_of(CompileRequest{sample(), 1, 1}) == StatusCode::kInvalidArgument);
    CHECK(code_of(CompileRequest{sample(), 1, 6}) == StatusCode::kInvalidArgument);
    const Status block = to_root_task(CompileRequest{sample(), 1, 6}).error();
    CHECK(block.message().find("2..5") != std::string::npos);

    Circuit broken = sample();
    broken.append(Gate::kCX, {0, 7});
    CHECK(code_of(CompileRequest{broken, 1, 3}) == StatusCode::kInvalidArgument);
    Circuit angle = sample();
    angle.append(Gate::kRZ, {0}, {std::nan("")});
    CHECK(code_of(CompileRequest{angle, 1, 3}) == StatusCode::kInvalidArgument);
}

TEST_CASE("bare targets are their own kind of job and take every option of a circuit") {
    synthesis::StateVector state(8);
    state[1] = state[2] = state[4] = std::sqrt(1 / 3.0);
    CompileRequest request{state, 2};
    request.target.gates = {"cz", "rz", "sx"};
    const auto root = to_root_task(request);
    REQUIRE(root);
    CHECK(root->kind == "synthesize");
    const passes::CompileResult result = run(request, 2);
    for (const auto& [name, count] : circuit::count_gates(result.circuit)) {
        CAPTURE(name);
        CHECK((name == "cz" || name == "rz" || name == "sx"));
    }
    CHECK(*synthesis::distance_to(synthesis::SynthesisTarget(state), result.circuit) < 1e-7);
    CHECK(run(request, 1) == result);

    const auto basis = [](std::size_t i) {
        synthesis::StateVector out(4);
        out[i] = 1;
        return out;
    };
    const synthesis::StateMap map{{basis(0), basis(3)}, {basis(1), basis(2)}};
    CHECK(*synthesis::distance_to(map, run(CompileRequest{map}, 2).circuit) < 1e-7);
}

TEST_CASE("what is no unitary, state or state map is refused") {
    const auto unitary = [](std::size_t n) {
        return code_of(CompileRequest{base::Matrix::identity(n)});
    };
    CHECK(unitary(2) == StatusCode::kOk);
    CHECK(unitary(256) == StatusCode::kOk);
    for (const std::size_t n : {0u, 1u, 3u, 512u}) {
        CHECK(unitary(n) == StatusCode::kInvalidArgument);
    }
    CHECK(code_of(CompileRequest{base::Matrix(4, 2)}) == StatusCode::kInvalidArgument);
    base::Matrix almost = base::Matrix::identity(4);
    almost(1, 2) = 1e-6;
    const Status defect = to_root_task(CompileRequest{almost}).error();
    CHECK(defect.code() == StatusCode::kInvalidArgument);
    CHECK(defect.message().find("1e-8") != std::string::npos);
    almost(1, 2) = std::nan("");
    CHECK(code_of(CompileRequest{almost}) == StatusCode::kInvalidArgument);
    CHECK(code_of(CompileRequest{synthesis::StateVector{1, 1}}) == StatusCode::kInvalidArgument);
    CHECK(code_of(CompileRequest{synthesis::StateMap{}}) == StatusCode::kInvalidArgument);
    CompileRequest target{synthesis::StateVector{0, 0, 0, 1}};
    target.target.gates = {"rz", "sx"};
    CHECK(code_of(target) == StatusCode::kInvalidArgument);
}

TEST_CASE("a raw task needs a registered kind") {
    CHECK(code_of(TaskRequest{"noop", "anything"}) == StatusCode::kOk);
    CHECK(code_of(TaskRequest{"rm -rf", ""}) == StatusCode::kInvalidArgument);
    CHECK(code_of(TaskRequest{"", ""}) == StatusCode::kInvalidArgument);
}
