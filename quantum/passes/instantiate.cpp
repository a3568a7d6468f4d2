#include "quantum/passes/instantiate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/codec.hpp"

namespace quercus::passes {

using circuit::Gate;
using circuit::Operation;

namespace {

constexpr std::uint8_t kVersion = 1;
// Beside kCheckedQubits: so that looking is a matter of milliseconds.
constexpr std::size_t kCheckedOperations = 500;
constexpr auto kLastMethod = static_cast<std::uint8_t>(synthesis::FitMethod::kQFactor);

synthesis::FitOptions options_of(const InstantiateInput& input) {
    synthesis::FitOptions options;
    options.method = input.method;
    options.threshold = input.threshold;
    if (!input.frozen.empty()) {
        options.frozen.assign(input.shape.operations.size(), 0);
        for (const std::uint32_t index : input.frozen) {
            options.frozen[index] = 1;
        }
    }
    return options;
}

// Unitary operations written out in {cx, u3}.
Result<Circuit> without_matrices(const Circuit& circuit, const synthesis::StopCheck& stop) {
    Circuit out = circuit;
    out.operations.clear();
    for (const Operation& op : circuit.operations) {
        if (op.gate != Gate::kUnitary) {
            out.operations.push_back(op);
            continue;
        }
        synthesis::UnitaryOptions options;
        options.stop = stop;
        auto written = synthesis::synthesize_unitary(*op.matrix, options);
        if (!written) {
            return written.error();
        }
        for (Operation& one : written->circuit.operations) {
            for (Qubit& qubit : one.qubits) {
                qubit = op.qubits[qubit];
            }
            out.operations.push_back(std::move(one));
        }
    }
    return out;
}

Bytes to_bytes(const StartOutput& output) {
    Encoder out;
    out.u8(kVersion);
    out.f64(output.d);
    out.f64(output.delta);
    out.varint(output.iterations);
    out.u8(output.circuit ? 1 : 0);
    if (output.circuit) {
        circuit::encode(out, *output.circuit);
    }
    return out.take();
}

}  // namespace

Status check(const InstantiateInput& input) {
    if (Status status = synthesis::check(input.target); !status.is_ok()) {
        return status;
    }
    if (input.starts < 1 || input.starts > kMostStarts) {
        return invalid_argument("starts must be 1 to " + std::to_string(kMostStarts) +
                                " (--starts)");
    }
    if (!(input.threshold > 0 && input.threshold <= 1)) {
        return invalid_argument("the threshold is outside (0, 1] (--threshold)");
    }
    if (input.shape.operations.size() > kMostFittedOperations) {
        return {StatusCode::kResourceExhausted,
                "the circuit has " + std::to_string(input.shape.operations.size()) +
                    " operations, at most " + std::to_string(kMostFittedOperations) +
                    " can be fitted"};
    }
    if (input.frozen.size() > input.shape.operations.size()) {
        return invalid_argument("frozen: more numbers than operations (--frozen)");
    }
    for (const std::uint32_t index : input.frozen) {
        if (index >= input.shape.operations.size()) {
            return invalid_argument(
                "frozen: there is no operation " + std::to_string(index) + ", the circuit has " +
                std::to_string(input.shape.operations.size()) + ", counted from 0 (--frozen)");
        }
    }
    const auto free = synthesis::check_fit(input.shape, input.target, options_of(input));
    return free ? Status::ok() : free.error();
}

Bytes to_bytes(const InstantiateInput& input) {
    Encoder out;
    out.u8(kVersion);
    circuit::encode(out, input.shape);
    encode(out, input.target);
    out.u8(static_cast<std::uint8_t>(input.method));
    out.f64(input.threshold);
    out.varint(input.starts);
    out.varint(input.frozen.size());
    for (const std::uint32_t index : input.frozen) {
        out.varint(index);
    }
    return out.take();
}

Result<InstantiateInput> instantiate_input_from_bytes(BytesView bytes) {
    Decoder in(bytes);
    if (in.u8() != kVersion) {
        return data_loss("instantiate: not the input of this version");
    }
    auto shape = circuit::decode(in);
    if (!shape) {
        return shape.error();
    }
    auto target = decode_synthesis_target(in);
    if (!target) {
        return target.error();
    }
    InstantiateInput out{std::move(*shape), std::move(*target)};
    const std::uint8_t method = in.u8();
    out.method = static_cast<synthesis::FitMethod>(std::min(method, kLastMethod));
    out.threshold = in.f64();
    out.starts = static_cast<std::uint32_t>(std::min<std::uint64_t>(in.varint(), kMostStarts + 1));
    const std::uint64_t frozen = in.count();
    for (std::uint64_t i = 0; i < frozen && in.ok(); ++i) {
        out.frozen.push_back(
            static_cast<std::uint32_t>(std::min<std::uint64_t>(in.varint(), UINT32_MAX)));
    }
    if (!in.finished() || method > kLastMethod || !check(out).is_ok()) {
        return data_loss("instantiate: malformed input");
    }
    return out;
}

Result<StartOutput> start_output_from_bytes(BytesView bytes) {
    Decoder in(bytes);
    StartOutput out;
    const bool is_known = in.u8() == kVersion;
    out.d = in.f64();
    out.delta = in.f64();
    out.iterations = static_cast<std::uint32_t>(in.varint());
    if (in.u8() == 1) {
        auto circuit = circuit::decode(in);
        if (!circuit) {
            return circuit.error();
        }
        out.circuit = std::move(*circuit);
    }
    if (!is_known || !in.finished() || !(out.d >= 0) || !(out.delta >= 0)) {
        return data_loss("instantiate: malformed output of a start");
    }
    return out;
}

StartInputs::StartInputs(InstantiateInput input) {
    input.starts = 1;
    input_ = to_bytes(input);
}

Bytes StartInputs::operator()(std::uint32_t index) const {
    Encoder out;
    out.varint(index);
    out.bytes(input_);
    return out.take();
}

Result<Bytes> run_start(BytesView start, Seed seed, const synthesis::StopCheck& stop) {
    Decoder in(start);
    const std::uint64_t index = in.varint();
    const auto input = instantiate_input_from_bytes(in.bytes());
    if (!input) {
        return input.error();
    }
    if (!in.finished()) {
        return data_loss("instantiate: bytes left over after a start");
    }
    synthesis::FitOptions options = options_of(*input);
    options.stop = stop;
    Philox random(seed);
    auto fit = synthesis::fit_circuit(input->shape, input->target, random, index > 0, options);
    if (!fit) {
        return fit.error();
    }
    if (synthesis::should_stop(stop)) {
        return Status(StatusCode::kCancelled, "the start was stopped");
    }
    StartOutput out{fit->d, std::sqrt(2 * fit->d), static_cast<std::uint32_t>(fit->iterations), {}};
    if (fit->success) {
        auto written = without_matrices(fit->circuit, stop);
        if (!written) {
            return written.error();
        }
        const auto delta = synthesis::distance_to(input->target, *written);
        if (!delta) {
            return delta.error();
        }
        out.delta = *delta;
        out.d = *delta * *delta / 2;
        if (out.d < input->threshold) {
            out.circuit = std::move(*written);
        }
    }
    return to_bytes(out);
}

Result<CompileResult> instantiated(const InstantiateInput& input, const StartOutput& start,
                                   std::uint32_t starts) {
    if (!start.circuit || start.circuit->num_qubits() != input.shape.num_qubits()) {
        return data_loss("instantiate: a start without a circuit");
    }
    if (start.circuit->num_qubits() <= kCheckedQubits &&
        start.circuit->operations.size() <= kCheckedOperations) {
        const auto delta = synthesis::distance_to(input.target, *start.circuit);
        constexpr double kRounding = 1e-9;
        if (!delta || !(*delta <= start.delta + kRounding)) {
            return data_loss("instantiate: the start's circuit is not what it was to be");
        }
    }
    const auto figures = figures_of(*start.circuit);
    if (!figures) {
        return figures.error();
    }
    CompileResult out;
    out.circuit = *start.circuit;
    out.initial_mapping.resize(out.circuit.num_qubits());
    std::iota(out.initial_mapping.begin(), out.initial_mapping.end(), Qubit{0});
    out.final_mapping = out.initial_mapping;
    // The dense computation itself rounds.
    out.delta_bound = start.delta + 1e-14 * static_cast<double>(out.circuit.operations.size());
    out.distance_bound = std::min(1.0, out.delta_bound * out.delta_bound / 2);
    out.before = *figures;
    out.after = *figures;
    out.rounds = starts;
    return out;
}

}  // namespace quercus::passes
