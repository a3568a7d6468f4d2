#pragma once

// The client of a Quercus tree: submit jobs, follow them, fetch results. No function throws; what
// can fail returns a Result. Everything is thread-safe, and any number of jobs may be open at once.
//
// Callbacks run one after the other on a thread of the Client. They may call anything here except
// what waits for a job (Job::wait, Client::compile) or destroys a Watch or the last copy of the
// Client.

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quercus/jobs.hpp"

namespace quercus::client {

namespace detail {
struct Session;
class Follower;
}  // namespace detail

// A tree inside this process, see Client::attach.
struct AttachOptions {
    unsigned workers = 0;                     // 0: one per core that this process may use
    std::uint64_t memory_per_task_bytes = 0;  // 0: no limit
    std::string executor{};  // path of quercus-executor; empty: found beside this executable
};

// Threads of this process instead of executors, see Client::in_process.
struct InProcessOptions {
    unsigned workers = 0;
};

// Follows a job until it is destroyed; after the destructor no callback runs any more.
class Watch {
 public:
    Watch(std::shared_ptr<detail::Session> session, std::shared_ptr<detail::Follower> follower);
    Watch(Watch&&) noexcept;
    Watch& operator=(Watch&&) noexcept;
    ~Watch();

 private:
    std::shared_ptr<detail::Session> session_;
    std::shared_ptr<detail::Follower> follower_;
};

using OnEvent = std::function<void(const JobEvent&)>;
// The finished job, or why it can no longer be followed (NOT_FOUND; UNAVAILABLE after 60 s without
// server).
using OnFinished = std::function<void(const Result<JobInfo>&)>;
// The server does not answer; it is asked again and again for `patience`, then OnFinished follows.
// Once per loss.
using OnLost = std::function<void(const Status& reason, std::chrono::seconds patience)>;

// A handle; copies mean the same job. The job itself lives in the tree, whatever happens to
// handles.
class Job {
 public:
    Job(std::shared_ptr<detail::Session> session, JobId id);

    [[nodiscard]] JobId id() const { return id_; }
    [[nodiscard]] Result<JobInfo> info() const;

    // Until the job is final. DEADLINE_EXCEEDED when the time is over first. A failed job is a
    // value here (state kFailed), not an error. Short breaks of the connection are bridged.
    [[nodiscard]] Result<JobInfo> wait(
        std::optional<std::chrono::milliseconds> limit = std::nullopt) const;
    // The same as a future and as a callback.
    [[nodiscard]] std::future<Result<JobInfo>> finished() const;
    void on_finished(OnFinished callback) const;
    // Events from the first one still kept, then `on_finished` once.
    [[nodiscard]] Watch watch(OnEvent on_event, OnFinished on_finished = {},
                              OnLost on_lost = {}) const;

    // Of a succeeded job, or the best that a cancelled search had found (then result_size_bytes >
    // 0); FAILED_PRECONDITION while it runs, else the job's own error.
    [[nodiscard]] Result<std::string> result_bytes() const;
    [[nodiscard]] Result<CompileResult> compile_result() const;
    [[nodiscard]] Result<SynthesizeResult> synthesize_result() const;

    // FAILED_PRECONDITION when it is final already.
    [[nodiscard]] Result<JobInfo> cancel() const;
    // Forgets a finished job and its result; FAILED_PRECONDITION while it runs.
    [[nodiscard]] Status remove() const;

 private:
    std::shared_ptr<detail::Session> session_;
    JobId id_;
};

class Client {
 public:
    // A server at host[:port] (default port 7472; IPv6 in brackets). Fails with UNAVAILABLE when it
    // does not answer within `limit`.
    static Result<Client> connect(const std::string& address,
                                  std::chrono::milliseconds limit = std::chrono::seconds(10));
    // Attached mode: a server and a rank in this process, one executor process per worker. Jobs end
    // with the last copy of the Client and of its Jobs.
    static Result<Client> attach(const AttachOptions& options = {});
    // Threads of this process do the work: no hard cancel, no memory limit, no crash isolation.
    static Result<Client> in_process(const InProcessOptions& options = {});

    // The jobs of a tree run side by side.
    [[nodiscard]] Result<Job> submit(const Work& work, const JobOptions& options = {}) const;
    // Submits, waits and fetches.
    [[nodiscard]] Result<CompileResult> compile(const CompileJob& work,
                                                const JobOptions& options = {}) const;
    // The same for many circuits, which run side by side: entry i is the result for works[i], or
    // its error, which changes nothing for the others. One id cannot name several jobs:
    // INVALID_ARGUMENT in every entry for an id in `options` and more than one circuit.
    [[nodiscard]] std::vector<Result<CompileResult>> compile(const std::vector<CompileJob>& works,
                                                             const JobOptions& options = {}) const;
    // A handle for a job submitted earlier or elsewhere; nothing is asked of the server.
    [[nodiscard]] Job job(JobId id) const;
    // Newest first, at most 1,000.
    [[nodiscard]] Result<std::vector<JobInfo>> list() const;
    [[nodiscard]] Result<std::vector<NodeInfo>> tree() const;
    // The server's cache of results. UNIMPLEMENTED in process.
    [[nodiscard]] Result<CacheInfo> cache() const;
    // Forgets all of them, on disk and in the managers too.
    [[nodiscard]] Status clear_cache() const;

 private:
    explicit Client(std::shared_ptr<detail::Session> session);
    std::shared_ptr<detail::Session> session_;
};

// The version of the library, e.g. "0.1.0 (a1b2c3d)".
[[nodiscard]] std::string version();

}  // namespace quercus::client
