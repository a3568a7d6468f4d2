#include "client/sdk/convert.hpp"

#include <utility>

namespace quercus::client {

std::string_view to_string(JobState state) {
    switch (state) {
        case JobState::kQueued:
            return "queued";
        case JobState::kRunning:
            return "running";
        case JobState::kSucceeded:
            return "succeeded";
        case JobState::kFailed:
            return "failed";
        case JobState::kCancelled:
            return "cancelled";
    }
    return "unknown";
}

namespace detail {
namespace {

std::string_view to_string(scheduling::Role role) {
    switch (role) {
        case scheduling::Role::kServer:
            return "server";
        case scheduling::Role::kManager:
            return "manager";
        case scheduling::Role::kRank:
            return "rank";
    }
    return "unknown";
}

Report to_public(const scheduling::Report& report) {
    Report result{report.tasks, report.reissued, {}, report.cached};
    for (const scheduling::WorkerShare& share : report.workers) {
        result.workers.push_back({share.rank.to_string(), share.place, share.tasks,
                                  std::chrono::microseconds(share.cpu_us)});
    }
    return result;
}

NodeInfo to_public(const scheduling::NodeInfo& node) {
    NodeInfo result;
    result.id = node.node.to_string();
    result.parent = node.parent.is_nil() ? std::string() : node.parent.to_string();
    result.role = to_string(node.role);
    result.name = node.name;
    result.build = node.build;
    result.listening = node.listening;
    result.tags = node.tags;
    result.state = node.state;
    for (const scheduling::WorkerInfo& worker : node.workers) {
        result.workers.push_back({worker.cpus, worker.pid, worker.tasks_done});
    }
    return result;
}

}  // namespace

scheduling::JobId to_domain(const JobId& id) {
    return {id.bytes};
}

JobId to_public(const scheduling::JobId& id) {
    return {id.bytes};
}

JobState to_public(scheduling::JobState state) {
    switch (state) {
        case scheduling::JobState::kQueued:
            return JobState::kQueued;
        case scheduling::JobState::kRunning:
            return JobState::kRunning;
        case scheduling::JobState::kSucceeded:
            return JobState::kSucceeded;
        case scheduling::JobState::kFailed:
            return JobState::kFailed;
        case scheduling::JobState::kCancelled:
            return JobState::kCancelled;
    }
    return JobState::kFailed;
}

JobInfo to_public(const transport::JobStatus& status) {
    JobInfo info;
    info.id = to_public(status.id);
    info.name = status.name;
    info.kind = status.kind;
    info.state = to_public(status.state);
    info.progress = status.progress;
    info.progress_text = status.progress_text;
    info.submitted_at = status.submitted_at;
    info.started_at = status.started_at;
    info.finished_at = status.finished_at;
    info.error = status.error;
    info.result_size_bytes = status.result_size_bytes;
    info.result_sha256 = status.result_sha256;
    info.report = to_public(status.report);
    return info;
}

JobEvent to_public(const transport::JobEvent& event) {
    JobEvent result;
    result.sequence = event.sequence;
    result.state = to_public(event.state);
    if (event.progress) {
        result.progress = JobEvent::Progress{event.progress->fraction, event.progress->text};
    }
    if (event.log) {
        result.log = event.log->text;
    }
    return result;
}

std::vector<NodeInfo> to_public(const scheduling::Subtree& tree) {
    std::vector<NodeInfo> nodes;
    for (const scheduling::NodeInfo& node : tree.nodes) {
        nodes.push_back(to_public(node));
    }
    return nodes;
}

}  // namespace detail
}  // namespace quercus::client
