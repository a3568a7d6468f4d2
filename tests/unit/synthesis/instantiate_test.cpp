#include "quantum/synthesis/instantiate.hpp"

#include <array>

#include "quantum/synthesis/rebase.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

TEST_CASE("template: a circuit, its ansatz and the circuit of the ansatz are equal") {
    for (Seed seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        const auto qubits = static_cast<std::uint32_t>(2 + seed % 3);
        const Circuit c = random_circuit(qubits, static_cast<int>(seed % 13), random);
        const Matrix u = *circuit::unitary_of(c);
        const Result<Ansatz> ansatz = ansatz_of(c);
        REQUIRE(ansatz);
        CHECK(ansatz->params.size() == ansatz->shape.num_parameters());
        CHECK(phase_invariant_distance(unitary_of(*ansatz), u) < 2e-14);
        CHECK(distance(to_circuit(*ansatz), u) < 2e-14);
        CHECK(count_two_qubit(to_circuit(*ansatz)) == count_two_qubit(c));
    }
}

TEST_CASE("template: without_cx removes exactly that gate") {
    Philox random(9);
    const Circuit c = random_circuit(3, 6, random);
    const Ansatz ansatz = *ansatz_of(c);
    std::size_t cx = 0;
    for (std::size_t i = 0; i < c.operations.size(); ++i) {
        if (c.operations[i].gate != Gate::kCX) {
            continue;
        }
        Circuit shorter = c;
        shorter.operations.erase(shorter.operations.begin() + static_cast<std::ptrdiff_t>(i));
        const Matrix expected = *circuit::unitary_of(shorter);
        // Rotations that moved through the removed CX may differ; its unitary then does too, but
        // the structure may not.
        const Ansatz removed = without_cx(ansatz, cx);
        CHECK(removed.shape.cx.size() == 5);
        CHECK(removed.shape == ansatz_of(shorter)->shape);
        CHECK(phase_invariant_distance(unitary_of(*ansatz_of(shorter)), expected) < 2e-14);
        ++cx;
    }
}

TEST_CASE("instantiate: the true parameters are a fixed point") {
    for (int qubits = 2; qubits <= kMaxTemplateQubits; ++qubits) {
        Philox random(static_cast<Seed>(qubits));
        const Circuit c = random_circuit(static_cast<std::uint32_t>(qubits), 5, random);
        const Ansatz ansatz = *ansatz_of(c);
        Instantiator engine = *Instantiator::create(*circuit::unitary_of(c));
        const Instantiation found = engine.run(ansatz.shape, ansatz.params);
        CHECK(found.success);
        CHECK(found.d < 1e-27);
        CHECK(engine.count() == 1);
    }
}

TEST_CASE("instantiate: cost by norm equals that of the dense unitary, also when it fails") {
    Philox random(21);
    const Matrix target = random_unitary(8, random);
    Instantiator engine = *Instantiator::create(target);
    const Template shape{3, {{0, 1}, {1, 2}, {0, 2}}};
    const Instantiation found = engine.run_random(shape, random, 3);
    CHECK_FALSE(found.success);
    CHECK(phase_invariant_distance(target, unitary_of({shape, found.params})) ==
          Approx(found.delta).epsilon(1e-10));
}

TEST_CASE("instantiate: random starts reach Haar targets and are polished") {
    int converged = 0;
    for (Seed seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        Template shape{3, {}};
        for (int i = 0; i < 14; ++i) {
            shape.cx.push_back(i % 3 == 0   ? CxPair{0, 1}
                               : i % 3 == 1 ? CxPair{0, 2}
                                            : CxPair{1, 2});
        }
        const Matrix target = random_unitary(8, random);
        Instantiator engine = *Instantiator::create(target);
        const Instantiation found = engine.run_random(shape, random, 1);
        converged += found.success ? 1 : 0;
        if (found.d <= 1e-14) {
            CHECK(distance(to_circuit({shape, found.params}), target) < 1.5e-7);
        }
    }
    CHECK(converged >= 17);
}

TEST_CASE("instantiate: same seed, same bits; a stop is obeyed") {
    Philox first(5), second(5);
    const Template shape{3, {{0, 1}, {1, 2}, {0, 1}}};
    Philox material(6);
    const Matrix target = random_unitary(8, material);
    const auto a = Instantiator::create(target)->run_random(shape, first, 4);
    const auto b = Instantiator::create(target)->run_random(shape, second, 4);
    CHECK(a.params == b.params);
    InstantiateOptions options;
    options.stop = [] { return true; };
    CHECK(Instantiator::create(target)->run_random(shape, first, 4, options).iterations == 0);
}

TEST_CASE("instantiate: bad targets are refused") {
    CHECK_FALSE(Instantiator::create(Matrix::identity(2)));
    CHECK_FALSE(Instantiator::create(Matrix::identity(64)));
    CHECK_FALSE(Instantiator::create(Matrix(8, 8)));
    Circuit wide = Circuit::with_qubits(6);
    CHECK_FALSE(ansatz_of(wide));
    Circuit measured = Circuit::with_qubits(2);
    measured.append(Gate::kSwap, {0, 1});
    CHECK_FALSE(ansatz_of(measured));
}

TEST_CASE("instantiate: haste gives up early where there is nothing to find") {
    Philox random(13);
    std::array<int, 2> iterations{};
    std::array<int, 2> solved{};
    for (int turn = 0; turn < 20; ++turn) {
        const Result<Ansatz> made = ansatz_of(random_circuit(3, 4, random));
        REQUIRE(made);
        auto hopeless = Instantiator::create(random_unitary(8, random));
        for (const bool is_hasty : {false, true}) {
            InstantiateOptions options;
            options.is_hasty = is_hasty;
            iterations[is_hasty ? 1 : 0] +=
                hopeless->run(made->shape, made->params, options).iterations;
            auto engine = Instantiator::create(unitary_of(*made));
            Philox starts(static_cast<Seed>(turn));
            solved[is_hasty ? 1 : 0] +=
                engine->run_random(made->shape, starts, 40, options).success ? 1 : 0;
        }
    }
    CAPTURE(iterations[0], iterations[1], solved[0], solved[1]);
    CHECK(iterations[1] * 3 < iterations[0] * 2);
    CHECK(solved[1] > 10);
    CHECK(solved[1] * 10 >= solved[0] * 8);
}

TEST_CASE("instantiate: haste does not give up what a loose polish accepts") {
    Philox random(15);
    std::array<int, 2> accepted{};
    for (int turn = 0; turn < 40; ++turn) {
        const Result<Ansatz> made = ansatz_of(random_circuit(3, 4, random));
        REQUIRE(made);
        auto engine = Instantiator::create(random_unitary(8, random));
        REQUIRE(engine);
        InstantiateOptions options;
        const double closest = engine->run(made->shape, made->params, options).d;
        options.is_hasty = true;
        for (const bool is_loose : {false, true}) {
            options.threshold = 1.01 * closest;
            options.polish = is_loose ? options.threshold : 1e-14;
            const double found = engine->run(made->shape, made->params, options).d;
            accepted[is_loose ? 1 : 0] += found <= options.threshold ? 1 : 0;
        }
    }
    CAPTURE(accepted);
    CHECK(accepted[1] >= 2 * accepted[0]);
    CHECK(accepted[1] >= 10);
}
