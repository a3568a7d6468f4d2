#pragma once

// The byte form of compile requests; private to this room. Reading distrusts its input:
// INVALID_ARGUMENT or DATA_LOSS for anything that writing does not give.

#include "quantum/passes/pipeline.hpp"
#include "runtime/tasks/requests.hpp"

namespace quercus::tasks {

// The input of the kinds "compile" and "synthesize": everything resolved and checked.
struct CompileInput {
    passes::Pipeline pipeline;
    passes::Source source;
    passes::TargetSpec target;
};
[[nodiscard]] Bytes to_bytes(const CompileInput& input);
[[nodiscard]] Result<CompileInput> compile_input_from_bytes(BytesView bytes);

}  // namespace quercus::tasks
