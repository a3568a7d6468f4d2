#include <cmath>
#include <limits>

#include "quantum/circuit/codec.hpp"
#include "quantum/circuit/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/circuit/random_circuit.hpp"

namespace quercus::circuit {
namespace {

Circuit with_everything(Seed seed) {
    Circuit circuit = testing::random_mixed_circuit(40, true, seed);
    Operation op;
    op.gate = Gate::kUnitary;
    op.qubits = {4, 1};
    op.matrix = std::make_shared<const base::Matrix>(gate_matrix(Gate::kECR, {}));
    circuit.operations.push_back(op);
    for (const double angle :
         {0.1, 1.0 / 3, -0.0, 5e-324, 1.7976931348623157e308, 123456789012345678.0, 1e22,
          0.30000000000000004, 2.2250738585072011e-308}) {
        circuit.append(Gate::kRX, {0}, {angle});
    }
    circuit.append(Gate::kX, {0});
    circuit.operations.back().condition = Condition{1, ~std::uint64_t{0}};
    return circuit;
}

TEST_CASE("bytes and JSON round trips are exact") {
    for (Seed seed = 0; seed < 30; ++seed) {
        CAPTURE(seed);
        const Circuit circuit = with_everything(seed);
        const Result<Circuit> from_binary = from_bytes(to_bytes(circuit));
        REQUIRE(from_binary.status().message().empty());
        CHECK(*from_binary == circuit);
        CHECK(to_bytes(*from_binary) == to_bytes(circuit));
        const Result<Circuit> from_text = from_json(to_json(circuit));
        REQUIRE(from_text.status().message().empty());
        CHECK(*from_text == circuit);
    }
    CHECK(*from_bytes(to_bytes(Circuit{})) == Circuit{});
    CHECK(*from_json(to_json(Circuit{})) == Circuit{});
}

TEST_CASE("JSON reads every double exactly") {
    Philox random(7);
    for (int i = 0; i < 2000; ++i) {
        double angle = 0;
        const std::uint64_t bits = random();
        std::memcpy(&angle, &bits, sizeof angle);
        if (!std::isfinite(angle)) {
            continue;
        }
        Circuit circuit = Circuit::with_qubits(1);
        circuit.append(Gate::kRZ, {0}, {angle});
        const Result<Circuit> back = from_json(to_json(circuit));
        CAPTURE(angle);
        REQUIRE(back);
        REQUIRE(back->operations[0].params[0] == angle);
    }
}

TEST_CASE("decode leaves the decoder behind the circuit") {
    Encoder encoder;
    encode(encoder, with_everything(1));
    encoder.varint(77);
    Decoder decoder(encoder.view());
    REQUIRE(decode(decoder));
    CHECK(decoder.varint() == 77);
    CHECK(decoder.finished());
}

TEST_CASE("bad input: truncated and altered bytes never decode to an invalid circuit") {
    const Bytes good = to_bytes(with_everything(3));
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_FALSE(from_bytes(BytesView(good).substr(0, size)));
    }
    CHECK_FALSE(from_bytes(good + "x"));
    Philox random(11);
    for (int i = 0; i < 5000; ++i) {
        Bytes bad = good;
        bad[random.below(bad.size())] = static_cast<char>(random.below(256));
        const Result<Circuit> circuit = from_bytes(bad);
        if (circuit) {
            REQUIRE(validate(*circuit).is_ok());
        }
    }
}

TEST_CASE("bad input: declared sizes are not believed") {
    Encoder encoder;
    encoder.u8(1);
    encoder.varint(1);
    encoder.bytes("q");
    encoder.varint(1'000'000'000);
    encoder.varint(0);
    encoder.varint(0);
    CHECK(from_bytes(encoder.view()).error().code() == StatusCode::kResourceExhausted);
    Encoder counts;
    counts.u8(1);
    counts.varint(std::uint64_t{1} << 60);
    CHECK(from_bytes(counts.view()).error().code() == StatusCode::kDataLoss);
}

TEST_CASE("bad input: JSON errors say where and what") {
    const auto message = [](std::string_view text) {
        const Result<Circuit> circuit = from_json(text);
        return circuit ? std::string("accepted") : circuit.error().to_string();
    };
    const std::string head = R"({"qregs": [{"name": "q", "size": 2}], "operations": [)";
    CHECK(message("").find("INVALID_ARGUMENT: circuit JSON, byte 0") == 0);
    CHECK(message("[]").find("expected an object") != std::string::npos);
    CHECK(message("{} x").find("byte 3") != std::string::npos);
    CHECK(message(R"({"qubits": 3})").find("unknown member \"qubits\"") != std::string::npos);
    CHECK(message(head + R"({"gate": "foo"}]})").find("operation 0: unknown gate \"foo\"") !=
          std::string::npos);
    CHECK(
        message(head + R"({"gate": "x", "qubits": [-1]}]})").find("operation 0: expected an int") !=
        std::string::npos);
    CHECK(message(head + R"({"gate": "x", "qubits": [5000000000]}]})").find("too large") !=
          std::string::npos);
    CHECK(message(head + R"({"gate": "x", "qubits": [2]}]})").find("qubit 2 of 2") !=
          std::string::npos);
    CHECK(message(head + R"({"gate": "rx", "qubits": [0], "params": [1e999]}]})") != "accepted");
    CHECK(message(head + R"({"gate": "unitary", "qubits": [0], "matrix": [[1, 0]]}]})") !=
          "accepted");
    CHECK(message(std::string(100000, '[')) != "accepted");
}

}  // namespace
}  // namespace quercus::circuit
