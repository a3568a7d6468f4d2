#pragma once

// A tree of the real executables on loopback, for system tests: every process listens on a free
// port and logs JSON at full verbosity into the test's folder.

#include <memory>
#include <string>
#include <vector>

#include "runtime/transport/jobs.hpp"
#include "tests/support/process.hpp"

namespace quercus::testing {

struct Daemon {
    Process process;
    std::string address;   // host:port; empty for ranks that do not listen
    std::string log_file;  // shared with the ranks that a manager starts

    // Lines of the log so far that contain all of `words`.
    [[nodiscard]] std::vector<std::string> log_lines(const std::vector<std::string>& words) const;
    // Waits until at least `count` lines contain all of `words`.
    [[nodiscard]] bool wait_log(const std::vector<std::string>& words, std::size_t count,
                                Deadline deadline) const;
};

class Tree {
 public:
    // Lease and heartbeat are short, so that losses are noticed within the test's patience.
    explicit Tree(double lease_s = 2.0);

    Daemon& server(const std::vector<std::string>& arguments = {});
    Daemon& manager(const std::vector<std::string>& arguments = {});
    // Joins `parent`.
    Daemon& rank(int workers, const std::string& parent,
                 const std::vector<std::string>& arguments = {},
                 const std::map<std::string, std::string>& environment = {});

    // Waits until `quercus server wait --workers n` is satisfied.
    [[nodiscard]] bool wait_workers(int workers, Deadline deadline);
    [[nodiscard]] const std::string& server_address() const { return server_->address; }
    [[nodiscard]] const std::string& folder() const { return folder_.path(); }
    // SIGINT to the server; true when every process of the tree has ended with code 0 by the
    // deadline and nothing that any of them started is left.
    [[nodiscard]] bool stop(Deadline deadline);

 private:
    Daemon& start(std::vector<std::string> argv, bool listens,
                  const std::map<std::string, std::string>& environment = {});

    TemporaryFolder folder_;
    double lease_s_;
    std::vector<std::unique_ptr<Daemon>> daemons_;
    Daemon* server_ = nullptr;
};

// The job API with waiting calls.
class WaitingJobs {
 public:
    explicit WaitingJobs(transport::Jobs& jobs) : jobs_(jobs) {}
    Result<transport::JobStatus> submit(transport::JobSpec spec);
    Result<transport::JobStatus> get(transport::JobId id);
    Result<transport::JobStatus> cancel(transport::JobId id);
    Result<transport::Nothing> remove(transport::JobId id);
    Result<Payload> fetch(transport::JobId id);
    Result<scheduling::Subtree> tree();
    Result<scheduling::CacheStats> cache();
    Result<transport::Nothing> clear_cache();
    // Until the job is final; DEADLINE_EXCEEDED otherwise.
    Result<transport::JobStatus> wait(transport::JobId id, Deadline deadline);

 private:
    transport::Jobs& jobs_;
};

// A spec with a fresh random id.
transport::JobSpec make_spec(tasks::Request request, Seed seed = 0);

}  // namespace quercus::testing
