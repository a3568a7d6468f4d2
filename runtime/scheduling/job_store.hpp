#pragma once

// The server's jobs. They live in memory: stopping the server ends them.

#include <unordered_map>

#include "runtime/scheduling/table.hpp"

namespace quercus::scheduling {

struct Brain;

class JobStore {
 public:
    explicit JobStore(Brain& brain) : brain_(brain) {}

    void submitted(const JobSubmitted& event);
    void cancelled(const JobCancelled& event);
    void removed(const JobRemoved& event);
    void root_started(const JobId& job);
    void root_finished(Entry& entry, const Done& done);
    void root_lost(Entry& entry, LossReason reason, const std::string& detail);
    void round_state(const RoundState& state);
    void progress(const Progress& progress);
    void log(const Log& log);
    // Every unfinished job fails with UNAVAILABLE.
    void stop();

    [[nodiscard]] std::optional<JobState> state(const JobId& job) const;

 private:
    void end(JobId job, JobUpdate update);
    Brain& brain_;
    std::unordered_map<JobId, JobState> jobs_;
    std::unordered_map<JobId, std::uint64_t> reissued_;
};

}  // namespace quercus::scheduling
