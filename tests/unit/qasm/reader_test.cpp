#include "quantum/qasm/reader.hpp"

#include <numbers>

#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

using namespace testing;
using circuit::Circuit;
using circuit::Clbit;
using circuit::Condition;
using circuit::Gate;
using circuit::Operation;
using circuit::Qubit;

using Qubits = std::vector<Qubit>;
Qubits qubits_of(const Operation& op) {
    return {op.qubits.begin(), op.qubits.end()};
}

TEST_CASE("registers, gates, measurements") {
    const Circuit circuit = must_read(kHead + R"(
        // a comment; with gate x q[0];
        qreg a[2]; qreg b[3];
        creg c[2]; creg d[1];
        u3(0.1, -pi, 2) a[1];   cx b[2], a[0];
        measure b[1] -> d[0];
        reset b[0];
        barrier a, b[2];)");
    REQUIRE(circuit.qregs == std::vector<circuit::Register>{{"a", 2}, {"b", 3}});
    REQUIRE(circuit.cregs == std::vector<circuit::Register>{{"c", 2}, {"d", 1}});
    const auto& ops = circuit.operations;
    REQUIRE(ops.size() == 5);
    CHECK(ops[0].gate == Gate::kU3);
    CHECK(ops[0].params[1] == -std::numbers::pi);
    CHECK(qubits_of(ops[0]) == Qubits{1});
    CHECK(qubits_of(ops[1]) == Qubits{4, 0});
    CHECK(ops[2].gate == Gate::kMeasure);
    CHECK(qubits_of(ops[2]) == Qubits{3});
    CHECK(ops[2].clbit == Clbit{2});
    CHECK(qubits_of(ops[3]) == Qubits{2});
    CHECK(ops[4].gate == Gate::kBarrier);
    CHECK(qubits_of(ops[4]) == Qubits{0, 1, 4});
}

TEST_CASE("broadcast over registers") {
    const Circuit circuit = must_read(kHead + R"(
        qreg q[2]; qreg r[2]; qreg s[1]; creg c[2];
        h q; cx q, r; cx q[1], r; ccx q, s[0], r; measure r -> c; reset q;)");
    const auto& ops = circuit.operations;
    REQUIRE(ops.size() == 12);
    CHECK(qubits_of(ops[1]) == Qubits{1});
    CHECK(qubits_of(ops[2]) == Qubits{0, 2});
    CHECK(qubits_of(ops[3]) == Qubits{1, 3});
    CHECK(qubits_of(ops[4]) == Qubits{1, 2});
    CHECK(qubits_of(ops[5]) == Qubits{1, 3});
    CHECK(qubits_of(ops[7]) == Qubits{1, 4, 3});
    CHECK(ops[9].clbit == Clbit{1});
    CHECK(qubits_of(ops[9]) == Qubits{3});
    CHECK(qubits_of(ops[11]) == Qubits{1});
}

TEST_CASE("user gates are expanded, nested, with parameters and barriers") {
    const Circuit circuit = must_read(kHead + R"(
        gate inner(t) a { rz(t/2) a; }
        gate outer(x, y) a, b { inner(x+y) b; barrier a, b; cx b, a; U(x, 0, y) a; }
        gate nothing a { }
        qreg q[3];
        outer(0.25, -0.75) q[2], q[0];
        nothing q;)");
    const auto& ops = circuit.operations;
    REQUIRE(ops.size() == 4);
    CHECK(ops[0].gate == Gate::kRZ);
    CHECK(ops[0].params[0] == -0.25);
    CHECK(qubits_of(ops[0]) == Qubits{0});
    CHECK(ops[1].gate == Gate::kBarrier);
    CHECK(qubits_of(ops[1]) == Qubits{2, 0});
    CHECK(qubits_of(ops[2]) == Qubits{0, 2});
    CHECK(ops[3].gate == Gate::kU);
    CHECK(ops[3].params[2] == -0.75);
}

TEST_CASE("conditions reach every expanded operation") {
    const Circuit circuit = must_read(kHead + R"(
        gate two a, b { x a; barrier a, b; x b; }
        qreg q[2]; creg c[2]; creg d[3];
        if(d==5) two q[0], q[1];
        if (c == 0) measure q[0] -> d[2];
        if (c == 3) reset q;
        x q[0];)");
    const auto& ops = circuit.operations;
    REQUIRE(ops.size() == 6);
    CHECK(ops[0].condition == Condition{1, 5});
    CHECK(ops[1].condition == Condition{1, 5});
    CHECK(ops[2].condition == Condition{0, 0});
    CHECK(ops[4].condition == Condition{0, 3});
    CHECK_FALSE(ops[5].condition);
}

TEST_CASE("opaque gates stay in the circuit under their name") {
    const Circuit circuit = must_read(kHead + R"(
        opaque magic(a, b) x, y;
        opaque plain x;
        gate wrap q { plain q; }
        qreg q[2];
        magic(1, 2) q[1], q[0]; wrap q[0];)");
    REQUIRE(circuit.operations.size() == 2);
    CHECK(circuit.operations[0].gate == Gate::kOpaque);
    CHECK(circuit.operations[0].opaque_name == "magic");
    CHECK(circuit.operations[0].params[1] == 2.0);
    CHECK(qubits_of(circuit.operations[0]) == Qubits{1, 0});
    CHECK(circuit.operations[1].opaque_name == "plain");
}

TEST_CASE("a file's own definition overrides the library") {
    const Circuit circuit = must_read(kHead + R"(
        gate iswap a, b { swap a, b; }
        gate rzz(t) a, b { h a; }
        qreg q[2];
        iswap q[0], q[1]; rzz(1) q[0], q[1];)");
    REQUIRE(circuit.operations.size() == 2);
    CHECK(circuit.operations[0].gate == Gate::kSwap);
    CHECK(circuit.operations[1].gate == Gate::kH);
    const Circuit before = must_read(
        "OPENQASM 2.0; gate h a { U(0,0,1) a; } include \"qelib1.inc\"; qreg q[1]; h q[0];");
    CHECK(before.operations[0].gate == Gate::kU);
}

TEST_CASE("definitions that say what the library says keep the gate") {
    const Circuit circuit = must_read(R"(OPENQASM 2.0;
        gate u3(theta,phi,lambda) q { U(theta,phi,lambda) q; }
        gate u2(a,b) q { U(pi/2,a,b) q; }
        gate h a { u2(0,pi) a; }
        gate cx c,t { CX c,t; }
        gate dcx q0,q1 { cx q0,q1; cx q1,q0; }
        qreg q[2]; h q[0]; cx q[0],q[1]; dcx q[0],q[1];)");
    REQUIRE(circuit.operations.size() == 3);
    CHECK(circuit.operations[0].gate == Gate::kH);
    CHECK(circuit.operations[2].gate == Gate::kDCX);
    // The same text, but with another meaning of a gate inside.
    const Circuit other = must_read(kHead + R"(
        gate cx c,t { CX t,c; }
        gate dcx q0,q1 { cx q0,q1; cx q1,q0; }
        qreg q[2]; dcx q[0],q[1];)");
    REQUIRE(other.operations.size() == 2);
    CHECK(qubits_of(other.operations[0]) == Qubits{1, 0});
}

TEST_CASE("leniency that real files need") {
    CHECK(must_read("include \"qelib1.inc\"; qreg Q[1]; h Q;").operations.size() == 1);
    CHECK(must_read(kHead + "qreg x[1]; creg b[1]; x x[0]; measure x->b;").operations.size() == 2);
    CHECK(must_read("\xef\xbb\xbf" + kHead + "qreg q[1];\r\nh q;\r\n").operations.size() == 1);
    CHECK(must_read("OPENQASM 2.0;").num_qubits() == 0);
    CHECK(must_read(kHead + kHead.substr(14) + "qreg q[1]; h() q;").operations.size() == 1);
}

TEST_CASE("registers of any size up to the limit, declared anywhere") {
    CHECK(must_read("OPENQASM 2.0; qreg q[1000000];").num_qubits() == 1'000'000);
    const Circuit circuit = must_read(kHead + "qreg a[1]; h a; qreg b[1]; cx a,b;");
    CHECK(qubits_of(circuit.operations[1]) == Qubits{0, 1});
}

}  // namespace
}  // namespace quercus::qasm
