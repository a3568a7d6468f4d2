#pragma once

// Jobs as clients and the server speak of them, in domain types. The interface over them is
// runtime/transport/jobs.hpp.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "quantum/base/random.hpp"
#include "quantum/base/status.hpp"
#include "runtime/scheduling/node.hpp"
#include "runtime/tasks/requests.hpp"

namespace quercus::wire {

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
    Status error;  // of a failed or cancelled job
    std::uint64_t result_size_bytes = 0;
    std::string result_sha256;        // hex
    scheduling::Report report;        // final states
    std::uint64_t last_sequence = 0;  // of the newest event
};

// Events of one job are numbered 1, 2, 3 ...; a watch can be resumed after any of them. The server
// keeps the newest 1,000; older ones are skipped.
struct JobEvent {
    std::uint64_t sequence = 0;
    JobState state = JobState::kQueued;
    std::optional<scheduling::Progress> progress;
    std::optional<scheduling::Log> log;
};

}  // namespace quercus::wire
