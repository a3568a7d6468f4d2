#include "quantum/synthesis/kak.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

Matrix local(Philox& random) {
    return kron(random_unitary(2, random), random_unitary(2, random));
}

// exp(i (x XX + y YY + z ZZ)) as the product of its three commuting factors.
Matrix canonical(double x, double y, double z) {
    Matrix out = Matrix::identity(4);
    const std::array<std::pair<Gate, double>, 3> factors = {
        {{Gate::kX, x}, {Gate::kY, y}, {Gate::kZ, z}}};
    for (const auto& [gate, angle] : factors) {
        const Matrix pauli = circuit::gate_matrix(gate, {});
        Matrix factor = kron(pauli, pauli);
        for (std::size_t r = 0; r < 4; ++r) {
            for (std::size_t c = 0; c < 4; ++c) {
                factor(r, c) = Complex(0, std::sin(angle)) * factor(r, c) +
                               (r == c ? Complex(std::cos(angle)) : Complex(0));
            }
        }
        out = multiply(factor, out);
    }
    return out;
}

Matrix dressed(const Matrix& core, Philox& random) {
    return multiply(local(random), multiply(core, local(random)));
}

void check_circuit(const Matrix& u, std::size_t expected, double accuracy) {
    const Result<Circuit> circuit = synthesize_two_qubit(u);
    REQUIRE(circuit);
    CHECK(count_two_qubit(*circuit) == expected);
    CHECK(distance(*circuit, u) < accuracy);
    CHECK(*minimal_cx(u) == static_cast<int>(expected));
    CHECK(least_cx(u) <= static_cast<int>(expected));
    for (const circuit::Operation& operation : circuit->operations) {
        CHECK((operation.gate == Gate::kCX || operation.gate == Gate::kU3));
    }
}

constexpr double kExact = 2e-14;
constexpr double kQuarter = std::numbers::pi / 4;

}  // namespace

TEST_CASE("kak: known gates take the known number of CX") {
    const std::array<std::pair<Gate, std::size_t>, 12> known = {{{Gate::kCX, 1},
                                                                 {Gate::kCZ, 1},
                                                                 {Gate::kCY, 1},
                                                                 {Gate::kCH, 1},
                                                                 {Gate::kECR, 1},
                                                                 {Gate::kCS, 2},
                                                                 {Gate::kCSX, 2},
                                                                 {Gate::kISwap, 2},
                                                                 {Gate::kDCX, 2},
                                                                 {Gate::kSqrtISwap, 2},
                                                                 {Gate::kB, 2},
                                                                 {Gate::kSwap, 3}}};
    for (const auto& [gate, count] : known) {
        INFO(info(gate).name);
        check_circuit(circuit::gate_matrix(gate, {}), count, kExact);
    }
    check_circuit(circuit::gate_matrix(Gate::kCP, std::array{0.3}), 2, kExact);
    check_circuit(Matrix::identity(4), 0, kExact);
}

TEST_CASE("kak: every class, dressed with random local gates") {
    for (Seed seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        Philox random(seed);
        const double x = random.uniform(0.05, 0.7), y = random.uniform(0.02, 0.05);
        check_circuit(local(random), 0, kExact);
        check_circuit(dressed(canonical(kQuarter, 0, 0), random), 1, kExact);
        check_circuit(dressed(canonical(x, y, 0), random), 2, kExact);
        check_circuit(dressed(canonical(x, x, 0), random), 2, kExact);
        check_circuit(dressed(canonical(x, 0, 0), random), 2, kExact);
        check_circuit(dressed(canonical(kQuarter, kQuarter, 0), random), 2, kExact);
        check_circuit(dressed(canonical(kQuarter, kQuarter, kQuarter), random), 3, kExact);
        check_circuit(dressed(canonical(x, x, x), random), 3, kExact);
        check_circuit(dressed(canonical(x, y, -0.01), random), 3, kExact);
        check_circuit(random_unitary(4, random), 3, kExact);
    }
}

TEST_CASE("kak: the cheap bound is exact away from the class boundaries, for any phase") {
    Philox random(11);
    for (int i = 0; i < 200; ++i) {
        CAPTURE(i);
        const double x = random.uniform(0.2, 0.6);
        const std::array<std::pair<Matrix, int>, 4> cases = {{{Matrix::identity(4), 0},
                                                              {canonical(kQuarter, 0, 0), 1},
                                                              {canonical(x, x / 2, 0), 2},
                                                              {canonical(x, x / 2, x / 4), 3}}};
        for (const auto& [core, count] : cases) {
            Matrix u = dressed(core, random);
            const Complex phase = std::polar(1.0, random.uniform(0, 6.28));
            for (Complex& entry : u.data()) {
                entry *= phase;
            }
            CHECK(least_cx(u) == count);
        }
    }
    CHECK(least_cx(Matrix::identity(2)) == 0);
}

TEST_CASE("kak: near class boundaries the error stays below the tolerance") {
    for (const double epsilon : {1e-3, 1e-5, 1e-6, 3e-7, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12}) {
        Philox random(5);
        CAPTURE(epsilon);
        const std::array<std::pair<Matrix, std::size_t>, 4> cases = {
            {{canonical(epsilon, 0, 0), 0},
             {canonical(kQuarter - epsilon, 0, 0), 1},
             {canonical(0.4, 0.3, epsilon), 2},
             {canonical(kQuarter, kQuarter, kQuarter - epsilon), 3}}};
        for (const auto& [core, below] : cases) {
            const Matrix u = dressed(core, random);
            const Result<Circuit> circuit = synthesize_two_qubit(u);
            REQUIRE(circuit);
            const double delta = distance(*circuit, u);
            CHECK(0.5 * delta * delta <= 1.01e-14);
            if (epsilon > 2e-7) {
                CHECK(count_two_qubit(*circuit) > (below == 3 ? 2 : below));
                CHECK(delta < kExact);
            } else {
                CHECK(count_two_qubit(*circuit) == below);
            }
        }
    }
}

TEST_CASE("kak: the decomposition multiplies back, with phase, inside the Weyl chamber") {
    for (Seed seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Philox random(seed + 1000);
        const Matrix u = seed % 3 == 0 ? dressed(canonical(random_angle(random), 0.3, 0.3), random)
                                       : random_unitary(4, random);
        const Result<KakDecomposition> kak = kak_decompose(u);
        REQUIRE(kak);
        const auto& [x, y, z] = kak->coordinates;
        CHECK(x <= kQuarter + 1e-12);
        CHECK(x >= y - 1e-12);
        CHECK(y >= std::fabs(z) - 1e-12);
        Matrix product =
            multiply(kron(kak->after_high, kak->after_low),
                     multiply(canonical(x, y, z), kron(kak->before_high, kak->before_low)));
        double worst = 0;
        for (std::size_t i = 0; i < 16; ++i) {
            worst = std::max(
                worst, std::abs(std::polar(1.0, kak->phase) * product.data()[i] - u.data()[i]));
        }
        CHECK(worst < kExact);
    }
}

TEST_CASE("kak: bad input is refused") {
    CHECK_FALSE(kak_decompose(Matrix::identity(2)));
    CHECK_FALSE(synthesize_two_qubit(Matrix(4, 4)));
    Matrix nan = Matrix::identity(4);
    nan(1, 2) = std::nan("");
    CHECK(synthesize_two_qubit(nan).status().code() == StatusCode::kInvalidArgument);
}
