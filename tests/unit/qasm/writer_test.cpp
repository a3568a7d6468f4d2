#include "quantum/qasm/writer.hpp"

#include "tests/unit/circuit/random_circuit.hpp"
#include "tests/unit/qasm/qasm_support.hpp"

namespace quercus::qasm {
namespace {

using namespace testing;
using circuit::Circuit;
using circuit::Gate;

std::string must_write(const Circuit& circuit, const WriteOptions& options = {}) {
    const Result<std::string> text = write(circuit, options);
    REQUIRE(text.status().message().empty());
    return *text;
}

TEST_CASE("read(write(c)) == c for random circuits over the whole gate set") {
    for (Seed seed = 0; seed < 60; ++seed) {
        const Circuit circuit = quercus::testing::random_mixed_circuit(80, true, seed);
        for (const bool define_all : {false, true}) {
            CAPTURE(seed, define_all);
            const std::string text = must_write(circuit, {.define_all = define_all});
            CHECK(must_read(text) == circuit);
        }
    }
}

TEST_CASE("each gate alone round trips, with and without all definitions") {
    for (int i = 0; i < static_cast<int>(Gate::kUnitary); ++i) {
        const auto gate = static_cast<Gate>(i);
        Circuit circuit = Circuit::with_qubits(5);
        circuit::Operation op;
        op.gate = gate;
        for (int q = 0; q < circuit::info(gate).num_qubits; ++q) {
            op.qubits.push_back(static_cast<circuit::Qubit>(4 - q));
        }
        op.params.assign(static_cast<std::size_t>(circuit::info(gate).num_params), 0.1);
        circuit.operations.push_back(op);
        CAPTURE(circuit::info(gate).name);
        CHECK(must_read(must_write(circuit)) == circuit);
        CHECK(must_read(must_write(circuit, {.define_all = true})) == circuit);
    }
}

TEST_CASE("the text of a small circuit") {
    Circuit circuit;
    circuit.qregs = {{"a", 1}, {"b", 2}};
    circuit.cregs = {{"c", 2}};
    circuit.append(Gate::kH, {0});
    circuit.append(Gate::kECR, {2, 0});
    circuit.append(Gate::kRZ, {1}, {0.1});
    circuit.operations.back().condition = circuit::Condition{0, 3};
    circuit.append(Gate::kBarrier, {0, 2});
    circuit.append(Gate::kMeasure, {2});
    circuit.operations.back().clbit = 1;
    CHECK(must_write(circuit) ==
          "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n"
          "gate ecr a,b { s a; rx(pi/2) b; cx a,b; x a; }\n"
          "qreg a[1];\nqreg b[2];\ncreg c[2];\n"
          "h a[0];\necr b[1],a[0];\nif(c==3) rz(0.1) b[0];\nbarrier a[0],b[1];\n"
          "measure b[1] -> c[1];\n");
}

TEST_CASE("angles round trip bit by bit") {
    Philox random(5);
    Circuit circuit = Circuit::with_qubits(1);
    for (int i = 0; i < 5000; ++i) {
        double angle = 0;
        const std::uint64_t bits = random();
        std::memcpy(&angle, &bits, sizeof angle);
        if (std::isfinite(angle)) {
            circuit.append(Gate::kRX, {0}, {angle});
        }
    }
    CHECK(must_read(must_write(circuit)) == circuit);
}

TEST_CASE("opaque names that are library names keep their meaning") {
    Circuit circuit = Circuit::with_qubits(2);
    circuit.append(Gate::kOpaque, {0, 1}, {0.5});
    circuit.operations[0].opaque_name = "iswap";
    circuit.append(Gate::kSwap, {0, 1});
    CHECK(must_read(must_write(circuit)) == circuit);
}

TEST_CASE("bad input: what OpenQASM 2 cannot say is refused") {
    Circuit matrix = Circuit::with_qubits(1);
    matrix.append(Gate::kUnitary, {0});
    matrix.operations[0].matrix = std::make_shared<const base::Matrix>(base::Matrix::identity(2));
    CHECK(write(matrix).error().code() == StatusCode::kFailedPrecondition);
    CHECK(contains(write(matrix).error().message(), "operation 0 is an arbitrary matrix"));

    Circuit shapes = Circuit::with_qubits(2);
    shapes.append(Gate::kOpaque, {0});
    shapes.append(Gate::kOpaque, {0, 1});
    for (auto& op : shapes.operations) {
        op.opaque_name = "box";
    }
    CHECK(contains(write(shapes).error().message(), "two shapes"));

    Circuit clash = Circuit::with_qubits(2);
    clash.append(Gate::kH, {0});
    clash.append(Gate::kOpaque, {0});
    clash.operations[1].opaque_name = "h";
    CHECK(contains(write(clash).error().message(), "the name of another gate"));

    Circuit invalid = Circuit::with_qubits(1);
    invalid.append(Gate::kX, {3});
    CHECK(write(invalid).error().code() == StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace quercus::qasm
