#include "quantum/circuit/unitary.hpp"

#include "tests/reference/dense.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/circuit/random_circuit.hpp"

namespace quercus::circuit {
namespace {

using base::Complex;

// A unitary on k qubits: the unitary of a random circuit on 6, cut from a circuit on k.
std::shared_ptr<const base::Matrix> some_unitary(std::uint32_t k, Seed seed) {
    Philox random(seed);
    Circuit circuit = Circuit::with_qubits(k);
    for (int i = 0; i < 12; ++i) {
        const auto q = testing::pick_qubits(k, k > 1 ? 2 : 1, random);
        const double theta = random.uniform(-3, 3);
        circuit.append(Gate::kU3, {q[0]}, {theta, 0.7 * theta, 1.3 - theta});
        if (k > 1) {
            circuit.append(Gate::kCX, {q[0], q[1]});
        }
    }
    return std::make_shared<const base::Matrix>(*unitary_of(circuit));
}

TEST_CASE("unitaries of random circuits equal the dense reference, phase included") {
    for (Seed seed = 0; seed < 12; ++seed) {
        CAPTURE(seed);
        const Circuit circuit = testing::random_unitary_circuit(5, 25, seed);
        const Result<base::Matrix> unitary = unitary_of(circuit);
        REQUIRE(unitary);
        CHECK(reference::difference(reference::from(*unitary), reference::unitary(circuit)) <
              1e-12);
    }
}

TEST_CASE("arbitrary matrices act on their qubits in their order") {
    for (std::uint32_t k = 1; k <= 6; ++k) {
        Philox random(100 + k);
        Circuit circuit = Circuit::with_qubits(6);
        const auto qubits = testing::pick_qubits(6, k, random);
        Operation op;
        op.gate = Gate::kUnitary;
        op.qubits.assign(qubits.begin(), qubits.end());
        op.matrix = some_unitary(k, k);
        circuit.append(Gate::kH, {2});
        circuit.operations.push_back(op);
        circuit.append(Gate::kCX, {5, 0});
        CAPTURE(k);
        REQUIRE(validate(circuit).is_ok());
        const base::Matrix unitary = *unitary_of(circuit);
        CHECK(reference::difference(reference::from(unitary), reference::unitary(circuit)) < 1e-12);
    }
}

TEST_CASE("qubit 0 is the least significant bit") {
    Circuit circuit = Circuit::with_qubits(3);
    circuit.append(Gate::kX, {0});
    circuit.append(Gate::kCX, {0, 2});
    const base::Matrix unitary = *unitary_of(circuit);
    CHECK(unitary(5, 0) == Complex(1.0));  // |000> -> |101>
}

TEST_CASE("states evolve as the first column of the unitary") {
    const Circuit circuit = testing::random_unitary_circuit(7, 60, 5);
    std::vector<Complex> state(128);
    state[0] = 1.0;
    for (const Operation& op : circuit.operations) {
        apply_operation(state, op);
    }
    const base::Matrix unitary = *unitary_of(circuit);
    double worst = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
        worst = std::max(worst, std::abs(state[i] - unitary(i, 0)));
    }
    CHECK(worst < 1e-13);
}

TEST_CASE("final measurements are found and may be left out") {
    Circuit circuit = Circuit::with_qubits(2);
    circuit.cregs = {{"c", 2}};
    circuit.append(Gate::kH, {0});
    for (const Qubit q : {0u, 1u}) {
        circuit.append(Gate::kMeasure, {q});
        circuit.operations.back().clbit = q;
    }
    CHECK(final_measurements(circuit) == std::vector<bool>{false, true, true});
    const Result<base::Matrix> refused = unitary_of(circuit);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == StatusCode::kFailedPrecondition);
    CHECK(refused.error().message().find("operation 1 (measure)") != std::string::npos);
    REQUIRE(unitary_of(circuit, {.ignore_final_measurements = true}));

    SECTION("a gate after the measurement") {
        circuit.append(Gate::kX, {1});
        CHECK(final_measurements(circuit) == std::vector<bool>{false, true, false, false});
        CHECK_FALSE(unitary_of(circuit, {.ignore_final_measurements = true}));
    }
    SECTION("a condition on the result") {
        Circuit conditional = circuit;
        conditional.qregs[0].size = 3;
        conditional.append(Gate::kX, {2});
        conditional.operations.back().condition = Condition{0, 1};
        CHECK_FALSE(unitary_of(conditional, {.ignore_final_measurements = true}));
    }
    SECTION("a result overwritten later") {
        circuit.operations.back().clbit = 0;
        CHECK(final_measurements(circuit) == std::vector<bool>{false, false, true});
    }
}

TEST_CASE("bad input: too many qubits and opaque gates are refused") {
    CHECK(unitary_of(Circuit::with_qubits(13)).error().code() == StatusCode::kResourceExhausted);
    Circuit circuit = Circuit::with_qubits(1);
    circuit.append(Gate::kOpaque, {0});
    circuit.operations[0].opaque_name = "box";
    CHECK(unitary_of(circuit).error().code() == StatusCode::kFailedPrecondition);
    CHECK(unitary_of(Circuit{})->rows() == 1);
}

}  // namespace
}  // namespace quercus::circuit
