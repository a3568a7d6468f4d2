#pragma once

// The byte form of the requests that have one of their own; private to this room. Reading distrusts
// its input: INVALID_ARGUMENT or DATA_LOSS for anything that writing does not give.

#include "quantum/passes/pipeline.hpp"
#include "runtime/tasks/requests.hpp"

namespace quercus::tasks {

// The input of kind "compile": everything resolved and checked.
struct CompileInput {
    passes::Pipeline pipeline;
    circuit::Circuit circuit;
    passes::TargetSpec target;
};
[[nodiscard]] Bytes to_bytes(const CompileInput& input);
[[nodiscard]] Result<CompileInput> compile_input_from_bytes(BytesView bytes);
[[nodiscard]] Bytes to_bytes(const SynthesizeRequest& request);
[[nodiscard]] Result<SynthesizeRequest> synthesize_request_from_bytes(BytesView bytes);

[[nodiscard]] Status check(const SynthesizeRequest& request);

}  // namespace quercus::tasks
