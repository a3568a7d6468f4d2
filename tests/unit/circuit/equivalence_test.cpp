#include "quantum/circuit/equivalence.hpp"

#include <cmath>

#include "quantum/circuit/branching.hpp"
#include "quantum/circuit/generate.hpp"
#include "tests/reference/channel.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/circuit/random_circuit.hpp"

namespace quercus::circuit {
namespace {

void add_measure(Circuit& circuit, Qubit qubit, Clbit clbit) {
    circuit.append(Gate::kMeasure, {qubit});
    circuit.operations.back().clbit = clbit;
}

Circuit with_clbits(std::uint32_t qubits, std::uint32_t clbits) {
    Circuit circuit = Circuit::with_qubits(qubits);
    circuit.cregs = {{"c", clbits}};
    return circuit;
}

// cx written as h cz h, and every gate shifted by a full turn (a global phase).
Circuit rewritten(const Circuit& circuit) {
    Circuit out = circuit;
    out.operations.clear();
    for (const Operation& op : circuit.operations) {
        if (op.gate == Gate::kCX && !op.condition) {
            out.append(Gate::kH, {op.qubits[1]});
            out.append(Gate::kCZ, {op.qubits[1], op.qubits[0]});
            out.append(Gate::kH, {op.qubits[1]});
            out.append(Gate::kRZ, {op.qubits[0]}, {2 * 3.14159265358979323846});
        } else {
            out.operations.push_back(op);
        }
    }
    return out;
}

TEST_CASE("unitary circuits: equal up to phase, different by a known angle") {
    for (const std::uint32_t n : {4u, 9u}) {
        const Circuit circuit = generate(Family::kRandom, n, 80, 3);
        const auto method = n == 4 ? EquivalenceMethod::kUnitary : EquivalenceMethod::kRandomStates;
        const Result<Equivalence> same = check_equivalence(circuit, rewritten(circuit));
        REQUIRE(same);
        CHECK(same->equivalent);
        CHECK(same->distance < 1e-12);
        CHECK(same->method == method);

        Circuit other = rewritten(circuit);
        const double angle = 1e-3;
        other.append(Gate::kRX, {n - 1}, {angle});
        const Result<Equivalence> different = check_equivalence(circuit, other);
        REQUIRE(different);
        CHECK_FALSE(different->equivalent);
        // delta of rx(angle) is 2 sin(angle / 4)
        CHECK(different->distance == Approx(angle / 2).epsilon(0.05));
    }
}

TEST_CASE("a transposed pair of qubits is noticed") {
    Circuit a = Circuit::with_qubits(8);
    a.append(Gate::kCX, {0, 7});
    Circuit b = Circuit::with_qubits(8);
    b.append(Gate::kCX, {7, 0});
    CHECK_FALSE(check_equivalence(a, b)->equivalent);
}

TEST_CASE("on |0...0> only, circuits may differ elsewhere") {
    Circuit a = Circuit::with_qubits(2);
    a.append(Gate::kCX, {0, 1});
    const Circuit b = Circuit::with_qubits(2);
    CHECK_FALSE(check_equivalence(a, b)->equivalent);
    EquivalenceOptions options;
    options.zero_input = true;
    CHECK(check_equivalence(a, b, options)->equivalent);
}

TEST_CASE("branching agrees with density matrices") {
    for (Seed seed = 0; seed < 25; ++seed) {
        CAPTURE(seed);
        Circuit circuit = testing::random_mixed_circuit(14, false, seed);
        circuit.qregs = {{"a", 6}};
        State input(64);
        Philox random(seed, 9);
        for (auto& amplitude : input) {
            const double real = random.normal();
            amplitude = {real / 8, random.normal() / 8};
        }
        const Result<Outcomes> outcomes = run_branches(circuit, input, 4096);
        REQUIRE(outcomes);
        reference::Ensemble ensemble;
        for (const auto& [bits, states] : *outcomes) {
            reference::Matrix rho = reference::zero(64);
            for (const State& state : states) {
                for (std::size_t i = 0; i < 64; ++i) {
                    for (std::size_t j = 0; j < 64; ++j) {
                        rho[i][j] += state[i] * std::conj(state[j]);
                    }
                }
            }
            ensemble.emplace(bits, rho);
        }
        CHECK(reference::difference(ensemble, reference::run(circuit, input)) < 1e-10);
    }
}

TEST_CASE("teleportation with measurements equals its rewritten form and not a broken one") {
    const auto teleport = [](bool with_correction) {
        Circuit circuit;
        circuit.qregs = {{"q", 3}};
        circuit.cregs = {{"a", 1}, {"b", 1}};
        circuit.append(Gate::kReset, {1});
        circuit.append(Gate::kReset, {2});
        circuit.append(Gate::kH, {1});
        circuit.append(Gate::kCX, {1, 2});
        circuit.append(Gate::kCX, {0, 1});
        circuit.append(Gate::kH, {0});
        add_measure(circuit, 0, 0);
        add_measure(circuit, 1, 1);
        circuit.append(Gate::kX, {2});
        circuit.operations.back().condition = Condition{1, 1};
        if (with_correction) {
            circuit.append(Gate::kZ, {2});
            circuit.operations.back().condition = Condition{0, 1};
        }
        return circuit;
    };
    const Result<Equivalence> same = check_equivalence(teleport(true), rewritten(teleport(true)));
    REQUIRE(same.status().message().empty());
    CHECK(same->method == EquivalenceMethod::kBranching);
    CHECK(same->distance < 1e-12);
    CHECK_FALSE(check_equivalence(teleport(true), teleport(false))->equivalent);
}

TEST_CASE("a conditional gate differs from an unconditional one") {
    Circuit a = with_clbits(2, 1);
    add_measure(a, 0, 0);
    a.append(Gate::kX, {1});
    Circuit b = a;
    b.operations.back().condition = Condition{0, 1};
    CHECK_FALSE(check_equivalence(a, b)->equivalent);
    CHECK(check_equivalence(b, b)->equivalent);
}

TEST_CASE("reset twice equals reset once; reset differs from nothing") {
    Circuit once = with_clbits(3, 1);
    once.append(Gate::kReset, {1});
    Circuit twice = once;
    twice.append(Gate::kReset, {1});
    Circuit none = with_clbits(3, 1);
    CHECK(check_equivalence(once, twice)->distance < 1e-12);
    CHECK_FALSE(check_equivalence(once, none)->equivalent);
}

TEST_CASE("final measurements: phases before them do not matter, rotations do") {
    Circuit a = with_clbits(10, 10);
    Circuit b = a;
    for (Qubit q = 0; q < 10; ++q) {
        b.append(Gate::kRZ, {q}, {0.3 + q});
    }
    Circuit c = a;
    c.append(Gate::kRX, {4}, {0.1});
    for (Circuit* circuit : {&a, &b, &c}) {
        for (Qubit q = 0; q < 10; ++q) {
            add_measure(*circuit, q, 9 - q);
        }
    }
    const Result<Equivalence> same = check_equivalence(a, b);
    REQUIRE(same);
    CHECK(same->method == EquivalenceMethod::kRandomStates);
    CHECK(same->distance < 1e-12);
    CHECK_FALSE(check_equivalence(a, c)->equivalent);
    EquivalenceOptions outcomes;
    outcomes.outcomes_only = true;
    CHECK(check_equivalence(a, b, outcomes)->equivalent);
    CHECK_FALSE(check_equivalence(a, c, outcomes)->equivalent);
}

TEST_CASE("outcomes only ignores the state left behind") {
    Circuit a = with_clbits(2, 1);
    add_measure(a, 0, 0);
    Circuit b = a;
    b.append(Gate::kX, {0});
    EquivalenceOptions outcomes;
    outcomes.outcomes_only = true;
    CHECK_FALSE(check_equivalence(a, b)->equivalent);
    CHECK(check_equivalence(a, b, outcomes)->equivalent);
}

TEST_CASE("different ensembles of the same state are equal") {
    const double r = std::sqrt(0.5);
    const std::vector<State> plus_minus = {{0.5, 0.5}, {0.5, -0.5}};
    const std::vector<State> zero_one = {{r, 0.0}, {0.0, r}};
    const std::vector<State> tilted = {{r, 0.0}, {1e-3, r}};
    CHECK(ensemble_distance(plus_minus, zero_one) < 1e-14);
    CHECK(ensemble_distance(plus_minus, tilted) > 1e-4);
    CHECK(ensemble_distance({}, zero_one) == Approx(1.0));
}

TEST_CASE("bad input: what cannot be compared is refused with a reason") {
    const Circuit two = Circuit::with_qubits(2);
    CHECK(check_equivalence(two, Circuit::with_qubits(3)).error().code() ==
          StatusCode::kInvalidArgument);
    CHECK(check_equivalence(two, with_clbits(2, 1)).error().code() == StatusCode::kInvalidArgument);
    CHECK(check_equivalence(Circuit::with_qubits(21), Circuit::with_qubits(21)).error().code() ==
          StatusCode::kResourceExhausted);
    Circuit opaque = two;
    opaque.append(Gate::kOpaque, {0});
    opaque.operations[0].opaque_name = "box";
    CHECK(check_equivalence(opaque, opaque).error().code() == StatusCode::kFailedPrecondition);

    Circuit many = with_clbits(4, 20);
    for (Clbit bit = 0; bit < 20; ++bit) {
        many.append(Gate::kH, {bit % 4});
        add_measure(many, bit % 4, bit);
    }
    const Result<Equivalence> refused = check_equivalence(many, many);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == StatusCode::kResourceExhausted);
    CHECK(refused.error().message().find("max_branches") != std::string::npos);
}

}  // namespace
}  // namespace quercus::circuit
