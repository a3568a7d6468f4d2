#pragma once

// The runtime's domain types as the SDK shows them, and back.

#include <vector>

#include "quercus/client.hpp"
#include "runtime/transport/jobs.hpp"

namespace quercus::client::detail {

[[nodiscard]] scheduling::JobId to_domain(const JobId& id);
[[nodiscard]] JobId to_public(const scheduling::JobId& id);
[[nodiscard]] JobState to_public(scheduling::JobState state);
[[nodiscard]] JobInfo to_public(const transport::JobStatus& status);
[[nodiscard]] JobEvent to_public(const transport::JobEvent& event);
[[nodiscard]] std::vector<NodeInfo> to_public(const scheduling::Subtree& tree);

// Reads and checks the input; errors are INVALID_ARGUMENT unless a limit or a file is the reason.
[[nodiscard]] Result<tasks::Request> to_request(const Work& work);
// Without its circuit.
[[nodiscard]] tasks::CompileRequest without_circuit(const CompileJob& job);
[[nodiscard]] CircuitFigures figures_of(const circuit::Circuit& circuit);
// The payloads of finished jobs. `bytes` is distrusted: DATA_LOSS.
[[nodiscard]] Result<CompileResult> decode_compile_result(BytesView bytes);
[[nodiscard]] Result<SynthesizeResult> decode_synthesize_result(BytesView bytes);

}  // namespace quercus::client::detail
