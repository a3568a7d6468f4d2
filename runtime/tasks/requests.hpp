#pragma once

// What a client can ask for, and how it becomes a root task.

#include <cstdint>
#include <string>
#include <variant>

#include "quantum/base/bytes.hpp"
#include "quantum/base/status.hpp"
#include "quantum/passes/instantiate.hpp"
#include "quantum/passes/pipeline.hpp"
#include "quantum/passes/source.hpp"
#include "quantum/passes/target.hpp"

namespace quercus::tasks {

// A circuit to optimise, or a bare target to find one for. Zeros and empty texts mean the defaults
// of passes::LevelOptions.
struct CompileRequest {
    passes::Source source{};
    std::uint32_t level = 1;       // 0..4; ignored where a pipeline is given
    std::uint32_t block_size = 0;  // most qubits of a resynthesised block
    std::string pipeline{};        // JSON, instead of a level
    double threshold = 0;          // d that a replaced block may differ by at most
    double time_budget_s = 0;      // level 4
    std::uint32_t iterations = 0;  // level 4 without a time budget, per island
    std::uint32_t islands = 0;     // level 4: searches side by side
    passes::TargetSpec target{};   // what it shall run on
    // Both also with a pipeline, whose own they replace.
    double error_budget = 0;  // distance_bound that the result may have
    std::string optimize{};   // "two_qubit", "depth" or "fidelity"
};

// Any registered kind with raw input, e.g. "noop", "hash", "sleep", "probe", "map".
struct TaskRequest {
    std::string kind;
    Bytes input;
};

using Request = std::variant<CompileRequest, TaskRequest, passes::InstantiateInput>;

struct RootTask {
    std::string kind;
    Bytes input;
};

// The pipeline that the request names or whose level it asks for, checked. INVALID_ARGUMENT names
// the pass or the option.
[[nodiscard]] Result<passes::Pipeline> pipeline_of(const CompileRequest& request);

// Validates (INVALID_ARGUMENT says what, which limit) and encodes.
[[nodiscard]] Result<RootTask> to_root_task(const Request& request);

}  // namespace quercus::tasks
