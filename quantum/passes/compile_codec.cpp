#include <algorithm>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/codec.hpp"
#include "quantum/passes/compile.hpp"

namespace quercus::passes {

namespace {

constexpr std::uint8_t kVersion = 1;

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

void encode(Encoder& encoder, const std::vector<Qubit>& mapping) {
    encoder.varint(mapping.size());
    for (const Qubit q : mapping) {
        encoder.varint(q);
    }
}

std::vector<Qubit> decode_mapping(Decoder& decoder) {
    std::vector<Qubit> mapping(decoder.count());
    for (Qubit& q : mapping) {
        q = static_cast<Qubit>(std::min<std::uint64_t>(decoder.varint(), ~Qubit{0}));
    }
    return mapping;
}

bool is_permutation_of(const std::vector<Qubit>& mapping, std::uint32_t size) {
    std::vector<bool> seen(size, false);
    for (const Qubit q : mapping) {
        if (q >= size || seen[q]) {
            return false;
        }
        seen[q] = true;
    }
    return mapping.size() == size;
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
    if (!decoder.finished() || !is_permutation_of(result.initial_mapping, qubits) ||
        !is_permutation_of(result.final_mapping, qubits) || !(result.delta_bound >= 0) ||
        !(result.distance_bound >= 0)) {
        return malformed("compile result");
    }
    return result;
}

}  // namespace quercus::passes
