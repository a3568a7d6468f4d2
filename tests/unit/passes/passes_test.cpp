#include "quantum/circuit/equivalence.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/passes/cancel_two_qubit.hpp"
#include "quantum/passes/fold_two_qubit.hpp"
#include "quantum/passes/merge_one_qubit.hpp"
#include "quantum/passes/rebase_to_cx_u3.hpp"
#include "quantum/synthesis/kak.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"

using namespace quercus;
using test::Circuit;
using test::Gate;
using test::Operation;

namespace {

void check_equal(const Circuit& a, const Circuit& b) {
    const auto same = circuit::check_equivalence(a, b, {.tolerance = 1e-9});
    REQUIRE(same.status().to_string() == "OK");
    CAPTURE(same->distance);
    CHECK(same->equivalent);
}

Circuit random_native(Seed seed, double fences) {
    Philox random(seed);
    test::RandomOptions options;
    options.qubits = 4;
    options.operations = 40;
    options.fence_chance = fences;
    options.native = true;
    return test::random_circuit(options, random);
}

std::size_t longest_run(const Circuit& circuit) {
    std::vector<std::size_t> run(circuit.num_qubits(), 0);
    std::size_t longest = 0;
    for (const Operation& op : circuit.operations) {
        const bool counts = op.qubits.size() == 1 && op.gate == Gate::kU3 && !op.condition;
        for (const auto q : op.qubits) {
            run[q] = counts ? run[q] + 1 : 0;
            longest = std::max(longest, run[q]);
        }
    }
    return longest;
}

}  // namespace

TEST_CASE("merge_one_qubit, correctness: one u3 per run, the same meaning") {
    for (Seed seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.operations = 40;
        options.widest = 2;
        options.fence_chance = seed % 2 == 0 ? 0.15 : 0;
        const Circuit circuit = test::random_circuit(options, random);
        const auto merged = passes::merge_one_qubit(circuit);
        check_equal(circuit, merged.circuit);
        CHECK(longest_run(merged.circuit) <= 1);
        const auto again = passes::merge_one_qubit(merged.circuit);
        CHECK_FALSE(again.changed);
        CHECK(again.circuit == merged.circuit);
    }
}

TEST_CASE("merge_one_qubit, correctness: runs end at fences, identities vanish") {
    Circuit circuit = Circuit::with_qubits(2);
    circuit.append(Gate::kH, {0});
    circuit.append(Gate::kBarrier, {0, 1});
    circuit.append(Gate::kH, {0});
    circuit.append(Gate::kX, {1});
    circuit.append(Gate::kX, {1});
    const auto merged = passes::merge_one_qubit(circuit);
    CHECK(merged.changed);
    REQUIRE(merged.circuit.operations.size() == 3);
    CHECK(merged.circuit.operations[1].gate == Gate::kBarrier);
}

TEST_CASE("cancel_two_qubit, correctness: random circuits keep their meaning") {
    for (Seed seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 3;
        options.operations = 60;
        options.fence_chance = seed % 2 == 0 ? 0.1 : 0;
        const Circuit circuit = test::random_circuit(options, random);
        check_equal(circuit, passes::cancel_two_qubit(circuit).circuit);
    }
}

TEST_CASE("cancel_two_qubit, correctness: what cancels and what does not") {
    Circuit circuit = Circuit::with_qubits(3);
    circuit.append(Gate::kCX, {0, 1});
    SECTION("through a diagonal gate on the control and an X rotation on the target") {
        circuit.append(Gate::kRZ, {0}, {0.3});
        circuit.append(Gate::kRX, {1}, {0.7});
        circuit.append(Gate::kCX, {0, 2});
        circuit.append(Gate::kCX, {2, 1});
        circuit.append(Gate::kCX, {0, 1});
        CHECK(passes::cancel_two_qubit(circuit).circuit.operations.size() == 4);
    }
    SECTION("not through an X rotation on the control") {
        circuit.append(Gate::kRX, {0}, {0.3});
        circuit.append(Gate::kCX, {0, 1});
        CHECK_FALSE(passes::cancel_two_qubit(circuit).changed);
    }
    SECTION("not the other way round") {
        circuit.append(Gate::kCX, {1, 0});
        CHECK_FALSE(passes::cancel_two_qubit(circuit).changed);
    }
    SECTION("not through a barrier on one of its qubits") {
        circuit.append(Gate::kBarrier, {1});
        circuit.append(Gate::kCX, {0, 1});
        CHECK_FALSE(passes::cancel_two_qubit(circuit).changed);
    }
    SECTION("through a barrier on other qubits") {
        circuit.append(Gate::kBarrier, {2});
        circuit.append(Gate::kCX, {0, 1});
        CHECK(passes::cancel_two_qubit(circuit).circuit.operations.size() == 1);
    }
    SECTION("not with a conditional one") {
        circuit.cregs = {{"c", 1}};
        circuit.append(Gate::kCX, {0, 1});
        circuit.operations.back().condition = circuit::Condition{0, 1};
        CHECK_FALSE(passes::cancel_two_qubit(circuit).changed);
    }
    SECTION("symmetric gates in either order, nested") {
        circuit.append(Gate::kSwap, {1, 2});
        circuit.append(Gate::kSwap, {2, 1});
        circuit.append(Gate::kCX, {0, 1});
        CHECK(passes::cancel_two_qubit(circuit).circuit.operations.empty());
    }
}

TEST_CASE("fold_two_qubit, correctness: fewer cx on pairs, the same meaning") {
    bool ever = false;
    for (Seed seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        const Circuit circuit = random_native(seed, seed % 2 == 0 ? 0.1 : 0);
        const auto folded = passes::fold_two_qubit(circuit);
        REQUIRE(folded);
        check_equal(circuit, folded->circuit);
        CHECK(circuit::count_two_qubit(folded->circuit) <= circuit::count_two_qubit(circuit));
        CHECK(folded->delta < 1e-12);
        ever = ever || folded->changed;
    }
    CHECK(ever);
    Circuit deep = Circuit::with_qubits(2);
    Philox random(5);
    for (int i = 0; i < 8; ++i) {
        deep.append(Gate::kCX, {0, 1});
        deep.append(Gate::kU3, {0}, {random.uniform(), random.uniform(), random.uniform()});
        deep.append(Gate::kU3, {1}, {random.uniform(), random.uniform(), random.uniform()});
    }
    const auto folded = passes::fold_two_qubit(deep);
    REQUIRE(folded);
    CHECK(circuit::count_two_qubit(folded->circuit) == 3);
    check_equal(deep, folded->circuit);
}

TEST_CASE("fold_two_qubit, correctness: finds every pair that the quick partitioner finds") {
    std::uint64_t folded_away = 0;
    for (Seed seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        Circuit circuit = random_native(seed, seed % 2 == 0 ? 0.1 : 0);
        const auto groups = partition::quick_groups(circuit, {.block_size = 2});
        REQUIRE(groups);
        std::uint64_t most = 0;
        for (const partition::Group& group : *groups) {
            const Circuit block = partition::block_of(circuit, group).circuit;
            const std::uint64_t now = circuit::count_two_qubit(block);
            const auto unitary = circuit::unitary_of(block);
            const bool is_pair = now > 0 && unitary && block.num_qubits() == 2;
            const auto least = is_pair ? synthesis::minimal_cx(*unitary) : Result<int>(0);
            most += is_pair ? std::min(now, static_cast<std::uint64_t>(*least)) : now;
        }
        const auto folded = passes::fold_two_qubit(circuit);
        REQUIRE(folded);
        CHECK(circuit::count_two_qubit(folded->circuit) == most);
        folded_away += circuit::count_two_qubit(circuit) - most;
    }
    CHECK(folded_away > 20);
}

TEST_CASE("fold_two_qubit, correctness: what is not folded keeps its place") {
    Circuit circuit = Circuit::with_qubits(6);
    // Two cx on one pair that cannot become fewer, with gates on other qubits in between.
    circuit.append(Gate::kCX, {2, 3});
    circuit.append(Gate::kCX, {4, 5});
    circuit.append(Gate::kRY, {3}, {0.3});
    circuit.append(Gate::kH, {5});
    circuit.append(Gate::kCX, {2, 3});
    const Circuit alone = circuit;
    for (int i = 0; i < 4; ++i) {
        circuit.append(Gate::kCX, {0, 1});
        circuit.append(Gate::kH, {0});
    }
    const auto folded = passes::fold_two_qubit(circuit);
    REQUIRE(folded);
    REQUIRE(folded->changed);
    REQUIRE(folded->circuit.operations.size() > alone.operations.size());
    CHECK(std::equal(alone.operations.begin(), alone.operations.end(),
                     folded->circuit.operations.begin()));
    check_equal(circuit, folded->circuit);
}

TEST_CASE("passes, bad input: nothing to do on empty circuits") {
    const Circuit empty = Circuit::with_qubits(1);
    CHECK_FALSE(passes::merge_one_qubit(empty).changed);
    CHECK_FALSE(passes::cancel_two_qubit(empty).changed);
    CHECK_FALSE(passes::fold_two_qubit(empty)->changed);
    CHECK_FALSE(passes::rebase_to_cx_u3(empty)->changed);
}
