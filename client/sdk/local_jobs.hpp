#pragma once

// The job API over workflow::LocalRuntime: threads of this process instead of a tree. No hard
// cancel, no memory limit, no crash isolation. One thread per running job plus the kernels' pool.

#include <map>
#include <memory>
#include <mutex>

#include "runtime/transport/jobs.hpp"
#include "runtime/workflow/local_runtime.hpp"

namespace quercus::client::detail {

class LocalJobs final : public transport::Jobs {
 public:
    // `registry` outlives this; threads >= 1.
    LocalJobs(const workflow::Registry& registry, unsigned threads);
    // Cancels what runs and waits for it.
    ~LocalJobs() override;

    // INVALID_ARGUMENT for a job that asks for a memory limit.
    void submit(transport::JobSpec spec, transport::Reply<transport::JobStatus> reply) override;
    void get(transport::JobId id, transport::Reply<transport::JobStatus> reply) override;
    void list(transport::Reply<std::vector<transport::JobStatus>> reply) override;
    void cancel(transport::JobId id, transport::Reply<transport::JobStatus> reply) override;
    void remove(transport::JobId id, transport::Reply<transport::Nothing> reply) override;
    void fetch(transport::JobId id, transport::Reply<Payload> reply) override;
    std::unique_ptr<transport::Subscription> watch(
        transport::JobId id, std::uint64_t after_sequence,
        std::function<void(const transport::JobEvent&)> on_event,
        std::function<void(const Status&)> on_end) override;
    // UNIMPLEMENTED: there is no tree.
    void tree(transport::Reply<scheduling::Subtree> reply) override;
    void cache(transport::Reply<scheduling::CacheStats> reply) override;
    void clear_cache(transport::Reply<transport::Nothing> reply) override;

 private:
    struct Listener;
    struct Row;
    class Listening;

    Result<transport::JobStatus> start(transport::JobSpec spec);
    void run(Row& row, const tasks::RootTask& task);
    void publish(Row& row, transport::JobEvent event);
    Row* find(transport::JobId id);  // with the mutex held

    workflow::LocalRuntime runtime_;
    std::mutex mutex_;
    std::map<transport::JobId, std::unique_ptr<Row>> rows_;
};

}  // namespace quercus::client::detail
