#pragma once

// Bare targets (SynthesizeSpec and InstantiateSpec in proto/quercus/v1/jobs.proto). Qubit order is
// the same on both sides.

#include "quantum/synthesis/synthesis_target.hpp"
#include "runtime/wire/intake.hpp"

namespace quercus::v1 {
class InstantiateSpec;
class SynthesizeSpec;
}  // namespace quercus::v1

namespace quercus::wire {

// Sets the target only.
void to_proto(const synthesis::SynthesisTarget& target, v1::SynthesizeSpec& out);
void to_proto(const synthesis::SynthesisTarget& target, v1::InstantiateSpec& out);
// Sizes up to kMaxTargetQubits, finite numbers. Norms and the like are for others to check.
[[nodiscard]] synthesis::SynthesisTarget from_proto(const v1::SynthesizeSpec& spec, Intake& intake);
[[nodiscard]] synthesis::SynthesisTarget from_proto(const v1::InstantiateSpec& spec,
                                                    Intake& intake);

}  // namespace quercus::wire
