#include "quantum/synthesis/one_qubit.hpp"

#include "quantum/base/sincos.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/synthesis/random_unitary.hpp"

using namespace quercus;
using namespace quercus::synthesis;
using namespace quercus::synthesis::test;

namespace {

// In units of the result's last place.
double error_in_ulps(double got, long double exact) {
    const double rounded = static_cast<double>(exact);
    const double ulp = std::nextafter(std::fabs(rounded), INFINITY) - std::fabs(rounded);
    return static_cast<double>(std::fabs(static_cast<long double>(got) - exact)) / ulp;
}

double entrywise(const Matrix& a, const Matrix& b) {
    double worst = 0;
    for (std::size_t i = 0; i < a.data().size(); ++i) {
        worst = std::max(worst, std::abs(a.data()[i] - b.data()[i]));
    }
    return worst;
}

Matrix rz(double angle) {
    return circuit::gate_matrix(Gate::kRZ, std::array{angle});
}
Matrix ry(double angle) {
    return circuit::gate_matrix(Gate::kRY, std::array{angle});
}

Matrix scaled(Matrix m, double phase) {
    for (Complex& entry : m.data()) {
        entry *= std::polar(1.0, phase);
    }
    return m;
}

std::vector<Matrix> awkward_unitaries() {
    std::vector<Matrix> out;
    for (const Gate gate : {Gate::kId, Gate::kX, Gate::kY, Gate::kZ, Gate::kH, Gate::kS, Gate::kSdg,
                            Gate::kT, Gate::kSX, Gate::kSXdg}) {
        out.push_back(circuit::gate_matrix(gate, {}));
    }
    for (const double tiny : {1e-16, 1e-13, 1e-10, 1e-7, 1e-3}) {
        out.push_back(multiply(rz(1.1), multiply(ry(tiny), rz(-0.4))));
        out.push_back(multiply(rz(2.9), multiply(ry(std::numbers::pi - tiny), rz(3.1))));
        out.push_back(rz(tiny));
    }
    Philox random(11);
    for (int i = 0; i < 500; ++i) {
        out.push_back(random_unitary(2, random));
    }
    return out;
}

}  // namespace

TEST_CASE("sincos agrees with long double to about one ulp") {
    Philox random(3);
    double worst = 0;
    for (int i = 0; i < 200000; ++i) {
        const double range = i % 3 == 0 ? 1.0 : i % 3 == 1 ? 10.0 : 1e6;
        const double x = random.uniform(-range, range);
        const base::SinCos got = base::sincos(x);
        worst = std::max({worst, error_in_ulps(got.sin, sinl(x)), error_in_ulps(got.cos, cosl(x))});
    }
    CHECK(worst < 1.0);
    CHECK(base::sincos(0.0).sin == 0.0);
    CHECK(base::sincos(0.0).cos == 1.0);
    CHECK(base::sincos(std::numbers::pi).cos == -1.0);
    CHECK(std::isnan(base::sincos(INFINITY).sin));
    CHECK(std::fabs(base::sincos(1e300).sin) <= 1.0);
}

TEST_CASE("sincos of an array equals sincos of its entries") {
    const std::array<double, 4> x = {0.3, -2.0, 77.7, 1e12};
    std::array<double, 4> s{}, c{};
    base::sincos(x.data(), x.size(), s.data(), c.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(s[i] == base::sincos(x[i]).sin);
        CHECK(c[i] == base::sincos(x[i]).cos);
    }
}

TEST_CASE("atan2 and acos agree with long double") {
    Philox random(4);
    double worst = 0;
    for (int i = 0; i < 100000; ++i) {
        const double y = random.uniform(-1, 1), x = random.uniform(-1, 1) * (i % 2 == 0 ? 1 : 1e-6);
        worst = std::max(worst, error_in_ulps(base::atan2(y, x), atan2l(y, x)));
        CHECK(std::fabs(base::acos(x) - static_cast<double>(acosl(x))) < 5e-16);
    }
    CHECK(worst < 2.0);
    CHECK(base::atan2(0, 0) == 0);
    CHECK(base::atan2(0, -1) == std::numbers::pi);
    CHECK(base::acos(1.5) == 0);
}

TEST_CASE("zyz and u3 angles reproduce the matrix with its phase") {
    for (const Matrix& u : awkward_unitaries()) {
        const ZyzAngles zyz = zyz_angles(base::to_matrix2(u));
        const Matrix a =
            scaled(multiply(rz(zyz.phi), multiply(ry(zyz.theta), rz(zyz.lambda))), zyz.phase);
        CHECK(entrywise(a, u) < 4e-15);
        const U3Angles u3 = u3_angles(u);
        CHECK(entrywise(scaled(base::to_matrix(u3_matrix(u3.theta, u3.phi, u3.lambda)), u3.phase),
                        u) < 4e-15);
        CHECK(u3.theta >= 0);
        CHECK(u3.theta <= std::numbers::pi);
    }
}

TEST_CASE("u3_matrix is the gate of the circuit room") {
    const std::array<double, 3> angles = {0.7, -1.3, 2.2};
    CHECK(entrywise(base::to_matrix(u3_matrix(0.7, -1.3, 2.2)),
                    circuit::gate_matrix(Gate::kU3, angles)) < 1e-15);
}

TEST_CASE("zxzxz is equal up to phase and short where it can be") {
    for (const Matrix& u : awkward_unitaries()) {
        Circuit c = Circuit::with_qubits(1);
        for (circuit::Operation& operation : zxzxz(u, 0)) {
            c.operations.push_back(std::move(operation));
        }
        CHECK(c.operations.size() <= 5);
        CHECK(distance(c, u) < 3e-12);
    }
    CHECK(zxzxz(circuit::gate_matrix(Gate::kId, {}), 0).empty());
    CHECK(zxzxz(rz(0.3), 0).size() == 1);
    CHECK(zxzxz(circuit::gate_matrix(Gate::kSX, {}), 0).size() == 1);
    CHECK(zxzxz(circuit::gate_matrix(Gate::kX, {}), 0).size() == 2);
    CHECK(zxzxz(circuit::gate_matrix(Gate::kH, {}), 0).size() == 3);
}

TEST_CASE("near-identity detection ignores the phase and sees 1e-11") {
    CHECK(is_identity(scaled(Matrix::identity(2), 1.0)));
    CHECK(is_identity(rz(1e-13)));
    CHECK_FALSE(is_identity(rz(1e-11)));
    CHECK(distance_to_identity(rz(2e-9)) == Approx(1e-9));
}
