#pragma once

// The byte form of the requests that have one of their own; private to this room. Reading distrusts
// its input: INVALID_ARGUMENT or DATA_LOSS for anything that writing does not give.

#include "runtime/tasks/requests.hpp"

namespace quercus::tasks {

[[nodiscard]] Bytes to_bytes(const CompileRequest& request);
[[nodiscard]] Result<CompileRequest> compile_request_from_bytes(BytesView bytes);
[[nodiscard]] Bytes to_bytes(const SynthesizeRequest& request);
[[nodiscard]] Result<SynthesizeRequest> synthesize_request_from_bytes(BytesView bytes);

// Limits and defaults: level 0 and block size 0 mean the default.
[[nodiscard]] Result<CompileRequest> checked(CompileRequest request);
[[nodiscard]] Status check(const SynthesizeRequest& request);

}  // namespace quercus::tasks
