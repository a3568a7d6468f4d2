#include "quantum/synthesis/crossings.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "quantum/synthesis/kak.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;
using detail::Crossings;

namespace {

constexpr double kTolerance = 1e-14;

// Random CX between random one-qubit gates, or between such whose angles are multiples of pi/4.
Ansatz random_ansatz(int qubits, std::size_t cx, bool is_special, Philox& random) {
    Ansatz ansatz{{qubits, {}}, {}};
    const auto n = static_cast<std::uint32_t>(qubits);
    while (ansatz.shape.cx.size() < cx) {
        const auto control = static_cast<std::uint8_t>(random.below(n));
        const auto target = static_cast<std::uint8_t>((control + 1 + random.below(n - 1)) % n);
        ansatz.shape.cx.push_back({control, target});
    }
    while (ansatz.params.size() < ansatz.shape.num_parameters()) {
        const double eighth = std::numbers::pi / 4;
        ansatz.params.push_back(is_special ? eighth * static_cast<double>(random.below(8))
                                           : random_angle(random));
    }
    return ansatz;
}

}  // namespace

TEST_CASE("crossings: what made a unitary is never ruled out") {
    const bool is_special = GENERATE(false, true);
    Philox random(5);
    for (int turn = 0; turn < 400; ++turn) {
        const int qubits = 2 + turn % 3;
        const Ansatz made = random_ansatz(qubits, random.below(8), is_special, random);
        const Crossings crossings(unitary_of(made), kTolerance);
        CAPTURE(turn, qubits, made.shape.cx.size());
        CHECK(crossings.allow(made.shape, made.shape.cx.size()));
        CHECK(crossings.allow({qubits, {}}, made.shape.cx.size()));
    }
}

TEST_CASE("crossings: two qubits agree with KAK's counts") {
    Philox random(7);
    std::array<int, 4> seen{};
    for (int turn = 0; turn < 200; ++turn) {
        const auto cx = static_cast<std::size_t>(turn % 4);
        const Matrix u = unitary_of(random_ansatz(2, cx, turn % 8 < 4, random));
        const Crossings crossings(u, kTolerance);
        const int least = *minimal_cx(u);
        CAPTURE(turn, least);
        CHECK(crossings.at_least(0) == least);
        CHECK(crossings.at_least(1) == least);
        ++seen[static_cast<std::size_t>(crossings.at_least(0))];
    }
    for (const int count : seen) {
        CHECK(count > 10);
    }
}

TEST_CASE("crossings: known targets") {
    const auto least = [](const Matrix& u) {
        const Crossings crossings(u, kTolerance);
        return std::array{crossings.at_least(0), crossings.at_least(1), crossings.at_least(2)};
    };
    Philox random(9);
    CHECK(least(random_unitary(8, random)) == std::array{3, 3, 3});
    CHECK(least(Matrix::identity(8)) == std::array{0, 0, 0});
    CHECK(least(kron(random_unitary(4, random), random_unitary(2, random))) == std::array{0, 3, 3});
    // Weights 3/4 and 1/4, not 1/2 twice.
    CHECK(least(circuit::gate_matrix(Gate::kCCX, {})) == std::array{2, 2, 2});
    Circuit chain = Circuit::with_qubits(3);
    chain.append(Gate::kCX, {0, 1});
    chain.append(Gate::kCX, {1, 2});
    CHECK(least(*circuit::unitary_of(chain)) == std::array{1, 2, 1});
}

TEST_CASE("crossings: a known chain that two CX on its middle cannot give") {
    Philox random(21);
    Circuit c = Circuit::with_qubits(3);
    c.append(Gate::kCX, {0, 1});
    c.append(Gate::kU3, {0}, {random_angle(random), random_angle(random), random_angle(random)});
    c.append(Gate::kCP, {0, 1}, {0.7});
    c.append(Gate::kCP, {0, 2}, {1.1});
    const Matrix u = *circuit::unitary_of(c);
    CHECK(Crossings(u, kTolerance).at_least(0) == 3);
    CHECK(Crossings(adjoint(u), kTolerance).at_least(0) == 3);
}

TEST_CASE("crossings: nothing within the tolerance of a unitary is ruled out") {
    Philox random(23);
    for (int turn = 0; turn < 300; ++turn) {
        const int qubits = 2 + turn % 3;
        const Ansatz made = random_ansatz(qubits, random.below(6), turn % 2 == 0, random);
        Ansatz moved = made;
        const double step = std::pow(10.0, random.uniform(-6, -0.7));
        for (double& angle : moved.params) {
            angle += step * random.uniform(-1, 1);
        }
        moved.shape.cx.push_back({0, 1});
        moved.shape.cx.push_back({0, 1});
        for (int k = 0; k < 8; ++k) {
            moved.params.push_back(step * random.uniform(-1, 1));
        }
        const Matrix near = unitary_of(moved);
        const double delta = phase_invariant_distance(unitary_of(made), near);
        CAPTURE(turn, qubits, delta);
        CHECK(Crossings(near, 0.5 * delta * delta).allow(made.shape, made.shape.cx.size()));
    }
}

TEST_CASE("crossings: templates that touch a qubit too rarely are ruled out") {
    Philox random(11);
    const Crossings crossings(random_unitary(8, random), kTolerance);
    CHECK_FALSE(crossings.allow({3, {}}, 4));
    CHECK(crossings.allow({3, {}}, 5));
    const Template start{3, {{0, 1}, {0, 1}}};
    CHECK_FALSE(crossings.allow(start, 4));
    CHECK(crossings.allow(start, 5));
    CHECK_FALSE(crossings.allow({3, {{0, 1}, {0, 1}, {0, 1}}}, 5));
    CHECK_FALSE(crossings.allow(start, 1));
}
