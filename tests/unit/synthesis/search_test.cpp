#include "quantum/synthesis/beam.hpp"
#include "quantum/synthesis/deletion.hpp"
#include "quantum/synthesis/qsearch.hpp"
#include "quantum/synthesis/rebase.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

Circuit qft3() {
    Circuit c = Circuit::with_qubits(3);
    c.append(Gate::kH, {2});
    c.append(Gate::kCP, {1, 2}, {std::numbers::pi / 2});
    c.append(Gate::kCP, {0, 2}, {std::numbers::pi / 4});
    c.append(Gate::kH, {1});
    c.append(Gate::kCP, {0, 1}, {std::numbers::pi / 2});
    c.append(Gate::kH, {0});
    return c;
}

void check_search(const Matrix& target, std::size_t expected, Seed seed) {
    QSearchOptions options;
    options.seed = seed;
    const Result<QSearchResult> found = qsearch(target, options);
    REQUIRE(found);
    REQUIRE(found->found);
    CHECK(found->ansatz.shape.cx.size() == expected);
    const Circuit circuit = to_circuit(found->ansatz);
    CHECK(distance(circuit, target) < 1.5e-7);
    CHECK(found->delta < 1.5e-7);
}

}  // namespace

TEST_CASE("qsearch: known targets reach their known counts") {
    check_search(circuit::gate_matrix(Gate::kCCX, {}), 6, 1);
    check_search(circuit::gate_matrix(Gate::kCSwap, {}), 7, 1);
    check_search(*circuit::unitary_of(qft3()), 5, 1);
}

TEST_CASE("qsearch: a generic unitary takes at most 14 CX") {
    Philox random(17);
    const Matrix target = random_unitary(8, random);
    QSearchOptions options;
    options.max_descents = 60;
    const Result<QSearchResult> found = qsearch(target, options);
    REQUIRE(found->found);
    CHECK(found->ansatz.shape.cx.size() <= 14);
    CHECK(distance(to_circuit(found->ansatz), target) < 1.5e-7);
}

TEST_CASE("qsearch: two qubits agree with KAK's counts") {
    for (Seed seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        check_search(random_unitary(4, random), 3, seed);
        check_search(kron(random_unitary(2, random), random_unitary(2, random)), 0, seed);
    }
}

TEST_CASE("qsearch: bounds are kept") {
    QSearchOptions options;
    options.max_cx = 4;
    options.max_descents = 100;
    const auto none = qsearch(circuit::gate_matrix(Gate::kCCX, {}), options);
    CHECK_FALSE(none->found);
    CHECK(none->descents <= 102);
    options.stop = [] { return true; };
    CHECK(qsearch(circuit::gate_matrix(Gate::kCCX, {}), options)->stopped);
    CHECK_FALSE(qsearch(Matrix(8, 8), options));
}

TEST_CASE("beam: a survey measures what a search leaves out") {
    Philox random(19);
    const Matrix target = random_unitary(8, random);
    BeamOptions options;
    options.max_cx = 4;  // at least five are needed to touch every qubit three times
    const auto search = beam_search(target, options);
    REQUIRE(search);
    CHECK_FALSE(search->found);
    CHECK(search->ansatz.shape.cx.empty());
    CHECK(search->descents <= 2);
    options.is_survey = true;
    const auto survey = beam_search(target, options);
    REQUIRE(survey);
    CHECK_FALSE(survey->found);
    CHECK(survey->ansatz.shape.cx.size() == 4);
    CHECK(survey->delta < search->delta);
    CHECK(survey->descents > 20);
}

TEST_CASE("deletion: superfluous CX go, the rest stays equal") {
    int with_one_start = 0;
    for (Seed seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        // A circuit of four CX followed by another and its inverse.
        Circuit c = random_circuit(3, 4, random);
        c.append(Gate::kCX, {0, 1});
        c.append(Gate::kU3, {2}, {0.1, 0.2, 0.3});
        c.append(Gate::kCX, {0, 1});
        const Matrix target = *circuit::unitary_of(c);
        DeletionOptions options;
        options.seed = seed;
        const Result<DeletionResult> quick = delete_gates(target, *ansatz_of(c), options);
        REQUIRE(quick);
        with_one_start += quick->removed >= 2 ? 1 : 0;
        options.random_starts = 8;
        const Result<DeletionResult> found = delete_gates(target, *ansatz_of(c), options);
        REQUIRE(found);
        CHECK(found->removed >= 2);
        CHECK(found->ansatz.shape.cx.size() <= 4);
        CHECK(distance(to_circuit(found->ansatz), target) < 1.5e-7);
    }
    CHECK(with_one_start >= 17);
}

TEST_CASE("deletion: nothing is removed from a minimal circuit, and widths must agree") {
    Circuit c = Circuit::with_qubits(3);
    c.append(Gate::kCCX, {0, 1, 2});
    const Ansatz start = *rebase_to_ansatz(c);
    const Matrix target = *circuit::unitary_of(c);
    CHECK(delete_gates(target, start)->ansatz.shape == start.shape);
    CHECK_FALSE(delete_gates(Matrix::identity(16), start));
}

TEST_CASE("rebase: every gate is equal to its expansion") {
    for (int g = 0; g < circuit::kGateCount; ++g) {
        const auto gate = static_cast<Gate>(g);
        const circuit::GateInfo& about = circuit::info(gate);
        if (!about.is_unitary || about.num_qubits < 1 || about.num_qubits > 3 ||
            about.num_params < 0) {
            continue;
        }
        INFO(about.name);
        Circuit c = Circuit::with_qubits(3);
        circuit::Operation operation;
        operation.gate = gate;
        for (const circuit::Qubit q : {2u, 0u, 1u}) {
            if (operation.qubits.size() < static_cast<std::size_t>(about.num_qubits)) {
                operation.qubits.push_back(q);
            }
        }
        operation.params.assign(static_cast<std::size_t>(about.num_params), 0.37);
        c.operations.push_back(operation);
        const Result<Ansatz> ansatz = rebase_to_ansatz(c);
        if (!ansatz) {
            CHECK(ansatz.error().code() == StatusCode::kFailedPrecondition);
            CHECK(about.num_qubits == 3);
            continue;
        }
        CHECK(phase_invariant_distance(unitary_of(*ansatz), *circuit::unitary_of(c)) < 2e-14);
        CHECK(ansatz->shape.cx.size() <= *cx_equivalents(operation) + 1);
    }
}
