#include "quantum/synthesis/entangler.hpp"

#include "quantum/synthesis/kak.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

constexpr Entangler kAll[] = {Entangler::kCX,    Entangler::kCZ,        Entangler::kECR,
                              Entangler::kISwap, Entangler::kSqrtISwap, Entangler::kRZZ};

// exp(i (x XX + y YY + z ZZ)) between random one-qubit gates.
Matrix of_class(double x, double y, double z, Philox& random) {
    Circuit c = Circuit::with_qubits(2);
    c.append(Gate::kRXX, {0, 1}, {-2 * x});
    c.append(Gate::kRYY, {0, 1}, {-2 * y});
    c.append(Gate::kRZZ, {0, 1}, {-2 * z});
    const Matrix before = kron(random_unitary(2, random), random_unitary(2, random));
    const Matrix after = kron(random_unitary(2, random), random_unitary(2, random));
    return multiply(after, multiply(*circuit::unitary_of(c), before));
}

// What the Weyl coordinates ask for (theorems of Vidal, Dawson and of Huang et al.); -1 where they
// are too close to a border to tell.
int expected_count(const std::array<double, 3>& c, Entangler entangler) {
    const double quarter = std::numbers::pi / 4, tight = 1e-9, loose = 1e-6;
    const auto zero = [&](double a) { return std::fabs(a) < tight; };
    for (const double a : {c[0], c[1], c[2], c[0] - quarter, c[1] - quarter}) {
        if (!zero(a) && std::fabs(a) < loose) {
            return -1;
        }
    }
    if (zero(c[0])) {
        return 0;
    }
    switch (entangler) {
        case Entangler::kRZZ:
            return zero(c[1]) ? 1 : zero(c[2]) ? 2 : 3;
        case Entangler::kISwap:
            return zero(c[0] - quarter) && zero(c[1] - quarter) && zero(c[2]) ? 1
                   : zero(c[2])                                               ? 2
                                                                              : 3;
        case Entangler::kSqrtISwap: {
            if (zero(c[0] - quarter / 2) && zero(c[1] - quarter / 2) && zero(c[2])) {
                return 1;
            }
            const double inside = c[0] - c[1] - std::fabs(c[2]);
            return inside > loose ? 2 : inside > -loose ? -1 : 3;
        }
        default:
            return zero(c[0] - quarter) && zero(c[1]) ? 1 : zero(c[2]) ? 2 : 3;
    }
}

void check_all(const Matrix& u) {
    const std::array<double, 3> c = kak_decompose(u)->coordinates;
    for (const Entangler entangler : kAll) {
        INFO("entangler " << static_cast<int>(entangler) << ", class " << c[0] << " " << c[1] << " "
                          << c[2]);
        const Result<Circuit> circuit = synthesize_two_qubit(u, entangler);
        REQUIRE(circuit);
        CHECK(distance(*circuit, u) < 1.5e-7);
        const int expected = expected_count(c, entangler);
        const auto count = static_cast<int>(circuit::count_two_qubit(*circuit));
        CHECK((expected < 0 || count == expected));
    }
}

}  // namespace

TEST_CASE("entangler: random unitaries over every basis, least counts") {
    for (Seed seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        check_all(random_unitary(4, random));
    }
}

TEST_CASE("entangler: two B reach everything, two fsim as well, three Sycamore") {
    for (Seed seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        Philox random(seed, 2);
        const Matrix u = random_unitary(4, random);
        for (const Entangler entangler : {Entangler::kB, Entangler::kFSim, Entangler::kSycamore}) {
            const Result<Circuit> circuit = synthesize_two_qubit(u, entangler);
            REQUIRE(circuit);
            CHECK(distance(*circuit, u) < 1.5e-7);
            const std::uint64_t count = circuit::count_two_qubit(*circuit);
            CHECK(count <= (entangler == Entangler::kSycamore ? 3 : 2));
        }
    }
}

TEST_CASE("entangler: what one or two Sycamore make takes no more") {
    const Matrix gate = circuit::gate_matrix(Gate::kSycamore, {});
    for (Seed seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        Philox random(seed, 3);
        const auto locals = [&] {
            return kron(random_unitary(2, random), random_unitary(2, random));
        };
        Matrix u = locals();
        const std::uint64_t made = 1 + seed % 2;
        for (std::uint64_t k = 0; k < made; ++k) {
            u = multiply(locals(), multiply(gate, u));
        }
        const Result<Circuit> circuit = synthesize_two_qubit(u, Entangler::kSycamore);
        REQUIRE(circuit);
        CHECK(distance(*circuit, u) < 1.5e-7);
        CHECK(circuit::count_two_qubit(*circuit) == made);
    }
}

TEST_CASE("entangler: fsim takes one where two coordinates are equal up to sign") {
    const double q = std::numbers::pi / 4;
    Philox random(31);
    for (int turn = 0; turn < 60; ++turn) {
        const double a = q * random.uniform(), b = q * random.uniform();
        const double large = std::max(a, b), small = std::min(a, b);
        CAPTURE(turn, large, small);
        const auto count = [&](double x, double y, double z) {
            const Matrix u = of_class(x, y, z, random);
            const Result<Circuit> circuit = synthesize_two_qubit(u, Entangler::kFSim);
            REQUIRE(circuit);
            CHECK(distance(*circuit, u) < 1.5e-7);
            return circuit::count_two_qubit(*circuit);
        };
        CHECK(count(large, large, small) == 1);
        CHECK(count(large, large, -small) == 1);
        CHECK(count(large, small, small) == 1);
        CHECK(count(large, small, -small) == 1);
        CHECK(count(large, 0, 0) == 1);
        CHECK(count(large, small, 0.5 * small) == 2);
        CHECK(count(0, 0, 0) == 0);
    }
}

TEST_CASE("entangler: corners, edges and faces of the Weyl chamber") {
    const double q = std::numbers::pi / 4;
    const double steps[] = {0, q / 4, q / 2, 3 * q / 4, q};
    Philox random(5);
    for (const double x : steps) {
        for (const double y : steps) {
            for (const double z : steps) {
                for (const double sign : {1.0, -1.0}) {
                    CAPTURE(x, y, z, sign);
                    check_all(of_class(x, y, sign * z, random));
                }
            }
        }
    }
}

TEST_CASE("entangler: random points on faces and near corners") {
    const double q = std::numbers::pi / 4;
    for (Seed seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Philox random(seed, 1);
        const double a = q * random.uniform(), b = q * random.uniform();
        check_all(of_class(a, b, 0, random));
        check_all(of_class(q, a, b, random));
        check_all(of_class(q, a, -b, random));
        check_all(of_class(a, b, b, random));
        check_all(of_class(a, a, -a, random));
        check_all(of_class(a + b, a, b, random));  // the border of two sqrt_iswap
        check_all(of_class(1e-8 * a, 1e-8 * b, 0, random));
        check_all(of_class(q - 1e-8 * a, q, q - 1e-8 * b, random));
    }
}

TEST_CASE("entangler: the gates themselves take one") {
    const std::pair<Entangler, Gate> pairs[] = {
        {Entangler::kCX, Gate::kCX},        {Entangler::kCZ, Gate::kCZ},
        {Entangler::kECR, Gate::kECR},      {Entangler::kISwap, Gate::kISwap},
        {Entangler::kRZZ, Gate::kCZ},       {Entangler::kSqrtISwap, Gate::kSqrtISwap},
        {Entangler::kB, Gate::kB},          {Entangler::kSycamore, Gate::kSycamore},
        {Entangler::kFSim, Gate::kCZ},      {Entangler::kFSim, Gate::kISwap},
        {Entangler::kFSim, Gate::kSycamore}};
    for (const auto& [entangler, gate] : pairs) {
        const Matrix u = circuit::gate_matrix(gate, {});
        CHECK(circuit::count_two_qubit(*synthesize_two_qubit(u, entangler)) == 1);
    }
}

TEST_CASE("entangler: what is not a unitary on two qubits is refused") {
    CHECK_FALSE(synthesize_two_qubit(Matrix::identity(8), Entangler::kISwap));
    CHECK_FALSE(synthesize_two_qubit(Matrix(4, 4), Entangler::kRZZ));
}
