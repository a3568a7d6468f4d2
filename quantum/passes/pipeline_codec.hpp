#pragma once

// Binary form of passes, in kernel inputs and job requests.

#include "quantum/base/codec.hpp"
#include "quantum/passes/pipeline.hpp"
#include "quantum/passes/target.hpp"

namespace quercus::passes {

void encode(Encoder& encoder, const Steps& steps);
// DATA_LOSS for anything that encode does not write. The passes are not checked.
[[nodiscard]] Result<Steps> decode_steps(Decoder& decoder);

void encode(Encoder& encoder, const Pipeline& pipeline);
[[nodiscard]] Result<Pipeline> decode_pipeline(Decoder& decoder);

void encode(Encoder& encoder, const TargetSpec& target);
// Not resolved; the decoder says whether it was all there.
[[nodiscard]] TargetSpec decode_target(Decoder& decoder);

}  // namespace quercus::passes
