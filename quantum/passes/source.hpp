#pragma once

// What a compilation starts from: a circuit, or a bare target that becomes one first. Thread: plain
// values.

#include <cstdint>
#include <variant>

#include "quantum/base/codec.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/synthesis/synthesis_target.hpp"

namespace quercus::passes {

using synthesis::SynthesisTarget;
using Source = std::variant<circuit::Circuit, SynthesisTarget>;

// circuit::validate or synthesis::check.
[[nodiscard]] Status check(const Source& source);

// Binary form, in job requests and kernel inputs. Deterministic.
// The flow believes no kernel where it can look for itself: up to so many qubits.
inline constexpr std::uint32_t kCheckedQubits = 6;

void encode(Encoder& encoder, const SynthesisTarget& target);
void encode(Encoder& encoder, const Source& source);
// The input is distrusted: the result has been checked. DATA_LOSS for anything that encode does not
// write, else the error of check().
[[nodiscard]] Result<SynthesisTarget> decode_synthesis_target(Decoder& decoder);
[[nodiscard]] Result<Source> decode_source(Decoder& decoder);

}  // namespace quercus::passes
