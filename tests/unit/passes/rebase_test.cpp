#include "quantum/circuit/equivalence.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/passes/unitary_decomposition.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"

using namespace quercus;
using test::Circuit;
using test::Gate;
using test::Operation;

namespace {

std::uint64_t cx_of(const Circuit& circuit) {
    auto counts = circuit::count_gates(circuit);
    return counts["cx"];
}

bool is_native(const Circuit& circuit) {
    return std::all_of(circuit.operations.begin(), circuit.operations.end(),
                       [](const auto& op) { return op.gate == Gate::kCX || op.gate == Gate::kU3; });
}

// One operation on qubits in descending order, so that operand order matters.
Circuit single(Gate gate, Philox& random) {
    const auto& info = circuit::info(gate);
    const auto n = static_cast<std::uint32_t>(info.num_qubits);
    Circuit circuit = Circuit::with_qubits(n);
    Operation op;
    op.gate = gate;
    for (std::uint32_t q = n; q-- > 0;) {
        op.qubits.push_back(q);
    }
    for (int i = 0; i < info.num_params; ++i) {
        op.params.push_back(random.uniform(-4, 4));
    }
    circuit.operations.push_back(op);
    return circuit;
}

}  // namespace

TEST_CASE("rebase, correctness: every gate with a matrix equals its cx and u3") {
    Philox random(11);
    for (int index = 0; index < circuit::kGateCount; ++index) {
        const Gate gate = static_cast<Gate>(index);
        const auto& info = circuit::info(gate);
        if (!info.is_unitary || gate == Gate::kUnitary || gate == Gate::kDelay) {
            continue;
        }
        CAPTURE(info.name);
        for (int repeat = 0; repeat < 5; ++repeat) {
            const Circuit circuit = single(gate, random);
            const auto rebased = passes::rebase_to_cx_u3(circuit);
            REQUIRE(rebased);
            CHECK(is_native(rebased->circuit));
            const auto distance = circuit::unitary_distance(circuit, rebased->circuit);
            REQUIRE(distance);
            CHECK(*distance < 1e-12);
        }
    }
}

TEST_CASE("rebase, correctness: known cx counts") {
    Philox random(12);
    const std::pair<Gate, std::uint64_t> expected[] = {
        {Gate::kCX, 1},    {Gate::kCZ, 1},      {Gate::kCH, 1},   {Gate::kECR, 1},
        {Gate::kISwap, 2}, {Gate::kDCX, 2},     {Gate::kCP, 2},   {Gate::kCRX, 2},
        {Gate::kRZZ, 2},   {Gate::kCU3, 2},     {Gate::kSwap, 3}, {Gate::kCCX, 6},
        {Gate::kCCZ, 6},   {Gate::kCSwap, 8},   {Gate::kRCCX, 3}, {Gate::kICCX, 4},
        {Gate::kRC3X, 6},  {Gate::kCCP, 6},     {Gate::kC3X, 14}, {Gate::kC4X, 30},
        {Gate::kB, 2},     {Gate::kC3SqrtX, 14}};
    for (const auto& [gate, cx] : expected) {
        CAPTURE(circuit::info(gate).name);
        const auto rebased = passes::rebase_to_cx_u3(single(gate, random));
        REQUIRE(rebased);
        CHECK(cx_of(rebased->circuit) == cx);
    }
    // Angles that make a gate cheaper.
    Circuit circuit = Circuit::with_qubits(2);
    circuit.append(Gate::kCP, {0, 1}, {3.14159265358979323846});
    CHECK(cx_of(passes::rebase_to_cx_u3(circuit)->circuit) == 1);
    circuit.operations[0].params[0] = 0;
    CHECK(passes::rebase_to_cx_u3(circuit)->circuit.operations.empty());
}

TEST_CASE("rebase, correctness: matrices on one to five qubits") {
    for (std::size_t n = 1; n <= 5; ++n) {
        for (Seed seed = 1; seed <= 3; ++seed) {
            CAPTURE(n, seed);
            Philox random(seed);
            Circuit circuit = Circuit::with_qubits(5);
            Operation op;
            op.gate = Gate::kUnitary;
            op.qubits = test::random_qubits(n, 5, random);
            op.matrix = std::make_shared<const base::Matrix>(
                test::random_unitary(std::size_t{1} << n, random));
            circuit.operations.push_back(op);
            const auto rebased = passes::rebase_to_cx_u3(circuit);
            REQUIRE(rebased);
            CHECK(is_native(rebased->circuit));
            const auto distance = circuit::unitary_distance(circuit, rebased->circuit);
            REQUIRE(distance);
            CHECK(*distance < 1e-11);
            CHECK(*distance <= rebased->delta + 1e-12);
            constexpr std::uint64_t kMost[] = {0, 0, 3, 24, 120, 528};
            CHECK(cx_of(rebased->circuit) <= kMost[n]);
        }
    }
}

TEST_CASE("rebase, correctness: structured matrices decompose as well") {
    // Identity, permutation and block-diagonal matrices have degenerate singular values.
    for (const Gate gate : {Gate::kCCX, Gate::kCSwap, Gate::kC3X, Gate::kCCZ}) {
        CAPTURE(circuit::info(gate).name);
        const auto n = static_cast<std::uint32_t>(circuit::info(gate).num_qubits);
        Circuit circuit = Circuit::with_qubits(n);
        Operation op;
        op.gate = Gate::kUnitary;
        for (std::uint32_t q = 0; q < n; ++q) {
            op.qubits.push_back(q);
        }
        op.matrix = std::make_shared<const base::Matrix>(circuit::gate_matrix(gate, {}));
        circuit.operations.push_back(op);
        const auto rebased = passes::rebase_to_cx_u3(circuit);
        REQUIRE(rebased);
        CHECK(*circuit::unitary_distance(circuit, rebased->circuit) < 1e-12);
    }
}

TEST_CASE("rebase, correctness: fences stay as they are") {
    Circuit circuit = Circuit::with_qubits(2);
    circuit.cregs = {{"c", 2}};
    Operation conditional;
    conditional.gate = Gate::kReset;
    conditional.qubits = {0};
    conditional.condition = circuit::Condition{0, 1};
    circuit.operations.push_back(conditional);
    circuit.append(Gate::kReset, {1});
    circuit.append(Gate::kBarrier, {0, 1});
    const auto rebased = passes::rebase_to_cx_u3(circuit);
    REQUIRE(rebased);
    CHECK(rebased->circuit == circuit);
    CHECK_FALSE(rebased->changed);
}

TEST_CASE("rebase, correctness: a gate under a condition becomes cx and u3 under that condition") {
    Philox random(13);
    for (int index = 0; index < circuit::kGateCount; ++index) {
        const Gate gate = static_cast<Gate>(index);
        const auto& info = circuit::info(gate);
        if (!info.is_unitary || gate == Gate::kUnitary || gate == Gate::kDelay) {
            continue;
        }
        CAPTURE(info.name);
        Circuit circuit = single(gate, random);
        circuit.cregs = {{"c", 2}, {"d", 1}};
        const circuit::Condition condition{1, 1};
        circuit.operations.front().condition = condition;
        auto rebased = passes::rebase_to_cx_u3(circuit);
        REQUIRE(rebased);
        CHECK(rebased->circuit.cregs == circuit.cregs);
        CHECK(is_native(rebased->circuit));
        for (Operation& op : rebased->circuit.operations) {
            CHECK(op.condition == condition);
            op.condition.reset();
        }
        circuit.operations.front().condition.reset();
        const auto distance = circuit::unitary_distance(circuit, rebased->circuit);
        REQUIRE(distance);
        CHECK(*distance < 1e-12);
        CHECK(*distance <= rebased->delta + 1e-14);
    }
}

TEST_CASE("rebase, correctness: one-qubit gates in a row under one condition become one u3") {
    Circuit circuit = Circuit::with_qubits(2);
    circuit.cregs = {{"c", 2}};
    for (const std::uint64_t value : {1, 1, 2}) {
        for (const Gate gate : {Gate::kH, Gate::kT}) {
            circuit.append(gate, {0});
            circuit.operations.back().condition = circuit::Condition{0, value};
        }
    }
    circuit.append(Gate::kH, {0});
    const auto rebased = passes::rebase_to_cx_u3(circuit);
    REQUIRE(rebased);
    const auto same = circuit::check_equivalence(circuit, rebased->circuit);
    REQUIRE(same);
    CHECK(same->equivalent);
    REQUIRE(rebased->circuit.operations.size() == 3);
    CHECK(rebased->circuit.operations[0].condition == circuit::Condition{0, 1});
    CHECK(rebased->circuit.operations[1].condition == circuit::Condition{0, 2});
    CHECK_FALSE(rebased->circuit.operations[2].condition);
}

TEST_CASE("rebase, correctness: a gate is the same wherever it stands, and counts as what it is") {
    Circuit circuit = Circuit::with_qubits(5);
    circuit.append(Gate::kCP, {3, 1}, {0.3});
    circuit.append(Gate::kCCX, {4, 0, 2});
    circuit.append(Gate::kCP, {0, 4}, {0.3});
    circuit.append(Gate::kCP, {0, 4}, {0.4});
    circuit.append(Gate::kCCX, {1, 3, 0});
    circuit.append(Gate::kISwap, {2, 1});
    circuit.append(Gate::kISwap, {1, 2});
    const auto rebased = passes::rebase_to_cx_u3(circuit);
    REQUIRE(rebased);
    CHECK(circuit::unitary_distance(circuit, rebased->circuit).value() < 1e-12);
    CHECK(passes::count_rebased_cx(circuit).value() == circuit::count_two_qubit(rebased->circuit));
    // Under a condition as without.
    circuit.cregs = {{"c", 1}};
    for (Operation& op : circuit.operations) {
        op.condition = circuit::Condition{0, 1};
    }
    CHECK(passes::count_rebased_cx(circuit).value() == circuit::count_two_qubit(rebased->circuit));
}

TEST_CASE("rebase, bad input: matrices that are not unitary") {
    base::Matrix zero(8, 8);
    CHECK(passes::decompose_unitary(zero, {0, 1, 2}).status().code() ==
          StatusCode::kInvalidArgument);
    CHECK(passes::decompose_unitary(base::Matrix::identity(8), {0, 1}).status().code() ==
          StatusCode::kInvalidArgument);
    CHECK(passes::decompose_unitary(base::Matrix::identity(1), {}).status().code() ==
          StatusCode::kInvalidArgument);
}
