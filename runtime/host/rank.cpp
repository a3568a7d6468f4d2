#include "runtime/host/rank.hpp"

#include <algorithm>
#include <cstdlib>

#include "runtime/host/pinning.hpp"

namespace quercus::host {

Result<NodeHostOptions> make_rank(const RankOptions& options) {
    auto places = place_workers(options.workers, options.cpus);
    if (!places) {
        return places.error();
    }
    executor::ExecutorsOptions executors;
    executors.binary = options.executor_binary;
    if (executors.binary.empty()) {
        auto found = find_executor();
        if (!found) {
            return found.error();
        }
        executors.binary = *found;
    }
    executors.places = *places;
    executors.memory_per_task_bytes = options.memory_per_task_bytes;
    executors.remembered_bytes = std::min(executors.remembered_bytes, options.cache_mib << 20);
    executors.visible_env = options.visible_env;
    if (std::getenv("QUERCUS_TEST_KINDS") != nullptr) {
        executors.visible_env.emplace_back("QUERCUS_TEST_KINDS");
    }

    NodeHostOptions host;
    host.node = make_node_config(scheduling::Role::kRank);
    host.node.places = static_cast<std::uint32_t>(places->size());
    host.node.tags = options.tags;
    host.node.cache_limit_bytes = options.cache_mib << 20;
    for (const std::string& name : options.visible_env) {
        if (const char* value = std::getenv(name.c_str())) {
            host.node.tags[name] = value;
        }
    }
    host.executors = std::move(executors);
    return host;
}

}  // namespace quercus::host
