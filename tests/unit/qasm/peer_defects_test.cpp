// What other readers of OpenQASM 2 get wrong, each as a test (observed in BQSKit 1.x).

#include <numbers>

#include "quantum/qasm/writer.hpp"
#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

using namespace testing;
using circuit::Gate;

TEST_CASE("parentheses are kept") {
    CHECK(value_of("2*(1+1)") == 4.0);
    CHECK(value_of("-(1+2)") == -3.0);
    CHECK(value_of("pi*(1-0.5)") == Approx(std::numbers::pi / 2));
    CHECK(value_of("3/(1+2)") == 1.0);
    CHECK(value_of("(1+1)^3") == 8.0);
}

TEST_CASE("parentheses around parameters in gate bodies") {
    const auto circuit = must_read(kHead + R"(
        gate foo(phi, lambda) t { u1((lambda-phi)/2) t; }
        qreg q[1]; foo(0.3, 0.5) q[0];)");
    CHECK(circuit.operations.at(0).params[0] == Approx(0.1));
}

TEST_CASE("sqrt and exp are functions") {
    CHECK(value_of("sqrt(4)") == 2.0);
    CHECK(value_of("exp(0)") == 1.0);
}

TEST_CASE("if stays a condition") {
    const auto circuit = must_read(kHead + "qreg q[1]; creg c[1]; if(c==1) x q[0];");
    CHECK(circuit.operations.at(0).condition == circuit::Condition{0, 1});
}

TEST_CASE("registers broadcast") {
    CHECK(must_read(kHead + "qreg q[3]; h q;").operations.size() == 3);
    CHECK(must_read(kHead + "qreg q[3]; qreg r[3]; cx q,r;").operations.size() == 3);
}

TEST_CASE("reset of the second register resets that register") {
    const auto circuit = must_read(kHead + "qreg q[2]; qreg r[2]; reset r;");
    REQUIRE(circuit.operations.size() == 2);
    CHECK(circuit.operations[0].qubits[0] == 2);
    CHECK(circuit.operations[1].qubits[0] == 3);
}

TEST_CASE("measurements keep their qubit and bit through the writer") {
    const std::string text = kHead + "qreg q[2];\nqreg r[1];\ncreg c[2];\nmeasure r[0] -> c[1];\n";
    CHECK(*write(must_read(text)) == text);
}

TEST_CASE("opaque gates are usable") {
    const auto circuit = must_read(kHead + "opaque o(a) x; qreg q[1]; o(1) q[0];");
    CHECK(circuit.operations.at(0).gate == Gate::kOpaque);
}

TEST_CASE("a barrier inside a gate stays") {
    const auto circuit = must_read(kHead +
                                   "gate g a,b { h a; barrier a,b; h b; } qreg q[2]; "
                                   "g q[0],q[1];");
    REQUIRE(circuit.operations.size() == 3);
    CHECK(circuit.operations[1].gate == Gate::kBarrier);
}

TEST_CASE("pxz takes three parameters, u0 one; rzx and delay exist") {
    const auto circuit = must_read(
        kHead + "qreg q[2]; pxz(0.1,0.2,0.3) q[0]; u0(1) q[0]; rzx(0.5) q[0],q[1]; delay(7) q[1];");
    CHECK(circuit.operations.at(0).gate == Gate::kPhasedXZ);
    CHECK(circuit.operations.at(1).gate == Gate::kU0);
    CHECK(circuit.operations.at(2).gate == Gate::kRZX);
    CHECK(circuit.operations.at(3).gate == Gate::kDelay);
}

TEST_CASE("without the include its gates are unknown; a missing include is an error") {
    CHECK(error_of("OPENQASM 2.0; qreg q[1]; h q[0];") != "accepted");
    CHECK(error_of("OPENQASM 2.0; include \"missing.inc\"; qreg q[1];") != "accepted");
}

TEST_CASE("p is the phase gate, not rz") {
    const auto circuit = must_read(kHead + "qreg q[1]; p(0.5) q[0];");
    CHECK(circuit.operations.at(0).gate == Gate::kP);
    CHECK(matrix_of(circuit.operations[0])(0, 0) == base::Complex(1.0));
}

TEST_CASE("the writer keeps registers and writes every gate with its definition") {
    const std::string text = kHead + "qreg a[1]; qreg b[1]; syc a[0],b[0];";
    const auto circuit = must_read(text);
    const std::string written = *write(circuit);
    CHECK(contains(written, "qreg a[1];\nqreg b[1];"));
    CHECK(contains(written, "gate syc a,b"));
    CHECK(must_read(written) == circuit);
}

}  // namespace
}  // namespace quercus::qasm
