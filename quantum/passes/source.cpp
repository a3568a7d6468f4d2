#include "quantum/passes/source.hpp"

#include "quantum/circuit/codec.hpp"

namespace quercus::passes {

using synthesis::StateMap;
using synthesis::StatePair;
using synthesis::StateVector;

namespace {

enum Tag : std::uint8_t { kCircuit = 0, kUnitary = 1, kState = 2, kStateMap = 3 };
constexpr std::size_t kAmplitudeBytes = 16;

void encode(Encoder& encoder, const StateVector& state) {
    encoder.varint(state.size());
    for (const base::Complex& amplitude : state) {
        encoder.f64(amplitude.real());
        encoder.f64(amplitude.imag());
    }
}

StateVector decode_state(Decoder& decoder) {
    StateVector state(decoder.count(kAmplitudeBytes));
    for (base::Complex& amplitude : state) {
        const double real = decoder.f64();
        amplitude = {real, decoder.f64()};
    }
    return state;
}

StateMap decode_map(Decoder& decoder) {
    StateMap map(decoder.count(2));
    for (StatePair& pair : map) {
        pair.input = decode_state(decoder);
        pair.output = decode_state(decoder);
    }
    return map;
}

Status malformed() {
    return data_loss("bytes are no source of a compilation");
}

Result<SynthesisTarget> decode_target_of(std::uint8_t tag, Decoder& decoder) {
    SynthesisTarget target;
    if (tag == kUnitary) {
        auto matrix = circuit::decode_matrix(decoder);
        if (!matrix) {
            return matrix.error();
        }
        target = std::move(*matrix);
    } else if (tag == kState) {
        target = decode_state(decoder);
    } else if (tag == kStateMap) {
        target = decode_map(decoder);
    } else {
        return malformed();
    }
    if (!decoder.ok()) {
        return malformed();
    }
    if (Status status = synthesis::check(target); !status.is_ok()) {
        return status;
    }
    return target;
}

}  // namespace

Status check(const Source& source) {
    const auto* circuit = std::get_if<circuit::Circuit>(&source);
    return circuit != nullptr ? circuit::validate(*circuit)
                              : synthesis::check(std::get<SynthesisTarget>(source));
}

void encode(Encoder& encoder, const SynthesisTarget& target) {
    if (const auto* unitary = std::get_if<base::Matrix>(&target)) {
        encoder.u8(kUnitary);
        circuit::encode(encoder, *unitary);
    } else if (const auto* state = std::get_if<StateVector>(&target)) {
        encoder.u8(kState);
        encode(encoder, *state);
    } else {
        const auto& map = std::get<StateMap>(target);
        encoder.u8(kStateMap);
        encoder.varint(map.size());
        for (const StatePair& pair : map) {
            encode(encoder, pair.input);
            encode(encoder, pair.output);
        }
    }
}

void encode(Encoder& encoder, const Source& source) {
    if (const auto* circuit = std::get_if<circuit::Circuit>(&source)) {
        encoder.u8(kCircuit);
        circuit::encode(encoder, *circuit);
        return;
    }
    encode(encoder, std::get<SynthesisTarget>(source));
}

Result<SynthesisTarget> decode_synthesis_target(Decoder& decoder) {
    return decode_target_of(decoder.u8(), decoder);
}

Result<Source> decode_source(Decoder& decoder) {
    const std::uint8_t tag = decoder.u8();
    if (tag == kCircuit) {
        auto circuit = circuit::decode(decoder);
        return circuit ? Result<Source>(std::move(*circuit)) : Result<Source>(circuit.error());
    }
    auto target = decode_target_of(tag, decoder);
    return target ? Result<Source>(std::move(*target)) : Result<Source>(target.error());
}

}  // namespace quercus::passes
