#include "quantum/passes/pipeline_codec.hpp"

namespace quercus::passes {

namespace {

enum Tag : std::uint8_t { kFalse = 0, kTrue = 1, kNumber = 2, kText = 3 };

void encode(Encoder& encoder, const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) {
        encoder.u8(*flag ? kTrue : kFalse);
    } else if (const auto* number = std::get_if<double>(&value)) {
        encoder.u8(kNumber);
        encoder.f64(*number);
    } else {
        encoder.u8(kText);
        encoder.bytes(std::get<std::string>(value));
    }
}

Value decode_value(Decoder& decoder, bool& valid) {
    switch (decoder.u8()) {
        case kFalse:
            return false;
        case kTrue:
            return true;
        case kNumber:
            return decoder.f64();
        case kText:
            return std::string(decoder.bytes());
        default:
            valid = false;
            return false;
    }
}

Steps decode(Decoder& decoder, int depth, std::size_t& steps_left, bool& valid) {
    Steps steps;
    const std::uint64_t count = decoder.count();
    valid = valid && depth <= kMaxNesting && count <= steps_left;
    for (std::uint64_t i = 0; valid && decoder.ok() && i < count; ++i) {
        --steps_left;
        Step step;
        step.pass = std::string(decoder.bytes());
        for (std::uint64_t left = decoder.count(); valid && decoder.ok() && left > 0; --left) {
            std::string name(decoder.bytes());
            step.params[std::move(name)] = decode_value(decoder, valid);
        }
        for (std::uint64_t left = decoder.count(); valid && decoder.ok() && left > 0; --left) {
            step.bodies.push_back(decode(decoder, depth + 1, steps_left, valid));
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

}  // namespace

void encode(Encoder& encoder, const Steps& steps) {
    encoder.varint(steps.size());
    for (const Step& step : steps) {
        encoder.bytes(step.pass);
        encoder.varint(step.params.size());
        for (const auto& [name, value] : step.params) {
            encoder.bytes(name);
            encode(encoder, value);
        }
        encoder.varint(step.bodies.size());
        for (const Steps& body : step.bodies) {
            encode(encoder, body);
        }
    }
}

Result<Steps> decode_steps(Decoder& decoder) {
    bool valid = true;
    std::size_t steps_left = kMaxSteps;
    Steps steps = decode(decoder, 0, steps_left, valid);
    if (!valid || !decoder.ok()) {
        return data_loss("bytes are no list of passes");
    }
    return steps;
}

void encode(Encoder& encoder, const Pipeline& pipeline) {
    encoder.bytes(pipeline.name);
    encoder.f64(pipeline.error_budget);
    encoder.u8(static_cast<std::uint8_t>(pipeline.optimize));
    encoder.varint(pipeline.placements);
    encoder.f64(pipeline.routing_effort);
    encode(encoder, pipeline.steps);
}

Result<Pipeline> decode_pipeline(Decoder& decoder) {
    Pipeline pipeline;
    pipeline.name = std::string(decoder.bytes());
    pipeline.error_budget = decoder.f64();
    const std::uint8_t optimize = decoder.u8();
    if (optimize > static_cast<std::uint8_t>(Optimize::kFidelity)) {
        return data_loss("bytes are no pipeline: unknown cost");
    }
    pipeline.optimize = static_cast<Optimize>(optimize);
    const std::uint64_t placements = decoder.varint();
    if (placements < 1 || placements > kMostPlacements) {
        return data_loss("bytes are no pipeline: number of placements");
    }
    pipeline.placements = static_cast<std::uint32_t>(placements);
    pipeline.routing_effort = decoder.f64();
    if (!is_routing_effort(pipeline.routing_effort)) {
        return data_loss("bytes are no pipeline: routing effort");
    }
    auto steps = decode_steps(decoder);
    if (!steps) {
        return steps.error();
    }
    pipeline.steps = std::move(*steps);
    return pipeline;
}

void encode(Encoder& encoder, const TargetSpec& target) {
    encoder.bytes(target.machine);
    encoder.varint(target.gates.size());
    for (const std::string& gate : target.gates) {
        encoder.bytes(gate);
    }
}

TargetSpec decode_target(Decoder& decoder) {
    TargetSpec target;
    target.machine = std::string(decoder.bytes());
    for (std::uint64_t left = decoder.count(); left > 0; --left) {
        target.gates.emplace_back(decoder.bytes());
    }
    return target;
}

}  // namespace quercus::passes
