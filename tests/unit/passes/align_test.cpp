// Rotations that commute past a CX: where they stand, and what that does for blocks.

#include <cmath>
#include <numbers>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/align_rotations.hpp"
#include "quantum/passes/block_choice.hpp"
#include "quantum/passes/compile.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/passes/random_circuit.hpp"

using namespace quercus;
using circuit::Circuit;
using circuit::Gate;
using passes::align_rotations;

namespace {

constexpr double kPi = std::numbers::pi;

std::vector<circuit::Operation> others(const Circuit& circuit) {
    std::vector<circuit::Operation> found;
    for (const circuit::Operation& op : circuit.operations) {
        if (op.qubits.size() != 1 || partition::is_fence(op)) {
            found.push_back(op);
        }
    }
    return found;
}

// An equal circuit: random rotations before and after its first `most` cx that cancel each other.
Circuit shifted(const Circuit& circuit, Philox& random, int most) {
    Circuit out = circuit;
    out.operations.clear();
    for (const circuit::Operation& op : circuit.operations) {
        if (op.gate != Gate::kCX || most-- <= 0) {
            out.operations.push_back(op);
            continue;
        }
        const double z = random.uniform(-kPi, kPi), x = random.uniform(-kPi, kPi);
        out.append(Gate::kRZ, {op.qubits[0]}, {z});
        out.append(Gate::kRX, {op.qubits[1]}, {x});
        out.operations.push_back(op);
        out.append(Gate::kRZ, {op.qubits[0]}, {-z});
        out.append(Gate::kRX, {op.qubits[1]}, {-x});
    }
    return out;
}

}  // namespace

TEST_CASE("align rotations: an equal circuit with the same cx, fences where they were") {
    for (Seed seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        test::RandomOptions options;
        options.qubits = 3;
        options.native = true;
        options.fence_chance = seed % 2 == 0 ? 0 : 0.2;
        const Circuit circuit = test::random_circuit(options, random);
        const passes::PassResult aligned = align_rotations(circuit);
        CHECK(others(aligned.circuit) == others(circuit));
        CHECK(aligned.delta < 1e-11);
        const auto same = circuit::check_equivalence(circuit, aligned.circuit);
        REQUIRE(same);
        CHECK(same->distance <= aligned.delta + 1e-12);
    }
}

TEST_CASE("align rotations: what commutes past a cx has one place") {
    for (Seed seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        Circuit circuit = Circuit::with_qubits(3);
        for (int i = 0; i < 8; ++i) {
            const auto a = static_cast<circuit::Qubit>(random.below(3));
            const auto b = static_cast<circuit::Qubit>((a + 1 + random.below(2)) % 3);
            circuit.append(Gate::kCX, {a, b});
            circuit.append(Gate::kU3, {b}, {kPi / 4, 0, kPi / 2});
            circuit.append(Gate::kU3, {a}, {0, 0, kPi / 8});
        }
        const Circuit aligned = align_rotations(circuit).circuit;
        CHECK(align_rotations(shifted(circuit, random, 8)).circuit == aligned);
        CHECK(align_rotations(aligned).circuit == aligned);
    }
}

TEST_CASE("align rotations: angles become multiples only where they are next to one") {
    Circuit circuit = Circuit::with_qubits(2);
    circuit.append(Gate::kU3, {0}, {kPi / 4 + 2e-13, 0.5, kPi / 16 + 1e-9});
    circuit.append(Gate::kCX, {0, 1});
    const passes::PassResult aligned = align_rotations(circuit);
    REQUIRE(aligned.circuit.operations.size() == 2);
    const auto& params = aligned.circuit.operations.front().params;
    CHECK(params[0] == kPi / 16 * 4);
    CHECK(std::fabs(params[1] - 0.5) < 1e-13);
    CHECK(std::fabs(params[2] - kPi / 16 - 1e-9) < 1e-13);
    CHECK(aligned.delta >= 2e-13);
    CHECK(aligned.delta < 4e-13);
}

TEST_CASE("blocks: the same kernel for blocks that differ by what commutes past a cx") {
    Circuit part = Circuit::with_qubits(3);
    for (int i = 0; i < 2; ++i) {
        part.append(Gate::kCX, {0, 1});
        part.append(Gate::kU3, {1}, {0, 0, kPi / 4});
        part.append(Gate::kCX, {1, 2});
        part.append(Gate::kU3, {2}, {kPi / 4, 0, 0});
        part.append(Gate::kCX, {2, 0});
        part.append(Gate::kU3, {0}, {kPi / 2, 0, kPi});
    }
    const passes::Step step{"for_each_block", {}, {{{"resynthesize", {}, {}}}}};
    int shared = 0;
    for (Seed seed = 0; seed < 20; ++seed) {
        Philox random(seed);
        Circuit both = part;
        both.qregs = Circuit::with_qubits(6).qregs;
        for (circuit::Operation op : shifted(part, random, 4).operations) {
            for (circuit::Qubit& q : op.qubits) {
                q += 3;
            }
            both.operations.push_back(op);
        }
        const auto choice = passes::choose_blocks(both, step, {}, 0);
        REQUIRE(choice);
        REQUIRE(choice->uses.size() == 2);
        CHECK(choice->uses.front().key != choice->uses.back().key);
        shared += choice->blocks.size() == 1 ? 1 : 0;
    }
    CHECK(shared == 20);
}

TEST_CASE("blocks: answers count against the block as it stands, whatever decides") {
    int better = 0;
    for (Seed seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        Circuit circuit = Circuit::with_qubits(3);
        for (int i = 0; i < 7; ++i) {
            const auto a = static_cast<circuit::Qubit>(random.below(3));
            const auto b = static_cast<circuit::Qubit>((a + 1 + random.below(2)) % 3);
            circuit.append(Gate::kCX, {a, b});
            if (random.below(2) == 0) {
                circuit.append(Gate::kU3, {b}, {random.uniform(0, kPi), random.uniform(), 0.3});
            }
        }
        const passes::Step step{"for_each_block", {}, {{{"resynthesize", {}, {}}}}};
        for (const auto optimize : {passes::Optimize::kTwoQubit, passes::Optimize::kFidelity}) {
            const passes::MergeTerms terms{{optimize, 1, 0.1}};
            const auto choice = passes::choose_blocks(circuit, step, {}, 0);
            REQUIRE(choice);
            std::vector<Bytes> outputs;
            for (const Bytes& block : choice->blocks) {
                auto output = passes::run_compile_kernel(block, seed);
                REQUIRE(output);
                outputs.push_back(std::move(*output));
            }
            const auto merged = passes::merge_answers(*choice, outputs, terms);
            REQUIRE(merged);
            if (merged->better == 0) {
                CHECK(merged->circuit.operations.empty());
                continue;
            }
            CHECK(cost_of(merged->circuit, terms.objective) <= cost_of(circuit, terms.objective));
            const auto same = circuit::check_equivalence(circuit, merged->circuit);
            REQUIRE(same);
            CHECK(same->distance <= merged->delta + 1e-12);
            ++better;
            for (const passes::BlockChoice::Use& use : choice->uses) {
                CHECK(use.delta < 1e-11);
                CHECK(merged->delta >= use.delta);
            }
        }
    }
    CHECK(better > 20);
}
