#include <cmath>
#include <numbers>

#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

using namespace testing;
constexpr double kPi = std::numbers::pi;

TEST_CASE("parameter expressions") {
    CHECK(value_of("1") == 1.0);
    CHECK(value_of("2.5e-3") == 2.5e-3);
    CHECK(value_of(".5") == 0.5);
    CHECK(value_of("1.") == 1.0);
    CHECK(value_of("1E2") == 100.0);
    CHECK(value_of("pi") == kPi);
    CHECK(value_of("pi/2") == kPi / 2);
    CHECK(value_of("3*pi/4") == 3 * kPi / 4);
    CHECK(value_of("3/2") == 1.5);
    CHECK(value_of("1-2-3") == -4.0);
    CHECK(value_of("8/4/2") == 1.0);
    CHECK(value_of("1+2*3") == 7.0);
    CHECK(value_of("2^3^2") == 512.0);
    CHECK(value_of("-2^2") == -4.0);
    CHECK(value_of("2^-1") == 0.5);
    CHECK(value_of("2*-3") == -6.0);
    CHECK(value_of("--2") == 2.0);
    CHECK(value_of("-(-(2))") == 2.0);
    CHECK(value_of("+1") == 1.0);
    CHECK(value_of("pi*-0.5") == -kPi / 2);
    CHECK(value_of("((((1))))") == 1.0);
}

TEST_CASE("functions") {
    CHECK(value_of("sin(pi/3)") == Approx(std::sin(kPi / 3)));
    CHECK(value_of("cos(1)") == Approx(std::cos(1)));
    CHECK(value_of("tan(0.3)") == Approx(std::tan(0.3)));
    CHECK(value_of("exp(1)") == Approx(std::numbers::e));
    CHECK(value_of("ln(10)") == Approx(std::log(10)));
    CHECK(value_of("sqrt(2)") == std::sqrt(2.0));
    CHECK(value_of("2*sin(cos(0.1)^2)-1") == Approx(2 * std::sin(std::pow(std::cos(0.1), 2)) - 1));
}

TEST_CASE("extreme numbers") {
    CHECK(value_of("1e308") == 1e308);
    CHECK(value_of("1.7976931348623157e308") == 1.7976931348623157e308);
    CHECK(value_of("5e-324") == 5e-324);
    CHECK(value_of("1e-400") == 0.0);
    CHECK(value_of("0.1") == 0.1);
    CHECK(value_of("123456789012345678901234567890") == 123456789012345678901234567890.0);
}

TEST_CASE("bad input: values that are not finite are errors at their place") {
    const auto error = [](const std::string& expression) {
        return error_of("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[1];\nu3(0, " + expression +
                        ", 0) q[0];");
    };
    for (const char* expression : {"1/0", "-1/0", "0/0", "sqrt(-1)", "ln(0)", "ln(-1)", "exp(1000)",
                                   "1e308*10", "10^400", "tan(1/0)"}) {
        CAPTURE(expression);
        CHECK(contains(error(expression), "4:6: parameter value is not finite"));
    }
    CHECK(contains(error("1e309"), "4:6: number '1e309' is out of range"));
    CHECK(contains(error("nan"), "4:6: unknown name 'nan'"));
    CHECK(contains(error("inf"), "4:6: unknown name 'inf'"));
    CHECK(contains(error_of(kHead + "gate g(a) x { u1(1/a) x; }\nqreg q[1];\ng(0) q[0];"),
                   "5:0: gate 'g': parameter value is not finite"));
}

TEST_CASE("bad input: malformed expressions") {
    for (const char* expression : {"", "1+", "*2", "(1", "1)", "sin 1", "sin()", "foo(1)", "1 2",
                                   "2pi", "1..2", "1e", "pi pi"}) {
        CAPTURE(expression);
        CHECK(error_of(kHead + "qreg q[1]; u1(" + expression + ") q[0];") != "accepted");
    }
    CHECK(contains(error_of(kHead + "qreg q[1]; u1(" + std::string(100000, '(') + "1"),
                   "nested too deeply"));
    std::string powers = "1";
    for (int i = 0; i < 10000; ++i) {
        powers += "^1";
    }
    CHECK(contains(error_of(kHead + "qreg q[1]; u1(" + powers + ") q[0];"), "nested too deeply"));
    std::string minuses(10000, '-');
    minuses.push_back('1');
    CHECK(value_of(minuses) == 1.0);
}

}  // namespace
}  // namespace quercus::qasm
