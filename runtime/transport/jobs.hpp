#pragma once

// The job API as a client sees it, in domain types: implemented by the server's desk (in process)
// and by the gRPC client stub, so that attached mode and a remote server look the same.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "runtime/scheduling/node.hpp"
#include "runtime/tasks/requests.hpp"
#include "runtime/wire/job_types.hpp"

namespace quercus::transport {

using scheduling::JobId;
using scheduling::JobState;
using wire::JobEvent;
using wire::JobSpec;
using wire::JobStatus;
using wire::WallTime;

template <class T>
using Reply = std::function<void(Result<T>)>;

struct Nothing {};

// Ends a watch when destroyed; no callback runs after the destructor has returned.
class Subscription {
 public:
    virtual ~Subscription() = default;
};

// Thread-safe. Replies run on a thread of the implementation and must not block it.
class Jobs {
 public:
    virtual ~Jobs() = default;
    // ALREADY_EXISTS: the id names another job, or one that has been removed.
    virtual void submit(JobSpec spec, Reply<JobStatus> reply) = 0;
    virtual void get(JobId id, Reply<JobStatus> reply) = 0;  // NOT_FOUND
    // Newest first, at most 1,000.
    virtual void list(Reply<std::vector<JobStatus>> reply) = 0;
    // Idempotent; a final job stays as it is.
    virtual void cancel(JobId id, Reply<JobStatus> reply) = 0;
    // Only final jobs: FAILED_PRECONDITION otherwise.
    virtual void remove(JobId id, Reply<Nothing> reply) = 0;
    // The payload of a succeeded job, whose `result_sha256` is its digest, or the incumbent of a
    // cancelled one; FAILED_PRECONDITION while it runs, its own error if it failed, CANCELLED if it
    // was cancelled and had none.
    virtual void fetch(JobId id, Reply<Payload> reply) = 0;
    // Events after the given one, then on_end: OK when the job is final, else why there are no more
    // (UNAVAILABLE: the connection broke). The caller resumes.
    virtual std::unique_ptr<Subscription> watch(JobId id, std::uint64_t after_sequence,
                                                std::function<void(const JobEvent&)> on_event,
                                                std::function<void(const Status&)> on_end) = 0;
    virtual void tree(Reply<scheduling::Subtree> reply) = 0;
    virtual void cache(Reply<scheduling::CacheStats> reply) = 0;
    virtual void clear_cache(Reply<Nothing> reply) = 0;
};

}  // namespace quercus::transport
