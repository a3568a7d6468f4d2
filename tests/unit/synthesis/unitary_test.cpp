#include "quantum/synthesis/synthesize_unitary.hpp"

#include <memory>

#include "quantum/synthesis/instantiate.hpp"
#include "quantum/synthesis/peel.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fourier.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;
using circuit::Qubit;

namespace {

// One-qubit gates at random before and after.
Matrix dressed(const Matrix& u, Philox& random) {
    Matrix before = random_unitary(2, random), after = random_unitary(2, random);
    while (before.rows() < u.rows()) {
        before = kron(before, random_unitary(2, random));
        after = kron(after, random_unitary(2, random));
    }
    return multiply(after, multiply(u, before));
}

Matrix qft(Qubit qubits) {
    return *circuit::unitary_of(quercus::test::fourier(qubits));
}

UnitaryResult synthesized(const Matrix& target, Seed seed, int effort = 1) {
    UnitaryOptions options;
    options.seed = seed;
    options.effort = effort;
    const Result<UnitaryResult> found = synthesize_unitary(target, options);
    REQUIRE(found);
    const double error = distance(found->circuit, target);
    CHECK(error < 1e-6);
    CHECK(std::fabs(error - found->delta) < 1e-12);
    CHECK(found->cx == circuit::count_two_qubit(found->circuit));
    return *found;
}

}  // namespace

TEST_CASE("unitary: dressed gates reach their known counts") {
    for (Seed seed = 1; seed <= 3; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        CHECK(synthesized(dressed(circuit::gate_matrix(Gate::kCCX, {}), random), seed).cx == 6);
        CHECK(synthesized(dressed(circuit::gate_matrix(Gate::kCSwap, {}), random), seed).cx == 7);
        CHECK(synthesized(dressed(qft(3), random), seed).cx <= 6);
    }
}

TEST_CASE("unitary: a dressed Fourier transform of four qubits takes eleven") {
    Philox random(5);
    CHECK(synthesized(dressed(qft(4), random), 5).cx <= 11);
}

TEST_CASE("peel: a qubit that a star ties to a random unitary is found, on both sides") {
    for (Seed seed = 1; seed <= 4; ++seed) {
        CAPTURE(seed);
        Philox random(seed, 5);
        const auto q = static_cast<Qubit>(random.below(4));
        Circuit star = Circuit::with_qubits(4);
        for (Qubit other = 0; other < 4; ++other) {
            if (other != q) {
                star.append(Gate::kCP, {other, q}, {random.uniform(0.3, 3)});
            }
        }
        circuit::Operation on_the_others;
        on_the_others.gate = Gate::kUnitary;
        on_the_others.matrix = std::make_shared<const Matrix>(random_unitary(8, random));
        for (Qubit other = 0; other < 4; ++other) {
            if (other != q) {
                on_the_others.qubits.push_back(other);
            }
        }
        Circuit random_part = Circuit::with_qubits(4);
        random_part.operations.push_back(on_the_others);
        const Matrix s = *circuit::unitary_of(star), v = *circuit::unitary_of(random_part);
        const Matrix target = dressed(seed % 2 == 0 ? multiply(v, s) : multiply(s, v), random);
        PeelOptions options;
        options.seed = seed;
        const PeelResult found = peel_qubit(
            target,
            [](const Matrix& three) -> Result<Circuit> {
                Result<UnitaryResult> result = synthesize_unitary(three);
                return result ? Result<Circuit>(result->circuit) : result.error();
            },
            options);
        REQUIRE(found.ansatz);
        CHECK(found.ansatz->shape.cx.size() <= 6 + 14);
        CHECK(distance(to_circuit(*found.ansatz), target) < 1e-6);
    }
}

TEST_CASE("peel: a Haar-random unitary has no qubit that a star takes off") {
    Philox random(6);
    const PeelResult found =
        peel_qubit(random_unitary(16, random),
                   [](const Matrix&) -> Result<Circuit> { return not_found("never asked"); });
    CHECK(!found.ansatz);
    CHECK(found.descents > 0);
}

TEST_CASE("unitary: Haar-random targets take the least generic count") {
    for (Seed seed = 1; seed <= 10; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        CHECK(synthesized(random_unitary(2, random), seed).cx == 0);
        CHECK(synthesized(random_unitary(4, random), seed).cx == 3);
        CHECK(synthesized(random_unitary(8, random), seed).cx == 14);
    }
    for (Seed seed = 1; seed <= 3; ++seed) {
        CAPTURE(seed);
        Philox random(seed, 1);
        CHECK(synthesized(random_unitary(16, random), seed).cx <= 61);
    }
}

TEST_CASE("unitary: trivial and small targets on three and four qubits") {
    Philox random(3);
    CHECK(synthesized(Matrix::identity(8), 1).cx == 0);
    CHECK(synthesized(dressed(Matrix::identity(8), random), 1).cx == 0);
    CHECK(synthesized(dressed(Matrix::identity(16), random), 1).cx == 0);
    const Matrix cx_and_local =
        kron(random_unitary(2, random), circuit::gate_matrix(Gate::kCX, {}));
    CHECK(synthesized(dressed(cx_and_local, random), 1).cx == 1);
    const Matrix two = kron(random_unitary(4, random), random_unitary(4, random));
    CHECK(synthesized(two, 1).cx == 6);
}

TEST_CASE("unitary: five qubits by block-ZXZ and four-qubit factors") {
    Philox random(11);
    CHECK(synthesized(random_unitary(32, random), 1, 0).cx <= 4 * 61 + 3 * 16);
}

TEST_CASE("unitary: same seed, same bytes") {
    Philox random(4);
    const Matrix target = random_unitary(8, random);
    CHECK(synthesized(target, 7).circuit == synthesized(target, 7).circuit);
}

TEST_CASE("unitary: bad input is refused") {
    CHECK(synthesize_unitary(Matrix(8, 8)).status().code() == StatusCode::kInvalidArgument);
    CHECK(synthesize_unitary(Matrix(8, 4)).status().code() == StatusCode::kInvalidArgument);
    CHECK(synthesize_unitary(Matrix::identity(6)).status().code() == StatusCode::kInvalidArgument);
    CHECK(synthesize_unitary(Matrix::identity(1)).status().code() == StatusCode::kInvalidArgument);
    CHECK(synthesize_unitary(Matrix::identity(512)).status().code() ==
          StatusCode::kInvalidArgument);
}

TEST_CASE("unitary: a stop before the first circuit is an error") {
    Philox random(2);
    UnitaryOptions options;
    options.stop = [] { return true; };
    CHECK(synthesize_unitary(random_unitary(16, random), options).status().code() ==
          StatusCode::kCancelled);
}

TEST_CASE("instantiate: generic templates converge from nearly every start") {
    int converged = 0;
    for (Seed seed = 1; seed <= 20; ++seed) {
        Philox random(seed, 2);
        const CxPair pairs[] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {0, 3}, {1, 2},
                                {2, 3}, {0, 1}, {1, 3}, {0, 2}, {1, 2}, {0, 3}};
        Template shape{4, {}};
        for (std::size_t i = 0; i < 61; ++i) {
            shape.cx.push_back(pairs[i % 12]);
        }
        Instantiator engine = *Instantiator::create(random_unitary(16, random));
        converged += engine.run_random(shape, random, 1).d <= 1e-12 ? 1 : 0;
    }
    CHECK(converged >= 18);
}
