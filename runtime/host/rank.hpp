#pragma once

// The options of a rank's node and executors from what the user asked for and what the machine
// allows.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "quantum/base/status.hpp"
#include "runtime/host/node_host.hpp"

namespace quercus::host {

struct RankOptions {
    std::uint32_t workers = 0;                // 0: one per allowed physical core
    std::vector<int> cpus;                    // which; empty: chosen; one: a start index
    std::uint64_t memory_per_task_bytes = 0;  // 0: no limit
    std::uint64_t cache_mib = 64;             // results kept in memory; 0: none
    std::vector<std::string> visible_env;     // --tag-env
    std::map<std::string, std::string> tags;  // --tag
    std::string executor_binary;              // empty: see find_executor()
};

// Node and executor options; the caller adds addresses to dial.
[[nodiscard]] Result<NodeHostOptions> make_rank(const RankOptions& options);

}  // namespace quercus::host
