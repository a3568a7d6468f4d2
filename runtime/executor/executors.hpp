#pragma once

// The executors of one rank, seen from its control process: N pinned leaf executors that run
// kernels and one flow executor that runs workflows, each an exec'ed `quercus-executor` fed over a
// shared-memory ring. They restart by themselves. Everything that happens is reported as scheduling
// events, in batches, on the loop's thread. All methods: loop thread only.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quantum/base/status.hpp"
#include "runtime/loop/loop.hpp"
#include "runtime/scheduling/node.hpp"

namespace quercus::executor {

struct ExecutorsOptions {
    std::string binary;                    // path of quercus-executor
    std::vector<std::vector<int>> places;  // per worker: the cpus it is pinned to; empty: unpinned
    std::uint64_t memory_per_task_bytes = 0;  // RLIMIT_AS above the idle executor; 0: none
    // Of results of cacheable children, by the flow executor; 0: none.
    std::uint64_t remembered_bytes = std::uint64_t{32} << 20;
    std::chrono::milliseconds cancel_grace{2000};
    // Names of environment variables that tasks (probe) may see; executors inherit no others except
    // PATH, HOME, LANG and what the loader needs.
    std::vector<std::string> visible_env;
};

using EventSink = std::function<void(std::vector<scheduling::Event>)>;

class Executors {
 public:
    Executors(loop::Loop& loop, ExecutorsOptions options, EventSink sink);
    ~Executors();  // kills and reaps whatever still lives

    // Starts all processes; LeafReady/FlowReady events follow. The Status says what cannot be
    // started.
    Status start();

    // Several tasks may be given to a place ahead of time; it runs them in order, one at a time.
    // LeafDied forgets all tasks of the place; those given after it wait for the restart.
    void start_leaf(scheduling::PlaceId place, const scheduling::Task& task);
    // LeafFinished with CANCELLED follows in the task's turn, whether it ran or not: the place is
    // free again. A running task is asked to stop; after `cancel_grace` its process is killed:
    // LeafDied with `planned`.
    void cancel_leaf(scheduling::PlaceId place, const scheduling::TaskId& id);
    // Starts the round `round` of a workflow from `state` (round 0: from its input); an instance of
    // the same task that is still there is cancelled. FlowContinued, FlowFinished and FlowDied
    // forget it.
    void start_flow(const scheduling::Task& task, std::uint32_t round, const Payload& state);
    void deliver(const scheduling::TaskId& flow, std::span<const scheduling::Done> results);
    // No event of this workflow will follow; its children are the scheduler's business.
    void cancel_flow(const scheduling::TaskId& flow);
    // What the flow executor remembers of cacheable children's results goes.
    void forget_results();

    // Ends all executors; `on_stopped` runs when none is left (at most the grace plus 1 s later).
    void stop(std::function<void()> on_stopped);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace quercus::executor
