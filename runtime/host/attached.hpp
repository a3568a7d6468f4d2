#pragma once

// Attached mode: a server node and a rank node joined by an in-process link, on a thread of the
// calling process, with exec'ed executors beside it. Nothing else has to be started.

#include <cstdint>
#include <memory>
#include <string>

#include "quantum/base/status.hpp"
#include "runtime/transport/jobs.hpp"

namespace quercus::host {

struct AttachedOptions {
    std::string executor_binary;              // empty: see find_executor()
    std::uint32_t workers = 0;                // 0: one per allowed physical core
    std::uint64_t memory_per_task_bytes = 0;  // 0: no limit
};

class AttachedTree {
 public:
    static Result<std::unique_ptr<AttachedTree>> start(AttachedOptions options);
    // Cancels what runs and leaves no process behind.
    ~AttachedTree();
    [[nodiscard]] transport::Jobs& jobs();

 private:
    struct State;
    explicit AttachedTree(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace quercus::host
