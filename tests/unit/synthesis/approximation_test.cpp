#include "quantum/synthesis/approximation.hpp"

#include <cmath>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/rebase.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using circuit::Circuit;
using circuit::Gate;

namespace {

// Two controlled phases, the first of them small, and something between them.
Circuit sample(double small) {
    Circuit circuit = Circuit::with_qubits(3);
    circuit.append(Gate::kCP, {0, 1}, {small});
    circuit.append(Gate::kRX, {1}, {0.4});
    circuit.append(Gate::kCP, {1, 2}, {0.9});
    circuit.append(Gate::kRY, {2}, {0.3});
    return circuit;
}

std::vector<synthesis::Approximation> approximations(const Circuit& circuit, double most_delta) {
    const auto target = circuit::unitary_of(circuit);
    const auto start = synthesis::rebase_to_ansatz(circuit);
    REQUIRE(target);
    REQUIRE(start);
    synthesis::ApproximationOptions options;
    options.seed = 1;
    options.most_delta = most_delta;
    const auto found = synthesis::approximate(*target, *start, options);
    REQUIRE(found.status().to_string() == "OK");
    std::size_t cx = start->shape.cx.size();
    for (const synthesis::Approximation& one : *found) {
        CHECK(one.ansatz.shape.cx.size() < cx);
        cx = one.ansatz.shape.cx.size();
        CHECK(one.delta <= most_delta);
        CHECK(base::phase_invariant_distance(*target, synthesis::unitary_of(one.ansatz)) ==
              Approx(one.delta).margin(1e-9));
    }
    return *found;
}

}  // namespace

TEST_CASE("approximation, correctness: the least rotation goes first, at its known price") {
    // exp(i a ZZ) is within 2 sin(a / 2) of a product, a = angle / 4.
    const auto price = [](double angle) { return 2 * std::sin(angle / 8); };
    CHECK(approximations(sample(0.1), 0.9 * price(0.1)).empty());
    const auto one = approximations(sample(0.1), 1.1 * price(0.1));
    REQUIRE(one.size() == 1);
    CHECK(one[0].ansatz.shape.cx.size() == 2);
    CHECK(one[0].delta == Approx(price(0.1)).epsilon(1e-3));
    const auto both = approximations(sample(0.1), price(0.1) + 1.1 * price(0.9));
    REQUIRE(both.size() == 2);
    CHECK(both[1].ansatz.shape.cx.empty());
}

TEST_CASE("approximation, correctness: the same every time, and stoppable") {
    const auto first = approximations(sample(0.2), 0.3);
    const auto second = approximations(sample(0.2), 0.3);
    REQUIRE(first.size() == second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        CHECK(first[i].ansatz.params == second[i].ansatz.params);
    }
    const auto start = synthesis::rebase_to_ansatz(sample(0.2));
    REQUIRE(start);
    const auto none = synthesis::approximate(*circuit::unitary_of(sample(0.2)), *start,
                                             {.most_delta = 0.3, .stop = [] { return true; }});
    REQUIRE(none);
    CHECK(none->empty());
}

TEST_CASE("approximation, bad input: a start on another number of qubits") {
    const auto start = synthesis::rebase_to_ansatz(sample(0.2));
    REQUIRE(start);
    CHECK(synthesis::approximate(base::Matrix::identity(4), *start, {}).status().code() ==
          StatusCode::kInvalidArgument);
}
