#include "quantum/passes/kernel_codec.hpp"

#include <algorithm>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/codec.hpp"
#include "quantum/passes/pipeline_codec.hpp"
#include "quantum/synthesis/template.hpp"

namespace quercus::passes {

namespace {

constexpr std::uint8_t kVersion = kKernelVersion;
constexpr std::uint8_t kBlock = 0;
constexpr std::uint8_t kSearch = 1;
constexpr std::uint8_t kSynthesis = 6;
constexpr std::uint8_t kSegment = 7;
constexpr std::uint8_t kSegmentSpread = 8;
// A block with approximations, a search with a limit or a cost of its own. Without any of these the
// bytes, and so the seeds, are those of the plain forms.
constexpr std::uint8_t kBlockApproximated = 3;
constexpr std::uint8_t kSearchLimited = 4;
// Of an output.
constexpr std::uint8_t kImproved = 1;
constexpr std::uint8_t kApproximated = 2;
constexpr double kMaxSeconds = 1e6;
constexpr int kMaxEffort = 3;
constexpr double kMostWeight = 1e6;

bool is_threshold(double value) {
    return value > 0 && value < 1;
}

bool is_weight(double value) {
    return value >= 0 && value <= kMostWeight;
}

void encode(Encoder& encoder, const Objective& objective) {
    encoder.u8(static_cast<std::uint8_t>(objective.optimize));
    encoder.f64(objective.two_qubit);
    encoder.f64(objective.one_qubit);
}

bool decode(Decoder& decoder, Objective& objective) {
    const std::uint8_t optimize = decoder.u8();
    objective.optimize = static_cast<Optimize>(optimize);
    objective.two_qubit = decoder.f64();
    objective.one_qubit = decoder.f64();
    return optimize <= static_cast<std::uint8_t>(Optimize::kFidelity) &&
           is_weight(objective.two_qubit) && is_weight(objective.one_qubit);
}

Result<KernelInput> decode_block(Decoder& decoder, bool is_approximated) {
    BlockInput input;
    input.approximate_to = is_approximated ? decoder.f64() : 0;
    input.threshold = decoder.f64();
    auto body = decode_steps(decoder);
    if (!body) {
        return body.error();
    }
    auto block = circuit::decode(decoder);
    if (!block) {
        return block.error();
    }
    if (!decoder.finished() || !is_threshold(input.threshold) ||
        (is_approximated && !is_threshold(input.approximate_to)) ||
        !check_block_passes(*body).is_ok()) {
        return malformed_kernel("block kernel input");
    }
    input.body = std::move(*body);
    input.block = std::move(*block);
    return KernelInput(std::move(input));
}

Result<KernelInput> decode_search(Decoder& decoder, bool is_limited) {
    SearchInput input;
    bool valid = true;
    if (is_limited) {
        input.most_delta = decoder.f64();
        valid = input.most_delta >= 0 && decode(decoder, input.objective);
    }
    input.threshold = decoder.f64();
    input.seconds = decoder.f64();
    input.iterations = decoder.varint();
    input.sweeps = decoder.varint();
    input.island = decoder.varint();
    input.round = decoder.varint();
    input.block_size = decoder.u8();
    auto circuit = circuit::decode(decoder);
    if (!circuit) {
        return circuit.error();
    }
    if (!valid || !decoder.finished() || !is_threshold(input.threshold) ||
        !(input.seconds >= 0 && input.seconds <= kMaxSeconds) || input.block_size < 2 ||
        input.block_size > synthesis::kMaxTemplateQubits) {
        return malformed_kernel("search kernel input");
    }
    input.circuit = std::move(*circuit);
    return KernelInput(std::move(input));
}

Result<KernelInput> decode_synthesis(Decoder& decoder) {
    SynthesisInput input;
    input.threshold = decoder.f64();
    input.effort = decoder.u8();
    auto target = decode_synthesis_target(decoder);
    if (!target) {
        return target.error();
    }
    if (!decoder.finished() || !is_threshold(input.threshold) || input.effort > kMaxEffort) {
        return malformed_kernel("synthesis kernel input");
    }
    input.target = std::move(*target);
    return KernelInput(std::move(input));
}

Result<KernelInput> decode_segment(Decoder& decoder, bool is_spread) {
    SegmentInput input;
    input.is_spread = is_spread;
    input.most_delta = decoder.f64();
    const bool valid = input.most_delta >= 0 && decode(decoder, input.objective);
    auto body = decode_steps(decoder);
    if (!body) {
        return body.error();
    }
    auto circuit = circuit::decode(decoder);
    if (!circuit) {
        return circuit.error();
    }
    if (!valid || !decoder.finished() || !check_segment_passes(*body, is_spread).is_ok()) {
        return malformed_kernel("segment kernel input");
    }
    input.body = std::move(*body);
    input.circuit = std::move(*circuit);
    return KernelInput(std::move(input));
}

}  // namespace

Status malformed_kernel(const char* what) {
    return data_loss(std::string("bytes are no ") + what + " of version " +
                     std::to_string(kVersion));
}

SynthesisInput synthesis_input(SynthesisTarget target, const Step& step) {
    return {std::move(target), number_of(step, "threshold"),
            static_cast<int>(number_of(step, "effort"))};
}

Bytes to_bytes(const SynthesisInput& input) {
    Encoder encoder;
    encoder.u8(kVersion);
    encoder.u8(kSynthesis);
    encoder.f64(input.threshold);
    encoder.u8(static_cast<std::uint8_t>(input.effort));
    encode(encoder, input.target);
    return encoder.take();
}

Bytes to_bytes(const BlockInput& input) {
    Encoder encoder;
    encoder.u8(kVersion);
    encoder.u8(input.approximate_to == 0 ? kBlock : kBlockApproximated);
    if (input.approximate_to != 0) {
        encoder.f64(input.approximate_to);
    }
    encoder.f64(input.threshold);
    encode(encoder, input.body);
    circuit::encode(encoder, input.block);
    return encoder.take();
}

Bytes to_bytes(const SearchInput& input) {
    Encoder encoder;
    encoder.u8(kVersion);
    const bool is_limited = input.most_delta != kNoLimit || input.objective != Objective{};
    encoder.u8(is_limited ? kSearchLimited : kSearch);
    if (is_limited) {
        encoder.f64(input.most_delta);
        encode(encoder, input.objective);
    }
    encoder.f64(input.threshold);
    encoder.f64(input.seconds);
    encoder.varint(input.iterations);
    encoder.varint(input.sweeps);
    encoder.varint(input.island);
    encoder.varint(input.round);
    encoder.u8(static_cast<std::uint8_t>(input.block_size));
    circuit::encode(encoder, input.circuit);
    return encoder.take();
}

Bytes to_bytes(const SegmentInput& input) {
    Encoder encoder;
    encoder.u8(kVersion);
    encoder.u8(input.is_spread ? kSegmentSpread : kSegment);
    encoder.f64(input.most_delta);
    encode(encoder, input.objective);
    encode(encoder, input.body);
    circuit::encode(encoder, input.circuit);
    return encoder.take();
}

bool is_spread_segment(BytesView input) {
    Decoder decoder(input);
    const std::uint8_t version = decoder.u8();
    const std::uint8_t what = decoder.u8();
    return decoder.ok() && version == kVersion && what == kSegmentSpread;
}

Result<KernelInput> kernel_input_from_bytes(BytesView bytes) {
    Decoder decoder(bytes);
    const std::uint8_t version = decoder.u8();
    const std::uint8_t what = decoder.u8();
    if (version != kVersion) {
        return malformed_kernel("kernel input");
    }
    switch (what) {
        case kBlock:
        case kBlockApproximated:
            return decode_block(decoder, what == kBlockApproximated);
        case kSearch:
        case kSearchLimited:
            return decode_search(decoder, what == kSearchLimited);
        case kPlace:
            return decode_place(decoder);
        case kTrials:
            return decode_trials(decoder);
        case kFinish:
            return decode_finish(decoder);
        case kSynthesis:
            return decode_synthesis(decoder);
        case kSegment:
        case kSegmentSpread:
            return decode_segment(decoder, what == kSegmentSpread);
        default:
            return malformed_kernel("kernel input");
    }
}

Bytes to_bytes(const KernelOutput& output) {
    Encoder encoder;
    encoder.u8(kVersion);
    encoder.u8(static_cast<std::uint8_t>((output.improved ? kImproved : 0) |
                                         (output.approximations.empty() ? 0 : kApproximated)));
    if (output.improved) {
        encoder.f64(output.delta);
        circuit::encode(encoder, output.circuit);
    }
    if (!output.approximations.empty()) {
        encoder.varint(output.approximations.size());
        for (const circuit::Circuit& circuit : output.approximations) {
            circuit::encode(encoder, circuit);
        }
    }
    return encoder.take();
}

Result<KernelOutput> kernel_output_from_bytes(BytesView bytes) {
    Decoder decoder(bytes);
    const bool known = decoder.u8() == kVersion;
    KernelOutput output;
    const std::uint8_t what = decoder.u8();
    output.improved = (what & kImproved) != 0;
    if (known && decoder.ok() && output.improved) {
        output.delta = decoder.f64();
        auto circuit = circuit::decode(decoder);
        if (!circuit) {
            return circuit.error();
        }
        output.circuit = std::move(*circuit);
    }
    std::uint64_t left = known && (what & kApproximated) != 0 ? decoder.count() : 0;
    for (; decoder.ok() && left > 0; --left) {
        auto circuit = circuit::decode(decoder);
        if (!circuit) {
            return circuit.error();
        }
        output.approximations.push_back(std::move(*circuit));
    }
    if (!known || what > (kImproved | kApproximated) || !decoder.finished() ||
        !(output.delta >= 0)) {
        return malformed_kernel("kernel output");
    }
    return output;
}

}  // namespace quercus::passes
