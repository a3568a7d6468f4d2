#include "quantum/synthesis/synthesize_block.hpp"

#include "quantum/synthesis/rebase.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

BlockResult check_block(const Circuit& block, const BlockOptions& options = {}) {
    const Result<BlockResult> result = synthesize_block(block, options);
    REQUIRE(result);
    const Matrix target = *circuit::unitary_of(block);
    CHECK(distance(result->circuit, target) == Approx(result->delta).margin(1e-13));
    CHECK(result->delta < 1.5e-7);
    CHECK(result->cx_after <= result->cx_before);
    if (result->improved) {
        CHECK(count_two_qubit(result->circuit) == result->cx_after);
    } else {
        CHECK(result->circuit == block);
    }
    return *result;
}

Circuit fredkin() {
    Circuit c = Circuit::with_qubits(3);
    c.append(Gate::kCX, {2, 1});
    c.append(Gate::kCCX, {0, 1, 2});
    c.append(Gate::kCX, {2, 1});
    return c;
}

}  // namespace

TEST_CASE("block: one and two qubits by closed form") {
    Circuit one = Circuit::with_qubits(1);
    one.append(Gate::kH, {0});
    one.append(Gate::kT, {0});
    one.append(Gate::kH, {0});
    CHECK(check_block(one).circuit.operations.size() == 1);
    Circuit two = Circuit::with_qubits(2);
    for (int i = 0; i < 5; ++i) {
        two.append(Gate::kCX, {0, 1});
        two.append(Gate::kRY, {1}, {0.3});
        two.append(Gate::kSwap, {0, 1});
    }
    const BlockResult result = check_block(two);
    CHECK(result.cx_before == 20);
    CHECK(result.cx_after <= 3);
}

TEST_CASE("block: the Fredkin gate of 8 CX becomes 7") {
    const BlockResult result = check_block(fredkin());
    CHECK(result.cx_before == 8);
    CHECK(result.cx_after == 7);
    CHECK(result.descents > 0);
}

TEST_CASE("block: random three-qubit blocks shrink to the generic count and below") {
    for (Seed seed = 0; seed < 4; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        BlockOptions options;
        options.effort = 0;
        CHECK(check_block(random_circuit(3, 20, random), options).cx_after <= 15);
    }
}

TEST_CASE("block: four and five qubits lose what cancels") {
    for (const std::uint32_t qubits : {4U, 5U}) {
        CAPTURE(qubits);
        Philox random(2);
        Circuit c = random_circuit(qubits, 3, random);
        c.append(Gate::kCZ, {0, qubits - 1});
        c.append(Gate::kRZ, {0}, {0.4});
        c.append(Gate::kCZ, {0, qubits - 1});
        const BlockResult result = check_block(c);
        CHECK(result.improved);
        CHECK(result.cx_after <= 3);
    }
}

TEST_CASE("block: a unitary operation is written out") {
    Philox random(3);
    Circuit c = Circuit::with_qubits(3);
    circuit::Operation operation;
    operation.gate = Gate::kUnitary;
    for (const circuit::Qubit q : {1u, 2u, 0u}) {
        operation.qubits.push_back(q);
    }
    operation.matrix = std::make_shared<const Matrix>(random_unitary(8, random));
    c.operations.push_back(operation);
    const BlockResult result = check_block(c);
    CHECK(result.improved);
    CHECK(result.cx_after <= 14);
    CHECK(count_multi_qubit(result.circuit) == 0);
}

TEST_CASE("block: same options, same bytes") {
    BlockOptions options;
    options.seed = 42;
    const BlockResult a = *synthesize_block(fredkin(), options);
    const BlockResult b = *synthesize_block(fredkin(), options);
    CHECK(a.circuit == b.circuit);
    CHECK(a.delta == b.delta);
    CHECK(a.descents == b.descents);
}

TEST_CASE("block: limits, stop and bad input") {
    BlockOptions options;
    options.max_two_qubit = 5;
    CHECK_FALSE(check_block(fredkin(), options).improved);
    options = {};
    options.stop = [] { return true; };
    const BlockResult stopped = check_block(fredkin(), options);
    CHECK(stopped.stopped);
    CHECK(stopped.cx_after == 8);  // written out, not searched

    Circuit measured = Circuit::with_qubits(2);
    circuit::Operation reset;
    reset.gate = Gate::kReset;
    reset.qubits.push_back(0);
    measured.operations.push_back(reset);
    CHECK_FALSE(synthesize_block(measured));
    CHECK_FALSE(synthesize_block(Circuit::with_qubits(6)));
    CHECK_FALSE(check_block(Circuit::with_qubits(3)).improved);
}
