#include "quantum/circuit/circuit.hpp"

#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"
#include "tests/unit/circuit/random_circuit.hpp"

namespace quercus::circuit {
namespace {

Operation measure(Qubit qubit, Clbit clbit) {
    Operation op;
    op.gate = Gate::kMeasure;
    op.qubits.push_back(qubit);
    op.clbit = clbit;
    return op;
}

Circuit small_circuit() {
    Circuit circuit;
    circuit.qregs = {{"q", 3}};
    circuit.cregs = {{"c", 1}, {"d", 2}};
    circuit.append(Gate::kH, {0});
    circuit.append(Gate::kCX, {0, 2});
    circuit.append(Gate::kBarrier, {0, 1, 2});
    circuit.append(Gate::kRZ, {1}, {0.25});
    circuit.append(Gate::kCCX, {0, 1, 2});
    circuit.operations.push_back(measure(2, 1));
    circuit.append(Gate::kX, {1});
    circuit.operations.back().condition = Condition{1, 2};
    return circuit;
}

TEST_CASE("counts and depth") {
    const Circuit circuit = small_circuit();
    REQUIRE(validate(circuit).is_ok());
    CHECK(circuit.num_qubits() == 3);
    CHECK(circuit.num_clbits() == 3);
    const std::map<std::string, std::uint64_t> expected = {
        {"h", 1}, {"cx", 1}, {"barrier", 1}, {"rz", 1}, {"ccx", 1}, {"measure", 1}, {"x", 1}};
    CHECK(count_gates(circuit) == expected);
    CHECK(count_two_qubit(circuit) == 1);
    CHECK(count_multi_qubit(circuit) == 1);
    // h, cx, (barrier) rz, ccx, measure, conditional x: the last waits for the classical register.
    CHECK(depth(circuit) == 6);
    CHECK(depth(Circuit{}) == 0);
    // cx, ccx: the barrier is waited for.
    CHECK(two_qubit_depth(circuit) == 2);
    CHECK(two_qubit_depth(Circuit{}) == 0);
    CHECK(first_clbit(circuit, 1) == 1);
}

TEST_CASE("the barrier orders without counting") {
    Circuit circuit = Circuit::with_qubits(2);
    circuit.append(Gate::kX, {0});
    circuit.append(Gate::kX, {1});
    CHECK(depth(circuit) == 1);
    circuit.operations.clear();
    circuit.append(Gate::kX, {0});
    circuit.append(Gate::kBarrier, {0, 1});
    circuit.append(Gate::kX, {1});
    CHECK(depth(circuit) == 2);
}

TEST_CASE("equality compares matrices by value") {
    Circuit a = Circuit::with_qubits(1);
    a.append(Gate::kUnitary, {0});
    a.operations[0].matrix = std::make_shared<const base::Matrix>(base::Matrix::identity(2));
    Circuit b = a;
    b.operations[0].matrix = std::make_shared<const base::Matrix>(base::Matrix::identity(2));
    CHECK(a == b);
    b.operations[0].matrix =
        std::make_shared<const base::Matrix>(2, 2, std::vector<base::Complex>{1, 0, 0, -1});
    CHECK_FALSE(a == b);
    b.operations[0].matrix = nullptr;
    CHECK_FALSE(a == b);
}

TEST_CASE("validate accepts random circuits") {
    for (Seed seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        CHECK(validate(testing::random_mixed_circuit(60, true, seed)).is_ok());
    }
}

struct BadCircuit {
    const char* message;
    void (*spoil)(Circuit&);
};

const std::vector<BadCircuit> kBadCircuits = {
    {"operation 1 (cx) acts on qubit 3 of 3", [](Circuit& c) { c.operations[1].qubits[1] = 3; }},
    {"operation 1 (cx) acts twice", [](Circuit& c) { c.operations[1].qubits[1] = 0; }},
    {"takes 2 qubits, has 1", [](Circuit& c) { c.operations[1].qubits.pop_back(); }},
    {"takes 1 parameters, has 0", [](Circuit& c) { c.operations[3].params.clear(); }},
    {"not finite", [](Circuit& c) { c.operations[3].params[0] = std::nan(""); }},
    {"not finite",
     [](Circuit& c) { c.operations[3].params[0] = std::numeric_limits<double>::infinity(); }},
    {"has no qubits", [](Circuit& c) { c.operations[2].qubits.clear(); }},
    {"has no classical bit", [](Circuit& c) { c.operations[5].clbit.reset(); }},
    {"classical bit 3 of 3", [](Circuit& c) { c.operations[5].clbit = 3; }},
    {"has a classical bit", [](Circuit& c) { c.operations[0].clbit = 0; }},
    {"classical register 2 of 2", [](Circuit& c) { c.operations[6].condition->creg = 2; }},
    {"must not be conditional",
     [](Circuit& c) {
         c.operations[2].condition = Condition{0, 0};
     }},
    {"has no matrix", [](Circuit& c) { c.operations[0].gate = Gate::kUnitary; }},
    {"not unitary",
     [](Circuit& c) {
         c.operations[0].gate = Gate::kUnitary;
         c.operations[0].matrix = std::make_shared<const base::Matrix>(2, 2);
     }},
    {"not 2 x 2",
     [](Circuit& c) {
         c.operations[0].gate = Gate::kUnitary;
         c.operations[0].matrix = std::make_shared<const base::Matrix>(base::Matrix::identity(4));
     }},
    {"carries a matrix",
     [](Circuit& c) {
         c.operations[0].matrix = std::make_shared<const base::Matrix>(base::Matrix::identity(2));
     }},
    {"opaque name", [](Circuit& c) { c.operations[0].opaque_name = "foo"; }},
    {"opaque name ''", [](Circuit& c) { c.operations[0].gate = Gate::kOpaque; }},
    {"unknown gate", [](Circuit& c) { c.operations[0].gate = static_cast<Gate>(200); }},
    {"'q' is used twice", [](Circuit& c) { c.cregs[0].name = "q"; }},
    {"not an identifier", [](Circuit& c) { c.qregs[0].name = "1q"; }},
    {"not an identifier", [](Circuit& c) { c.qregs[0].name = "measure"; }},
    {"has no bits", [](Circuit& c) { c.cregs[0].size = 0; }},
};

TEST_CASE("bad input: validate names the first violation") {
    for (const BadCircuit& bad : kBadCircuits) {
        Circuit circuit = small_circuit();
        bad.spoil(circuit);
        const Status status = validate(circuit);
        CAPTURE(bad.message, status.message());
        CHECK(status.code() == StatusCode::kInvalidArgument);
        CHECK(status.message().find(bad.message) != std::string::npos);
    }
}

TEST_CASE("bad input: registers beyond the limit") {
    Circuit circuit;
    circuit.qregs = {{"q", 1'000'000'000}};
    CHECK(validate(circuit).code() == StatusCode::kResourceExhausted);
    circuit.qregs = {{"q", 4'000'000'000u}, {"r", 4'000'000'000u}};
    CHECK(validate(circuit).code() == StatusCode::kResourceExhausted);
    circuit.qregs = {{"q", kMaxQubits}};
    CHECK(validate(circuit).is_ok());
}

}  // namespace
}  // namespace quercus::circuit
