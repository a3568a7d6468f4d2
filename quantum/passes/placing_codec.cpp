// Byte forms of the kernels that put a circuit on its target, and of mappings.

#include <algorithm>
#include <cmath>

#include "quantum/circuit/codec.hpp"
#include "quantum/passes/kernel_codec.hpp"
#include "quantum/passes/pipeline_codec.hpp"

namespace quercus::passes {

namespace {

// Instead of the version, which a Placed begins with.
constexpr std::uint8_t kSpreadPlan = 0x80;
constexpr std::uint64_t kMostTrials = 100'000;  // of a plan

void encode_place(Encoder& encoder, const PlaceInput& input) {
    encode(encoder, input.target);
    circuit::encode(encoder, input.circuit);
}

Status decode_place(Decoder& decoder, PlaceInput& input) {
    input.target = decode_target(decoder);
    auto circuit = circuit::decode(decoder);
    if (!circuit) {
        return circuit.error();
    }
    input.circuit = std::move(*circuit);
    return Status::ok();
}

void encode_trial(Encoder& encoder, const mapping::Trial& trial) {
    encoder.u64(trial.seed);
    encode(encoder, trial.start);
    encode(encoder, trial.initial);
    encoder.f64(trial.cost);
    encoder.varint(trial.swaps);
    encoder.u64(trial.steps);
}

mapping::Trial decode_trial(Decoder& decoder) {
    mapping::Trial trial;
    trial.seed = decoder.u64();
    trial.start = decode_mapping(decoder);
    trial.initial = decode_mapping(decoder);
    trial.cost = decoder.f64();
    trial.swaps =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(decoder.varint(), ~std::uint32_t{0}));
    trial.steps = decoder.u64();
    return trial;
}

// Layouts of a machine's qubits, all of them.
bool is_valid(const mapping::Trial& trial) {
    const auto size = static_cast<std::uint32_t>(trial.initial.size());
    return size > 0 && is_mapping_into(trial.initial, size) &&
           (trial.start.empty() ||
            (trial.start.size() == size && is_mapping_into(trial.start, size))) &&
           std::isfinite(trial.cost) && trial.cost >= 0;
}

void encode_trials(Encoder& encoder, const std::vector<mapping::Trial>& trials) {
    encoder.varint(trials.size());
    for (const mapping::Trial& trial : trials) {
        encode_trial(encoder, trial);
    }
}

// False: one is invalid.
bool decode_trials(Decoder& decoder, std::vector<mapping::Trial>& trials) {
    for (std::uint64_t left = decoder.count(); decoder.ok() && left > 0; --left) {
        trials.push_back(decode_trial(decoder));
        if (!is_valid(trials.back()) ||
            trials.back().initial.size() != trials.front().initial.size()) {
            return false;
        }
    }
    return trials.size() <= mapping::kElite;
}

}  // namespace

void encode(Encoder& encoder, const std::vector<circuit::Qubit>& mapping) {
    encoder.varint(mapping.size());
    for (const circuit::Qubit q : mapping) {
        encoder.varint(q);
    }
}

std::vector<circuit::Qubit> decode_mapping(Decoder& decoder) {
    std::vector<circuit::Qubit> mapping(decoder.count());
    for (circuit::Qubit& q : mapping) {
        q = static_cast<circuit::Qubit>(
            std::min<std::uint64_t>(decoder.varint(), ~circuit::Qubit{0}));
    }
    return mapping;
}

bool is_mapping_into(const std::vector<circuit::Qubit>& mapping, std::uint32_t size) {
    std::vector<bool> seen(size, false);
    for (const circuit::Qubit q : mapping) {
        if (q >= size || seen[q]) {
            return false;
        }
        seen[q] = true;
    }
    return true;
}

Bytes to_bytes(const PlaceInput& input) {
    Encoder encoder;
    encoder.u8(kKernelVersion);
    encoder.u8(kPlace);
    encoder.varint(input.trial);
    encoder.f64(input.routing_effort);
    encode_place(encoder, input);
    return encoder.take();
}

Result<KernelInput> decode_place(Decoder& decoder) {
    PlaceInput input;
    input.trial = decoder.varint();
    input.routing_effort = decoder.f64();
    if (Status status = decode_place(decoder, input); !status.is_ok()) {
        return status;
    }
    if (!decoder.finished() || !is_routing_effort(input.routing_effort)) {
        return malformed_kernel("placement kernel input");
    }
    return KernelInput(std::move(input));
}

Bytes to_bytes(const TrialsInput& input) {
    Encoder encoder;
    encoder.u8(kKernelVersion);
    encoder.u8(kTrials);
    encoder.u64(input.seed);
    encoder.varint(input.begin);
    encoder.varint(input.end);
    encode_trials(encoder, input.best);
    encode_place(encoder, input.place);
    return encoder.take();
}

Result<KernelInput> decode_trials(Decoder& decoder) {
    TrialsInput input;
    input.seed = decoder.u64();
    input.begin = decoder.varint();
    input.end = decoder.varint();
    const bool valid = decode_trials(decoder, input.best);
    if (Status status = decode_place(decoder, input.place); !status.is_ok()) {
        return status;
    }
    if (!valid || !decoder.finished() || input.begin >= input.end || input.end > kMostTrials) {
        return malformed_kernel("trials kernel input");
    }
    return KernelInput(std::move(input));
}

Bytes to_bytes(const FinishInput& input) {
    Encoder encoder;
    encoder.u8(kKernelVersion);
    encoder.u8(kFinish);
    encoder.u64(input.seed);
    encode_trial(encoder, input.trial);
    encode_place(encoder, input.place);
    return encoder.take();
}

Result<KernelInput> decode_finish(Decoder& decoder) {
    FinishInput input;
    input.seed = decoder.u64();
    input.trial = decode_trial(decoder);
    if (Status status = decode_place(decoder, input.place); !status.is_ok()) {
        return status;
    }
    if (!decoder.finished() || !is_valid(input.trial)) {
        return malformed_kernel("finish kernel input");
    }
    return KernelInput(std::move(input));
}

Bytes to_bytes(const Placed& output) {
    Encoder encoder;
    encoder.u8(kKernelVersion);
    encode(encoder, output.initial_mapping);
    encode(encoder, output.final_mapping);
    encoder.f64(output.delta);
    circuit::encode(encoder, output.circuit);
    return encoder.take();
}

Result<Placed> placed_from_bytes(BytesView bytes) {
    Decoder decoder(bytes);
    const bool known = decoder.u8() == kKernelVersion;
    Placed output;
    output.initial_mapping = decode_mapping(decoder);
    output.final_mapping = decode_mapping(decoder);
    output.delta = decoder.f64();
    auto circuit = circuit::decode(decoder);
    if (!circuit) {
        return circuit.error();
    }
    output.circuit = std::move(*circuit);
    const std::uint32_t qubits = output.circuit.num_qubits();
    if (!known || !decoder.finished() || !(output.delta >= 0) ||
        output.initial_mapping.size() != output.final_mapping.size() ||
        !is_mapping_into(output.initial_mapping, qubits) ||
        !is_mapping_into(output.final_mapping, qubits)) {
        return malformed_kernel("placement kernel output");
    }
    return output;
}

Bytes to_bytes(const SpreadPlan& output) {
    Encoder encoder;
    encoder.u8(kSpreadPlan);
    encoder.u64(output.seed);
    encoder.varint(output.first_trials);
    encoder.varint(output.refine_trials);
    encoder.varint(output.per_task);
    return encoder.take();
}

Result<PlaceOutput> place_output_from_bytes(BytesView bytes) {
    Decoder decoder(bytes);
    if (decoder.u8() != kSpreadPlan) {
        auto placed = placed_from_bytes(bytes);
        return placed ? Result<PlaceOutput>(std::move(*placed)) : placed.error();
    }
    SpreadPlan plan;
    plan.seed = decoder.u64();
    plan.first_trials = decoder.varint();
    plan.refine_trials = decoder.varint();
    plan.per_task = decoder.varint();
    if (!decoder.finished() || plan.first_trials == 0 || plan.first_trials > kMostTrials ||
        plan.refine_trials > kMostTrials - plan.first_trials || plan.per_task == 0) {
        return malformed_kernel("placement kernel output");
    }
    return PlaceOutput(plan);
}

Bytes to_bytes(const std::vector<mapping::Trial>& output) {
    Encoder encoder;
    encoder.u8(kKernelVersion);
    encode_trials(encoder, output);
    return encoder.take();
}

Result<std::vector<mapping::Trial>> trials_from_bytes(BytesView bytes) {
    Decoder decoder(bytes);
    const bool known = decoder.u8() == kKernelVersion;
    std::vector<mapping::Trial> trials;
    const bool valid = decode_trials(decoder, trials);
    if (!known || !valid || !decoder.finished() || trials.empty()) {
        return malformed_kernel("trials kernel output");
    }
    return trials;
}

}  // namespace quercus::passes
