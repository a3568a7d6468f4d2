#pragma once

// Starts this manager's own ranks as quercus-worker processes and starts a lost one again. Loop
// thread only; construct on the main thread, because the kernel ties the ranks' death signal to it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "quantum/base/status.hpp"
#include "runtime/loop/loop.hpp"
#include "runtime/scheduling/ids.hpp"

namespace quercus::manager {

struct RankPlan {
    std::vector<int> cpus;  // one per worker
};

// One rank per NUMA domain with its share of the workers.
struct PlanOptions {
    std::uint32_t workers = 0;        // 0: as many as cores are left
    std::vector<int> cpus;            // explicit cores
    std::int64_t reserve_cores = -1;  // -1: 0 below 16 cores, else 1
};
[[nodiscard]] Result<std::vector<RankPlan>> plan_ranks(const PlanOptions& options);

struct LaunchOptions {
    std::string worker_binary;
    std::vector<std::string> arguments;  // after the rank's own: --join, log options, ...
};

class RankLauncher {
 public:
    using OnGone = std::function<void(scheduling::NodeId)>;

    RankLauncher(loop::Loop& loop, LaunchOptions options, OnGone on_gone);
    ~RankLauncher();  // kills what still lives

    Status start(const std::vector<RankPlan>& plans);
    // No more restarts; `on_stopped` when all ranks have exited, which is forced after 5 s.
    void stop(std::function<void()> on_stopped);

 private:
    struct Rank;
    Status launch(Rank& rank);
    void restart_later(Rank& rank);
    void on_exit(Rank& rank);

    loop::Loop& loop_;
    LaunchOptions options_;
    OnGone on_gone_;
    std::vector<std::unique_ptr<Rank>> ranks_;
    std::function<void()> on_stopped_;
    std::unique_ptr<loop::Loop::Timer> force_;
    bool stopping_ = false;
};

}  // namespace quercus::manager
