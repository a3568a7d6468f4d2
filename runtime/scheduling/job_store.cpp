#include "runtime/scheduling/job_store.hpp"

#include <algorithm>

#include "runtime/scheduling/brain.hpp"
#include "runtime/scheduling/fence.hpp"

namespace quercus::scheduling {

void JobStore::submitted(const JobSubmitted& event) {
    if (event.head == nullptr || jobs_.contains(event.job) || brain_.stopping) {
        return;
    }
    jobs_[event.job] = JobState::kQueued;
    brain_.revive_job(event.job);
    brain_.fact(Severity::kInfo, "job_submitted",
                "job=" + event.job.to_string() + " kind=" + event.head->kind);
    JobUpdate update;
    update.job = event.job;
    brain_.sink->job_updated(update);
    Task task{{event.job, Path()}, {0, 1}, event.head, event.input, 0, {}};
    Entry& root = brain_.table.create(std::move(task), Edge::job(), event.head->is_workflow);
    brain_.dispatch.enqueue(root);
}

void JobStore::cancelled(const JobCancelled& event) {
    JobUpdate update;
    update.state = JobState::kCancelled;
    update.error =
        Status(StatusCode::kCancelled, "job " + event.job.to_string() + " was cancelled");
    end(event.job, std::move(update));
}

void JobStore::removed(const JobRemoved& event) {
    const auto found = jobs_.find(event.job);
    if (found != jobs_.end() && is_final(found->second)) {
        jobs_.erase(found);
    }
}

void JobStore::root_started(const JobId& job) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end() || found->second != JobState::kQueued) {
        return;
    }
    found->second = JobState::kRunning;
    JobUpdate update;
    update.job = job;
    update.state = JobState::kRunning;
    brain_.sink->job_updated(update);
}

void JobStore::root_finished(Entry& entry, const Done& done) {
    JobUpdate update;
    update.state = done.status.is_ok() ? JobState::kSucceeded : JobState::kFailed;
    update.error = done.status;
    update.output = done.output;
    if (auto report = decode_report(done.report)) {
        update.report = std::move(*report);
    }
    if (!entry.workflow) {
        const Execution& ran = done.execution;
        update.report = {1, 0, {{ran.rank, ran.place, 1, ran.cpu_us}}};
    }
    end(entry.task.id.job, std::move(update));
}

void JobStore::root_lost(Entry& entry, LossReason reason, const std::string& detail) {
    const JobId job = entry.task.id.job;
    if (reason == LossReason::kExecutorCrashed && ++entry.crashes >= brain_.config.crash_limit) {
        JobUpdate update;
        update.state = JobState::kFailed;
        update.error = internal_error("job " + job.to_string() + " crashed " +
                                      std::to_string(entry.crashes) + " times, last on " + detail);
        end(job, std::move(update));
        return;
    }
    if (entry.to.kind == Edge::Kind::kChild) {
        const NodeId through = entry.to.child->hello.node;
        // Its subtree remembers what has been computed; a task that crashes there goes elsewhere.
        (reason == LossReason::kExecutorCrashed ? entry.avoid : entry.prefer) = through;
    }
    entry.task.fence.attempt += 1;
    reissued_[job] += 1;
    brain_.table.set_phase(entry, Phase::kOpen);
    brain_.dispatch.enqueue(entry);
    brain_.task_fact(Severity::kInfo, "task_reissued", entry, " reason=" + detail);
}

void JobStore::round_state(const RoundState& state) {
    Entry* entry = brain_.table.find(state.id);
    if (entry != nullptr && entry->from.kind == Edge::Kind::kJob &&
        is_current(state.fence, entry->to_fence) && state.round > entry->task.round) {
        entry->task.round = state.round;
        entry->task.state = state.state;
    }
}

void JobStore::end(JobId job, JobUpdate update) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end() || is_final(found->second)) {
        return;
    }
    found->second = update.state;
    update.job = job;
    if (const auto count = reissued_.find(job); count != reissued_.end()) {
        update.report.reissued += count->second;
        reissued_.erase(count);
    }
    brain_.fact(Severity::kInfo, "job_finished",
                "job=" + job.to_string() + " status=" + update.error.to_string());
    brain_.job_ended(job);
    brain_.sink->job_updated(update);
}

void JobStore::progress(const Progress& progress) {
    const auto found = jobs_.find(progress.job);
    if (found != jobs_.end() && !is_final(found->second)) {
        JobUpdate update;
        update.job = progress.job;
        update.state = found->second;
        update.progress = progress;
        brain_.sink->job_updated(update);
    }
}

void JobStore::log(const Log& log) {
    const auto found = jobs_.find(log.job);
    if (found != jobs_.end() && !is_final(found->second)) {
        JobUpdate update;
        update.job = log.job;
        update.state = found->second;
        update.log = log;
        brain_.sink->job_updated(update);
    }
}

void JobStore::stop() {
    std::vector<JobId> open;
    for (const auto& [job, state] : jobs_) {
        if (!is_final(state)) {
            open.push_back(job);
        }
    }
    std::sort(open.begin(), open.end());
    for (const JobId& job : open) {
        JobUpdate update;
        update.state = JobState::kFailed;
        update.error = unavailable("job " + job.to_string() +
                                   " ended: jobs live in memory; the server was stopped");
        end(job, std::move(update));
    }
}

std::optional<JobState> JobStore::state(const JobId& job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace quercus::scheduling
