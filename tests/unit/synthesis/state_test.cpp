#include "quantum/synthesis/state.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

StateVector random_state(std::size_t size, Philox& random) {
    const Matrix u = random_unitary(size, random);
    return {u.data().begin(), u.data().begin() + static_cast<std::ptrdiff_t>(size)};
}

// |<a|b>| from plain sums.
double fidelity(const StateVector& a, const StateVector& b) {
    Complex sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::conj(a[i]) * b[i];
    }
    return std::abs(sum);
}

StateVector applied(const Circuit& circuit, const StateVector& input) {
    const Matrix u = *circuit::unitary_of(circuit);
    StateVector out(input.size());
    for (std::size_t r = 0; r < out.size(); ++r) {
        for (std::size_t c = 0; c < out.size(); ++c) {
            out[r] += u(r, c) * input[c];
        }
    }
    return out;
}

std::uint32_t cx_for(const StateVector& state, Seed seed = 1) {
    UnitaryOptions options;
    options.seed = seed;
    const Result<UnitaryResult> found = synthesize_state(state, options);
    REQUIRE(found);
    StateVector zero(state.size());
    zero[0] = 1;
    CHECK(std::fabs(fidelity(applied(found->circuit, zero), state) - 1) < 1e-12);
    CHECK(found->delta < 1.5e-7);
    return found->cx;
}

StateVector uniform_over(std::size_t size, const std::vector<std::size_t>& indices) {
    StateVector out(size);
    for (const std::size_t index : indices) {
        out[index] = 1 / std::sqrt(static_cast<double>(indices.size()));
    }
    return out;
}

}  // namespace

TEST_CASE("state: every basis state takes no CX") {
    for (std::size_t qubits = 1; qubits <= 4; ++qubits) {
        for (std::size_t index = 0; index < std::size_t{1} << qubits; ++index) {
            CAPTURE(qubits, index);
            CHECK(cx_for(uniform_over(std::size_t{1} << qubits, {index})) == 0);
        }
    }
}

TEST_CASE("state: product states, GHZ, W and states with zeros") {
    Philox random(3);
    StateVector product{1};
    for (int q = 0; q < 4; ++q) {
        const StateVector one = random_state(2, random);
        StateVector next;
        for (const Complex& high : one) {
            for (const Complex& low : product) {
                next.push_back(high * low);
            }
        }
        product = next;
        CHECK(cx_for(product) == 0);
    }
    CHECK(cx_for(uniform_over(4, {0, 3})) == 1);
    CHECK(cx_for(uniform_over(8, {0, 7})) == 2);
    CHECK(cx_for(uniform_over(16, {0, 15})) == 3);
    CHECK(cx_for(uniform_over(8, {1, 2, 4})) <= 3);
    CHECK(cx_for(uniform_over(16, {1, 2, 4, 8})) <= 6);
    CHECK(cx_for(uniform_over(16, {0, 3, 5, 6, 9})) <= 8);
}

TEST_CASE("state: random states take at most 1, 3 and 7 CX") {
    for (Seed seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        CHECK(cx_for(random_state(2, random), seed) == 0);
        CHECK(cx_for(random_state(4, random), seed) == 1);
        CHECK(cx_for(random_state(8, random), seed) <= 3);
        CHECK(cx_for(random_state(16, random), seed) <= 7);
    }
}

TEST_CASE("state: five to eight qubits by Schmidt decomposition") {
    const std::uint32_t most[] = {18, 36, 0, 134};
    for (std::size_t qubits = 5; qubits <= 8; ++qubits) {
        CAPTURE(qubits);
        const std::size_t size = std::size_t{1} << qubits;
        Philox random(qubits);
        if (qubits != 7) {  // takes seconds
            CHECK(cx_for(random_state(size, random)) <= most[qubits - 5]);
        }
        CHECK(cx_for(uniform_over(size, {0, size - 1})) == qubits - 1);
        CHECK(cx_for(uniform_over(size, {size / 2 + 3})) == 0);
        // A Bell pair of the first and the last qubit.
        CHECK(cx_for(uniform_over(size, {0, 1 + size / 2})) == 1);
        std::vector<std::size_t> single;
        for (std::size_t q = 0; q < qubits; ++q) {
            single.push_back(std::size_t{1} << q);
        }
        CHECK(cx_for(uniform_over(size, single)) <= 2 * qubits);
    }
}

TEST_CASE("state map: generic maps take what their dimensions ask for") {
    const auto cx_of = [](std::size_t size, std::size_t count) {
        Philox random(3);
        const Matrix u = random_unitary(size, random);
        StateMap map;
        for (std::size_t k = 0; k < count; ++k) {
            const auto at = u.data().begin() + static_cast<std::ptrdiff_t>(k * size);
            map.push_back({uniform_over(size, {k}), {at, at + static_cast<std::ptrdiff_t>(size)}});
        }
        UnitaryOptions options;
        options.effort = 0;
        const Result<UnitaryResult> found = synthesize_state_map(map, options);
        REQUIRE(found);
        CHECK(found->delta < 1.5e-7);
        return found->cx;
    };
    CHECK(cx_of(4, 2) <= 2);
    CHECK(cx_of(8, 2) <= 5);
    CHECK(cx_of(8, 4) <= 10);
    CHECK(cx_of(16, 4) <= 27);
}

TEST_CASE("state map: pairs keep their relative phase") {
    for (Seed seed = 1; seed <= 3; ++seed) {
        for (const std::size_t size : {std::size_t{4}, std::size_t{8}}) {
            for (std::size_t count = 1; count <= size; count += 1 + count / 2) {
                CAPTURE(seed, size, count);
                Philox random(seed);
                const Matrix a = random_unitary(size, random), b = random_unitary(size, random);
                std::vector<StatePair> pairs;
                for (std::size_t k = 0; k < count; ++k) {
                    const auto row = [&](const Matrix& m) {
                        const auto at = m.data().begin() + static_cast<std::ptrdiff_t>(k * size);
                        return StateVector(at, at + static_cast<std::ptrdiff_t>(size));
                    };
                    pairs.push_back({row(a), row(b)});
                }
                const Result<UnitaryResult> found = synthesize_state_map(pairs);
                REQUIRE(found);
                Complex sum = 0;
                for (const StatePair& pair : pairs) {
                    const StateVector got = applied(found->circuit, pair.input);
                    for (std::size_t i = 0; i < size; ++i) {
                        sum += std::conj(pair.output[i]) * got[i];
                    }
                }
                CHECK(std::fabs(std::abs(sum) / static_cast<double>(count) - 1) < 1e-12);
                CHECK(found->delta < 1.5e-7);
            }
        }
    }
}

TEST_CASE("state: bad input is refused") {
    const auto refused = [](const StateVector& state) {
        return synthesize_state(state).status().code() == StatusCode::kInvalidArgument;
    };
    CHECK(refused({}));
    CHECK(refused({1}));
    CHECK(refused({1, 0, 0}));
    CHECK(refused({1, 1}));  // norm sqrt(2)
    CHECK(refused({0, 0, 0, 0}));
    CHECK(refused({std::nan(""), 0}));
    CHECK(refused(StateVector(32)));
    CHECK_FALSE(synthesize_state_map({}));
    CHECK_FALSE(synthesize_state_map({{{1, 0}, {1, 0}}, {{1, 0}, {0, 1}}}));  // equal inputs
    CHECK_FALSE(synthesize_state_map({{{1, 0}, {1, 0, 0, 0}}}));
}
