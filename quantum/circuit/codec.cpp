#include "quantum/circuit/codec.hpp"

#include <utility>

namespace quercus::circuit {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kMaxMatrixDim = 1u << 12;
// Bits of the operation's flag byte.
constexpr std::uint8_t kHasClbit = 1;
constexpr std::uint8_t kHasCondition = 2;
constexpr std::uint8_t kHasMatrix = 4;
constexpr std::uint8_t kHasName = 8;

Status malformed(const char* what) {
    return data_loss(std::string("circuit bytes are malformed: ") + what);
}

void encode_registers(Encoder& encoder, const std::vector<Register>& registers) {
    encoder.varint(registers.size());
    for (const Register& reg : registers) {
        encoder.bytes(reg.name);
        encoder.varint(reg.size);
    }
}

std::vector<Register> decode_registers(Decoder& decoder) {
    std::vector<Register> registers(decoder.count(2));
    for (Register& reg : registers) {
        reg.name = decoder.bytes();
        // Sizes beyond 32 bits saturate, so that validate() refuses them.
        reg.size = static_cast<std::uint32_t>(std::min<std::uint64_t>(decoder.varint(), ~0u));
    }
    return registers;
}

void encode_operation(Encoder& encoder, const Operation& op) {
    encoder.u8(static_cast<std::uint8_t>(op.gate));
    encoder.u8(static_cast<std::uint8_t>(
        (op.clbit ? kHasClbit : 0) | (op.condition ? kHasCondition : 0) |
        (op.matrix ? kHasMatrix : 0) | (op.opaque_name.empty() ? 0 : kHasName)));
    encoder.varint(op.qubits.size());
    for (const Qubit qubit : op.qubits) {
        encoder.varint(qubit);
    }
    encoder.varint(op.params.size());
    for (const double param : op.params) {
        encoder.f64(param);
    }
    if (op.clbit) {
        encoder.varint(*op.clbit);
    }
    if (op.condition) {
        encoder.varint(op.condition->creg);
        encoder.varint(op.condition->value);
    }
    if (op.matrix) {
        encode(encoder, *op.matrix);
    }
    if (!op.opaque_name.empty()) {
        encoder.bytes(op.opaque_name);
    }
}

// A 32-bit index; anything larger becomes an index that validate() refuses.
std::uint32_t decode_index(Decoder& decoder) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(decoder.varint(), ~0u));
}

Status decode_operation(Decoder& decoder, Operation& op) {
    const std::uint8_t gate = decoder.u8();
    const std::uint8_t flags = decoder.u8();
    if (gate >= kGateCount || flags > (kHasClbit | kHasCondition | kHasMatrix | kHasName)) {
        return malformed("unknown gate number or flag");
    }
    op.gate = static_cast<Gate>(gate);
    op.qubits.resize(decoder.count(1));
    for (Qubit& qubit : op.qubits) {
        qubit = decode_index(decoder);
    }
    op.params.resize(decoder.count(sizeof(double)));
    for (double& param : op.params) {
        param = decoder.f64();
    }
    if ((flags & kHasClbit) != 0) {
        op.clbit = decode_index(decoder);
    }
    if ((flags & kHasCondition) != 0) {
        op.condition.emplace();
        op.condition->creg = decode_index(decoder);
        op.condition->value = decoder.varint();
    }
    if ((flags & kHasMatrix) != 0) {
        Result<base::Matrix> matrix = decode_matrix(decoder);
        if (!matrix) {
            return matrix.error();
        }
        op.matrix = std::make_shared<const base::Matrix>(*std::move(matrix));
    }
    if ((flags & kHasName) != 0) {
        op.opaque_name = decoder.bytes();
    }
    return {};
}

}  // namespace

void encode(Encoder& encoder, const base::Matrix& matrix) {
    encoder.varint(matrix.rows());
    encoder.varint(matrix.cols());
    for (const base::Complex& entry : matrix.data()) {
        encoder.f64(entry.real());
        encoder.f64(entry.imag());
    }
}

Result<base::Matrix> decode_matrix(Decoder& decoder) {
    const std::uint64_t rows = decoder.varint();
    const std::uint64_t cols = decoder.varint();
    if (rows > kMaxMatrixDim || cols > kMaxMatrixDim ||
        rows * cols > decoder.remaining() / sizeof(base::Complex)) {
        return malformed("matrix size");
    }
    base::Matrix matrix(rows, cols);
    for (base::Complex& entry : matrix.data()) {
        const double real = decoder.f64();
        entry = {real, decoder.f64()};
    }
    return decoder.ok() ? Result<base::Matrix>(std::move(matrix)) : malformed("matrix");
}

void encode(Encoder& encoder, const Circuit& circuit) {
    encoder.u8(kVersion);
    encode_registers(encoder, circuit.qregs);
    encode_registers(encoder, circuit.cregs);
    encoder.varint(circuit.operations.size());
    for (const Operation& op : circuit.operations) {
        encode_operation(encoder, op);
    }
}

Result<Circuit> decode(Decoder& decoder) {
    if (decoder.u8() != kVersion) {
        return malformed("unknown version");
    }
    Circuit circuit;
    circuit.qregs = decode_registers(decoder);
    circuit.cregs = decode_registers(decoder);
    constexpr std::size_t kMinOperationBytes = 5;  // gate, flags, count, one qubit, count
    const std::uint64_t count = decoder.count(kMinOperationBytes);
    circuit.operations.reserve(count);
    for (std::uint64_t i = 0; i < count && decoder.ok(); ++i) {
        if (Status status = decode_operation(decoder, circuit.operations.emplace_back());
            !status.is_ok()) {
            return status;
        }
    }
    if (!decoder.ok()) {
        return malformed("truncated");
    }
    if (Status status = validate(circuit); !status.is_ok()) {
        return status;
    }
    return circuit;
}

Bytes to_bytes(const Circuit& circuit) {
    Encoder encoder;
    encode(encoder, circuit);
    return encoder.take();
}

Result<Circuit> from_bytes(BytesView bytes) {
    Decoder decoder(bytes);
    Result<Circuit> circuit = decode(decoder);
    if (circuit && !decoder.finished()) {
        return malformed("bytes left over");
    }
    return circuit;
}

}  // namespace quercus::circuit
