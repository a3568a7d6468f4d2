#include "runtime/wire/synthesis_target.hpp"

#include <cmath>

#include "quercus/v1/jobs.pb.h"
#include "runtime/wire/circuit.hpp"
#include "runtime/wire/limits.hpp"

namespace quercus::wire {

using synthesis::StateMap;
using synthesis::StateVector;
using synthesis::SynthesisTarget;

namespace {

static_assert(kMaxTargetQubits == synthesis::kMaxUnitaryQubits);
constexpr std::size_t kMostAmplitudes = std::size_t{1} << kMaxTargetQubits;

void to_proto(const StateVector& state, v1::StateVector& out) {
    out.mutable_amplitudes()->Reserve(static_cast<int>(2 * state.size()));
    for (const base::Complex& amplitude : state) {
        out.add_amplitudes(amplitude.real());
        out.add_amplitudes(amplitude.imag());
    }
}

StateVector from_proto(const v1::StateVector& state, Intake& intake) {
    const auto numbers = static_cast<std::size_t>(state.amplitudes_size());
    if (!intake.require(numbers % 2 == 0 && numbers <= 2 * kMostAmplitudes,
                        "state: needs 2 * 2^n numbers, n at most 8")) {
        return {};
    }
    StateVector out(numbers / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = {state.amplitudes(static_cast<int>(2 * i)),
                  state.amplitudes(static_cast<int>(2 * i + 1))};
        if (!intake.require(std::isfinite(out[i].real()) && std::isfinite(out[i].imag()),
                            "state: an amplitude is not finite")) {
            return {};
        }
    }
    return out;
}

StateMap from_proto(const v1::StateMap& map, Intake& intake) {
    if (!intake.require(static_cast<std::size_t>(map.pairs_size()) <= kMostAmplitudes,
                        "state map: more pairs than dimensions")) {
        return {};
    }
    StateMap out;
    for (const v1::StatePair& pair : map.pairs()) {
        out.push_back({from_proto(pair.input(), intake), from_proto(pair.output(), intake)});
    }
    return out;
}

template <class Spec>
void set_target(const SynthesisTarget& target, Spec& out) {
    if (const auto* unitary = std::get_if<base::Matrix>(&target)) {
        wire::to_proto(*unitary, *out.mutable_unitary());
    } else if (const auto* state = std::get_if<StateVector>(&target)) {
        to_proto(*state, *out.mutable_state());
    } else {
        v1::StateMap& map = *out.mutable_state_map();
        for (const synthesis::StatePair& pair : std::get<StateMap>(target)) {
            v1::StatePair& added = *map.add_pairs();
            to_proto(pair.input, *added.mutable_input());
            to_proto(pair.output, *added.mutable_output());
        }
    }
}

template <class Spec>
SynthesisTarget target_of(const Spec& spec, Intake& intake) {
    switch (spec.target_case()) {
        case Spec::kUnitary:
            return wire::from_proto(spec.unitary(), intake, kMaxTargetQubits);
        case Spec::kState:
            return from_proto(spec.state(), intake);
        case Spec::kStateMap:
            return from_proto(spec.state_map(), intake);
        case Spec::TARGET_NOT_SET:
            break;
    }
    intake.fail("target: none of unitary, state, state_map is set");
    return {};
}

}  // namespace

void to_proto(const SynthesisTarget& target, v1::SynthesizeSpec& out) {
    set_target(target, out);
}
void to_proto(const SynthesisTarget& target, v1::InstantiateSpec& out) {
    set_target(target, out);
}
SynthesisTarget from_proto(const v1::SynthesizeSpec& spec, Intake& intake) {
    return target_of(spec, intake);
}
SynthesisTarget from_proto(const v1::InstantiateSpec& spec, Intake& intake) {
    return target_of(spec, intake);
}

}  // namespace quercus::wire
