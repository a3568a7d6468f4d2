#include <ctime>

#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

using namespace testing;

struct Bad {
    const char* text;     // after the header, from line 3 on
    const char* message;  // line:column counts with the header
};

const std::vector<Bad> kBad = {
    {"qreg q[2];\nh r[0];", "<input>:4:2: unknown register 'r'"},
    {"qreg q[2];\nfoo q[0];", "4:0: unknown gate 'foo'"},
    {"qreg q[2];\nh q[2];", "4:4: index 2 is outside register 'q' of size 2"},
    {"qreg q[2];\ncx q[0];", "4:0: gate 'cx' takes 2 qubits, found 1"},
    {"qreg q[2];\nh q[0],q[1];", "4:0: gate 'h' takes 1 qubit, found 2"},
    {"qreg q[2];\nrz q[0];", "4:0: gate 'rz' takes 1 parameter, found 0"},
    {"qreg q[2];\nu3(1,2) q[0];", "takes 3 parameters, found 2"},
    {"qreg q[2];\ncx q[0],q[0];", "4:0: a gate acts twice on one qubit"},
    {"qreg q[2];\ncx q,q;", "acts twice"},
    {"qreg q[2]; qreg r[3];\ncx q,r;", "registers of different sizes (2 and 3)"},
    {"qreg q[2];\nh q[0]", "4:6: expected ';', found end of file"},
    {"qreg q[2];\nh q[0] h q[1];", "4:7: expected ';', found 'h'"},
    {"qreg q[2];\nh q[x];", "4:4: expected an index, found 'x'"},
    {"qreg q[-1];", "3:7: expected register size, found '-'"},
    {"qreg q[0];", "needs at least one bit"},
    {"qreg q;", "3:6: expected '[', found ';'"},
    {"qreg q[2]; creg q[2];", "register 'q' is already declared"},
    {"qreg measure[2];", "'measure' is a keyword"},
    {"qreg q[2]; creg c[1];\nmeasure q -> c;", "cannot measure 2 qubits into 1"},
    {"qreg q[2]; creg c[2];\nmeasure q[0] -> c;", "cannot measure"},
    {"qreg q[2]; creg c[2];\nmeasure c -> q;", "4:8: expected a quantum register"},
    {"qreg q[2]; creg c[2];\nh c[0];", "expected a quantum register, but 'c' is classical"},
    {"qreg q[2];\nif(q==1) h q[0];", "expected a classical register, but 'q' is quantum"},
    {"qreg q[2]; creg c[2];\nif(c=1) h q[0];", "4:4: expected '==', found '='"},
    {"qreg q[2]; creg c[2];\nif(c==1) barrier q;", "4:9: unknown gate 'barrier'"},
    {"qreg q[2]; creg c[2];\nif(c==-1) h q;", "4:6: expected the value to compare with"},
    {"creg c[2]; qreg q[1];\nif(c==99999999999999999999) h q;", "is too large"},
    {"barrier;", "3:7: expected a register, found ';'"},
    {"qreg q[2];\nbarrier q,q[0];", "a barrier names one qubit twice"},
    {"gate g a { h b; }", "3:13: unknown qubit 'b' in gate 'g'"},
    {"gate g a { foo a; }", "3:11: unknown gate 'foo'"},
    {"gate g a { g a; }", "3:11: gate 'g' cannot use itself"},
    {"gate g a { h a; } gate g a { x a; }", "3:23: gate 'g' is already defined"},
    {"gate g a,a { }", "3:9: name 'a' is used twice"},
    {"gate g(t,t) a { }", "name 't' is used twice"},
    {"gate g(t) a { rz(s) a; }", "unknown name 's'"},
    {"gate g a,b { cx a,a; }", "'cx' acts twice on one qubit"},
    {"gate g a { measure a -> c; }", "expected ';', found '->'"},
    {"gate g a { h a[0]; }", "expected ';', found '['"},
    {"gate g a { h a;", "3:15: expected a gate or '}', found end of file"},
    {"gate g { }", "3:7: expected a qubit name, found '{'"},
    {"gate pi a { }", "'pi' is a keyword"},
    {"opaque o a { }", "expected ';', found '{'"},
    {"include qelib1;", "expected a file name in quotes, found 'qelib1'"},
    {"include \"qelib1.inc;", "expected a file name in quotes"},
    {"include \"other.inc\";", "3:8: cannot include \"other.inc\""},
    {"OPENQASM 2.0;", "the version must be the first statement"},
    {"qreg q[1];\n@;", "4:0: expected a statement, found '@'"},
    {"qreg q[1];\nh q[0];;", "4:7: expected a statement, found ';'"},
};

TEST_CASE("bad input: errors name file, line, column and what was expected") {
    for (const Bad& bad : kBad) {
        const std::string error = error_of(kHead + bad.text);
        CAPTURE(bad.text, error, bad.message);
        CHECK(contains(error, "INVALID_ARGUMENT: <input>:"));
        CHECK(contains(error, bad.message));
    }
}

TEST_CASE("bad input: empty and binary files") {
    CHECK(error_of("") ==
          "INVALID_ARGUMENT: <input>:1:0: the file is empty: expected "
          "'OPENQASM 2.0;'");
    CHECK(contains(error_of("  // nothing\n"), "the file is empty"));
    CHECK(contains(error_of(std::string("\x7f"
                                        "ELF\x02\x01\x01\0\0",
                                        9)),
                   "1:0: expected a statement, found '\\x7f'"));
    CHECK(contains(error_of(std::string(100, '\0')), "expected a statement, found '\\x00'"));
    CHECK(contains(error_of("OPENQASM 3.0;"), "1:9: expected version 2.0"));
    CHECK(contains(error_of("OPENQASM 2.0"), "expected ';'"));
}

TEST_CASE("bad input: a gate of qelib1.inc without the include") {
    CHECK(contains(error_of("OPENQASM 2.0; qreg q[1]; h q[0];"),
                   "1:25: unknown gate 'h' (it needs include \"qelib1.inc\";)"));
    CHECK(error_of("OPENQASM 2.0; qreg q[2]; U(0,0,1) q[0]; CX q[0],q[1];") == "accepted");
}

TEST_CASE("bad input: huge registers are refused, not allocated") {
    const std::string error = error_of("OPENQASM 2.0;\nqreg q[1000000000];");
    CHECK(contains(error,
                   "RESOURCE_EXHAUSTED: <input>:2:5: register 'q' has 1000000000 bits, "
                   "limit is 1000000"));
    CHECK(contains(error_of("qreg q[600000]; qreg r[600000];"), "limit is 1000000"));
    CHECK(contains(error_of("creg c[4294967295];"), "RESOURCE_EXHAUSTED"));
    CHECK(contains(error_of("qreg q[99999999999999999999999];"), "is too large"));
}

// Work is bounded by the budget, not by what the text multiplies to.
TEST_CASE("bad input: expansion bombs") {
    const auto begin = std::clock();  // processor time: other tests may be running
    std::string doubling = kHead + "gate g0 a { h a; h a; }\n";
    for (int i = 1; i < 100; ++i) {
        const std::string previous = "g" + std::to_string(i - 1) + " a; ";
        doubling += "gate g" + std::to_string(i) + " a { " + previous + previous + "}\n";
    }
    CHECK(contains(error_of(doubling + "qreg q[1]; g99 q[0];"), "max_operations"));
    CHECK(error_of(doubling + "qreg q[1]; g10 q[0];") == "accepted");

    std::string empty = kHead + "gate g0 a { }\n";
    for (int i = 1; i < 100; ++i) {
        const std::string previous = "g" + std::to_string(i - 1) + " a; ";
        empty += "gate g" + std::to_string(i) + " a { " + previous + previous + "}\n";
    }
    CHECK(contains(error_of(empty + "qreg q[1]; g99 q[0];"), "max_operations"));

    std::string deep = kHead + "gate g0 a { h a; }\n";
    for (int i = 1; i < 20000; ++i) {
        deep += "gate g" + std::to_string(i) + " a { g" + std::to_string(i - 1) + " a; }\n";
    }
    CHECK(contains(error_of(deep), "nested more than 128 deep"));

    std::string barriers = "OPENQASM 2.0; qreg q[1000000];";
    for (int i = 0; i < 1000; ++i) {
        barriers += "barrier q;";
    }
    ReadOptions some;
    some.max_operations = 500'000;
    CHECK(contains(read(barriers, some).status().message(), "max_operations"));

    ReadOptions few;
    few.max_operations = 10;
    const Result<circuit::Circuit> refused = read(kHead + "qreg q[11]; h q;", few);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == StatusCode::kResourceExhausted);
    CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < 10);
}

}  // namespace
}  // namespace quercus::qasm
