#pragma once

// The job API as a client sees it, in domain types: implemented by the server's desk (in process) and by
// the gRPC client stub, so that attached mode and a remote server look the same.

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

namespace quercus::transport {

using scheduling::JobId;
using scheduling::JobState;
using WallTime = std::chrono::system_clock::time_point;

struct JobSpec {
    JobId id;          // chosen by the client; submitting the same id again returns the same job
    std::string name;  // for people, e.g. the file name; at most 256 bytes
    Seed seed = 0;
    std::uint64_t memory_per_task_bytes = 0;
    bool cancel_on_disconnect = false;
    tasks::Request request;
};

struct JobStatus {
    JobId id;
    std::string name;
    std::string kind;
    JobState state = JobState::kQueued;
    double progress = 0;
    std::string progress_text;
    WallTime submitted_at{};
    std::optional<WallTime> started_at;
    std::optional<WallTime> finished_at;
    Status error;                       // of a failed or cancelled job
    std::uint64_t result_size_bytes = 0;
    std::string result_sha256;          // hex
    scheduling::Report report;          // final states
    std::uint64_t last_sequence = 0;    // of the newest event
};

// Events of one job are numbered 1, 2, 3 ...; a watch can be resumed after any of them. The server keeps
// the newest 1,000; older ones are skipped.
struct JobEvent {
    std::uint64_t sequence = 0;
    JobState state = JobState::kQueued;
    std::optional<scheduling::Progress> progress;
    std::optional<scheduling::Log> log;
};

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
    virtual void submit(JobSpec spec, Reply<JobStatus> reply) = 0;
    virtual void get(JobId id, Reply<JobStatus> reply) = 0;                   // NOT_FOUND
    // Newest first, at most 1,000.
    virtual void list(Reply<std::vector<JobStatus>> reply) = 0;
    // Idempotent; a final job stays as it is.
    virtual void cancel(JobId id, Reply<JobStatus> reply) = 0;
    // Only final jobs: FAILED_PRECONDITION otherwise.
    virtual void remove(JobId id, Reply<Nothing> reply) = 0;
    // The payload of a succeeded job; FAILED_PRECONDITION while it runs, its own error if it failed,
    // CANCELLED if it was cancelled.
    virtual void fetch(JobId id, Reply<Payload> reply) = 0;
    virtual std::unique_ptr<Subscription> watch(JobId id, std::uint64_t after_sequence,
                                                std::function<void(const JobEvent&)> on_event,
                                                std::function<void(const Status&)> on_end) = 0;
    virtual void tree(Reply<scheduling::Subtree> reply) = 0;
};

}  // namespace quercus::transport
