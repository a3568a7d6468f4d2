// SWAPs as relabelling on a machine.

#include "quantum/passes/elide_swaps.hpp"

#include <cmath>

#include "quantum/base/random.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/mapping/check_mapped.hpp"
#include "quantum/mapping/presets.hpp"
#include "quantum/passes/compile.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/mapped_check.hpp"

using namespace quercus;
using circuit::Circuit;
using circuit::Gate;
using circuit::Qubit;

namespace {

// SWAPs, some of them as three cx, between rotations on pairs.
Circuit with_swaps(std::uint32_t qubits, int count, Philox& random) {
    Circuit c = Circuit::with_qubits(qubits);
    for (int i = 0; i < count; ++i) {
        const auto a = static_cast<Qubit>(random.below(qubits));
        const auto b = static_cast<Qubit>((a + 1 + random.below(qubits - 1)) % qubits);
        switch (random.below(4)) {
            case 0:
                c.append(Gate::kSwap, {a, b});
                break;
            case 1:
                c.append(Gate::kCX, {a, b});
                c.append(Gate::kCX, {b, a});
                c.append(Gate::kCX, {a, b});
                break;
            default:
                c.append(Gate::kRX, {a}, {random.uniform(0, 3)});
                c.append(Gate::kCP, {a, b}, {random.uniform(0, 3)});
        }
    }
    return c;
}

// The circuit with SWAPs at its end that bring qubit i from ends[i] back to i.
Circuit restored(const passes::Elided& elided) {
    Circuit out = elided.circuit;
    std::vector<Qubit> ends = elided.ends;
    for (Qubit i = 0; i < ends.size(); ++i) {
        if (ends[i] == i) {
            continue;
        }
        out.append(Gate::kSwap, {ends[i], i});
        for (Qubit j = i + 1; j < ends.size(); ++j) {
            if (ends[j] == i) {
                ends[j] = ends[i];
            }
        }
        ends[i] = i;
    }
    return out;
}

passes::CompileResult compiled(const Circuit& circuit, const std::string& machine, int level) {
    const auto pipeline = passes::level_pipeline(level);
    REQUIRE(pipeline);
    auto result = passes::compile_locally(circuit, *pipeline, 5, {}, {machine, {}});
    INFO(result.status().to_string());
    REQUIRE(result);
    return std::move(*result);
}

}  // namespace

TEST_CASE("elide_swaps, correctness: the circuit and where its qubits end are the circuit") {
    for (Seed seed = 0; seed < 30; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        const Circuit before = with_swaps(4, 20, random);
        const passes::Elided elided = passes::elide_swaps(before);
        CHECK(elided.swaps > 0);
        CHECK_FALSE(circuit::count_gates(elided.circuit).contains("swap"));
        CHECK_FALSE(circuit::count_gates(elided.circuit).contains("cx"));
        CHECK(base::phase_invariant_distance(*circuit::unitary_of(before),
                                             *circuit::unitary_of(restored(elided))) < 1e-13);
    }
}

TEST_CASE("elide_swaps, correctness: what looks like a SWAP and is none stays") {
    Circuit c = Circuit::with_qubits(3);
    c.cregs = {{"c", 1}};
    SECTION("a gate between") {
        c.append(Gate::kCX, {0, 1});
        c.append(Gate::kCX, {1, 0});
        c.append(Gate::kT, {0});
        c.append(Gate::kCX, {0, 1});
    }
    SECTION("a barrier between") {
        c.append(Gate::kCX, {0, 1});
        c.append(Gate::kBarrier, {0, 1, 2});
        c.append(Gate::kCX, {1, 0});
        c.append(Gate::kCX, {0, 1});
    }
    SECTION("another qubit between") {
        c.append(Gate::kCX, {0, 1});
        c.append(Gate::kCX, {1, 0});
        c.append(Gate::kCX, {1, 2});
        c.append(Gate::kCX, {0, 1});
    }
    SECTION("not in turn") {
        c.append(Gate::kCX, {0, 1});
        c.append(Gate::kCX, {0, 1});
        c.append(Gate::kCX, {0, 1});
    }
    SECTION("under a condition") {
        c.append(Gate::kSwap, {0, 1});
        c.operations[0].condition = circuit::Condition{0, 1};
        for (const bool turned : {false, true, false}) {
            c.append(Gate::kCX, {turned ? 2U : 1U, turned ? 1U : 2U});
            c.operations.back().condition = circuit::Condition{0, 1};
        }
    }
    const passes::Elided elided = passes::elide_swaps(c);
    CHECK(elided.swaps == 0);
    CHECK(elided.circuit == c);
}

TEST_CASE("elide_swaps, correctness: measurements follow their qubits") {
    Circuit c = Circuit::with_qubits(2);
    c.cregs = {{"c", 2}};
    c.append(Gate::kSwap, {0, 1});
    for (const Qubit q : {0U, 1U}) {
        circuit::Operation measure;
        measure.gate = Gate::kMeasure;
        measure.qubits = {q};
        measure.clbit = q;
        c.operations.push_back(measure);
    }
    const passes::Elided elided = passes::elide_swaps(c);
    REQUIRE(elided.circuit.operations.size() == 2);
    CHECK(elided.circuit.operations[0].qubits[0] == 1);
    CHECK(*elided.circuit.operations[0].clbit == 0);
}

TEST_CASE("elide_swaps, correctness: on a machine SWAPs of the input cost nothing") {
    Philox random(3);
    for (const int level : {0, 1, 3}) {
        CAPTURE(level);
        Circuit plain = Circuit::with_qubits(4);
        plain.append(Gate::kCP, {0, 1}, {0.3});
        plain.append(Gate::kCP, {1, 2}, {0.5});
        plain.append(Gate::kCP, {2, 3}, {0.7});
        Circuit swapped = plain;
        swapped.append(Gate::kSwap, {0, 3});
        swapped.append(Gate::kSwap, {1, 2});
        const auto result = compiled(swapped, "line-6", level);
        CHECK(result.after.two_qubit <= compiled(plain, "line-6", level).after.two_qubit);
        test::check_mapped_within(swapped, result);
        const Circuit many = with_swaps(4, 20, random);
        test::check_mapped_within(many, compiled(many, "line-4", level));
    }
}

TEST_CASE("elide_swaps, correctness: a circuit that was routed already costs no more") {
    Philox random(4);
    Circuit source = Circuit::with_qubits(6);
    for (int i = 0; i < 12; ++i) {
        const auto a = static_cast<Qubit>(random.below(6));
        const auto b = static_cast<Qubit>((a + 1 + random.below(5)) % 6);
        source.append(Gate::kCP, {a, b}, {random.uniform(0.1, 3)});
        source.append(Gate::kRX, {a}, {random.uniform(0.1, 3)});
    }
    const auto once = compiled(source, "line-6", 1);
    const auto twice = compiled(once.circuit, "line-6", 1);
    CHECK(twice.after.two_qubit <= once.after.two_qubit);
    test::check_mapped_within(once.circuit, twice);
}
