#include <algorithm>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/codec.hpp"
#include "quantum/passes/compile.hpp"
#include "quantum/passes/kernel_codec.hpp"

namespace quercus::passes {

namespace {

constexpr std::uint8_t kVersion = 2;

Status malformed(const char* what) {
    return data_loss(std::string("bytes are no ") + what + " of version " +
                     std::to_string(kVersion));
}

void encode(Encoder& encoder, const CircuitFigures& figures) {
    encoder.varint(figures.two_qubit);
    encoder.varint(figures.wider);
    encoder.varint(figures.cx_equivalents);
    encoder.varint(figures.operations);
    encoder.varint(figures.depth);
}

CircuitFigures decode_figures(Decoder& decoder) {
    CircuitFigures figures;
    figures.two_qubit = decoder.varint();
    figures.wider = decoder.varint();
    figures.cx_equivalents = decoder.varint();
    figures.operations = decoder.varint();
    figures.depth = decoder.varint();
    return figures;
}

}  // namespace

Bytes to_bytes(const CompileResult& result) {
    Encoder encoder;
    encoder.u8(kVersion);
    circuit::encode(encoder, result.circuit);
    encode(encoder, result.initial_mapping);
    encode(encoder, result.final_mapping);
    encoder.f64(result.delta_bound);
    encoder.f64(result.distance_bound);
    encode(encoder, result.before);
    encode(encoder, result.after);
    encoder.varint(result.rounds);
    encoder.varint(result.blocks);
    encoder.varint(result.blocks_better);
    return encoder.take();
}

Result<CompileResult> compile_result_from_bytes(BytesView bytes) {
    Decoder decoder(bytes);
    if (decoder.u8() != kVersion) {
        return malformed("compile result");
    }
    auto circuit = circuit::decode(decoder);
    if (!circuit) {
        return circuit.error();
    }
    CompileResult result;
    result.circuit = std::move(*circuit);
    result.initial_mapping = decode_mapping(decoder);
    result.final_mapping = decode_mapping(decoder);
    result.delta_bound = decoder.f64();
    result.distance_bound = decoder.f64();
    result.before = decode_figures(decoder);
    result.after = decode_figures(decoder);
    result.rounds = static_cast<std::uint32_t>(decoder.varint());
    result.blocks = static_cast<std::uint32_t>(decoder.varint());
    result.blocks_better = static_cast<std::uint32_t>(decoder.varint());
    const std::uint32_t qubits = result.circuit.num_qubits();
    if (!decoder.finished() || !is_mapping_into(result.initial_mapping, qubits) ||
        !is_mapping_into(result.final_mapping, qubits) ||
        result.initial_mapping.size() != result.final_mapping.size() ||
        !(result.delta_bound >= 0) || !(result.distance_bound >= 0)) {
        return malformed("compile result");
    }
    return result;
}

}  // namespace quercus::passes
