#pragma once

// What a client can ask for, and how it becomes a root task.

#include <cstdint>
#include <string>
#include <variant>

#include "quantum/base/bytes.hpp"
#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::tasks {

struct CompileRequest {
    circuit::Circuit circuit;
    std::uint32_t level = 1;
    std::uint32_t block_size = 3;
};

struct SynthesizeRequest {
    base::Matrix unitary;  // 2^n x 2^n, n = 1 ... 4
};

// Any registered kind with raw input, e.g. "noop", "hash", "sleep", "probe", "map".
struct TaskRequest {
    std::string kind;
    Bytes input;
};

using Request = std::variant<CompileRequest, SynthesizeRequest, TaskRequest>;

struct RootTask {
    std::string kind;
    Bytes input;
};

// Validates (INVALID_ARGUMENT says what, which limit) and encodes.
[[nodiscard]] Result<RootTask> to_root_task(const Request& request);

}  // namespace quercus::tasks
