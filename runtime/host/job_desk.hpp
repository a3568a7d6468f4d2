#pragma once

// The server's desk: turns clients' requests into jobs of the server's node and keeps what clients
// ask about (states, events, results). Jobs live in memory. Implements transport::Jobs, so it may
// be called from any thread; all state belongs to the loop.
// An id names one job for the life of the desk: a submit under the id of a job that was removed, or
// forgotten for want of room, is ALREADY_EXISTS, because a late result of the former job carries
// nothing but the id. The desk remembers the newest `removed_ids` of them.

#include <functional>
#include <memory>

#include "runtime/loop/loop.hpp"
#include "runtime/transport/jobs.hpp"

namespace quercus::host {

struct JobDeskPorts {
    std::function<void(scheduling::Event)> submit;  // to the server's node
    // Called on the loop.
    std::function<scheduling::Subtree()> subtree;
    std::function<scheduling::CacheStats()> cache;
    std::function<void(std::function<void()> then)> clear_cache;
};

struct JobDeskLimits {
    std::size_t events_per_job = 1000;
    std::size_t listed_jobs = 1000;
    std::size_t finished_jobs = 10000;                              // oldest are forgotten first
    std::uint64_t unfinished_input_bytes = std::uint64_t{4} << 30;  // RESOURCE_EXHAUSTED above
    std::size_t unfinished_jobs = 10000;                            // RESOURCE_EXHAUSTED above
    std::uint64_t kept_result_bytes = std::uint64_t{4} << 30;       // oldest results go first
    std::size_t removed_ids = 65536;                                // never used again
    // cancel_on_disconnect: how long a job may be without a watcher, from its submission on.
    std::chrono::milliseconds disconnect_grace{5000};
};

class JobDesk final : public transport::Jobs {
 public:
    JobDesk(loop::Loop& loop, JobDeskPorts ports, JobDeskLimits limits = {});
    ~JobDesk() override;

    // Loop thread: what the node says of a job.
    void on_update(const scheduling::JobUpdate& update);

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
    void tree(transport::Reply<scheduling::Subtree> reply) override;
    void cache(transport::Reply<scheduling::CacheStats> reply) override;
    void clear_cache(transport::Reply<transport::Nothing> reply) override;

 private:
    class Impl;
    // Shared with work already posted to the loop, which may run after the desk is gone.
    std::shared_ptr<Impl> impl_;
};

}  // namespace quercus::host
