#include "client/sdk/local_jobs.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/transport/sha256.hpp"

namespace quercus::client::detail {

using transport::JobEvent;
using transport::JobId;
using transport::JobState;
using transport::JobStatus;

// A watcher; its mutex is held while it is called, so that ending it waits for a running call.
struct LocalJobs::Listener {
    std::mutex mutex;
    std::function<void(const JobEvent&)> on_event;
    std::function<void(const Status&)> on_end;

    void deliver(const JobEvent& event) {
        const std::lock_guard lock(mutex);
        if (on_event) {
            on_event(event);
        }
        if (on_end && scheduling::is_final(event.state)) {
            std::exchange(on_end, nullptr)(Status::ok());
        }
    }
};

struct LocalJobs::Row {
    JobStatus status;
    Seed seed = 0;
    std::uint64_t number = 0;  // order of submission
    Payload output;
    std::vector<JobEvent> events;
    std::vector<std::shared_ptr<Listener>> listeners;
    std::stop_source stop;
    std::thread thread;
};

class LocalJobs::Listening final : public transport::Subscription {
 public:
    explicit Listening(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
    ~Listening() override {
        const std::lock_guard lock(listener_->mutex);
        listener_->on_event = nullptr;
        listener_->on_end = nullptr;
    }

 private:
    std::shared_ptr<Listener> listener_;
};

namespace {

Status unknown_job(const JobId& id) {
    return not_found("job " + id.to_string() + " is not known");
}

JobState final_state(const Status& status) {
    if (status.is_ok()) {
        return JobState::kSucceeded;
    }
    return status.code() == StatusCode::kCancelled ? JobState::kCancelled : JobState::kFailed;
}

}  // namespace

LocalJobs::LocalJobs(const workflow::Registry& registry, unsigned threads)
    : runtime_(registry, threads) {}

LocalJobs::~LocalJobs() {
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, row] : rows_) {
            row->stop.request_stop();
        }
    }
    for (const auto& [id, row] : rows_) {
        if (row->thread.joinable()) {
            row->thread.join();
        }
    }
}

LocalJobs::Row* LocalJobs::find(JobId id) {
    const auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : found->second.get();
}

void LocalJobs::submit(transport::JobSpec spec, transport::Reply<JobStatus> reply) {
    reply(start(std::move(spec)));
}

Result<JobStatus> LocalJobs::start(transport::JobSpec spec) {
    if (spec.memory_per_task_bytes != 0) {
        return invalid_argument(
            "a memory limit per task needs executors: not with --in-process (leave out "
            "--memory-per-task, or use attached mode)");
    }
    Result<tasks::RootTask> task = tasks::to_root_task(spec.request);
    if (!task) {
        return task.error();
    }
    const std::lock_guard lock(mutex_);
    if (const Row* known = find(spec.id)) {
        return known->status;
    }
    auto row = std::make_unique<Row>();
    row->status.id = spec.id;
    row->status.name = std::move(spec.name);
    row->status.kind = task->kind;
    row->status.submitted_at = std::chrono::system_clock::now();
    row->seed = spec.seed;
    row->number = rows_.size();
    Row& raw = *row;
    rows_.emplace(spec.id, std::move(row));
    const JobStatus status = raw.status;
    raw.thread = std::thread([this, &raw, task = *std::move(task)] { run(raw, task); });
    return status;
}

void LocalJobs::run(Row& row, const tasks::RootTask& task) {
    publish(row, JobEvent{0, JobState::kRunning, {}, {}});
    const auto on_progress = [&](double fraction, std::string_view text, BytesView incumbent) {
        if (!incumbent.empty()) {
            const std::lock_guard lock(mutex_);
            row.output = Payload(Bytes(incumbent));
        }
        publish(row, JobEvent{0,
                              JobState::kRunning,
                              scheduling::Progress{row.status.id, fraction, std::string(text)},
                              {}});
    };
    Result<Bytes> output =
        runtime_.run(task.kind, task.input, row.seed, row.stop.get_token(), on_progress);
    const JobState state = final_state(output.status());
    {
        const std::lock_guard lock(mutex_);
        row.status.error = output.status();
        if (output) {
            row.output = Payload(*std::move(output));
        } else if (state != JobState::kCancelled) {
            row.output = {};
        }
        if (!row.output.empty()) {
            row.status.result_size_bytes = row.output.size();
            row.status.result_sha256 = transport::sha256_hex(row.output.view());
        }
    }
    publish(row, JobEvent{0, state, {}, {}});
}

void LocalJobs::publish(Row& row, JobEvent event) {
    std::vector<std::shared_ptr<Listener>> listeners;
    {
        const std::lock_guard lock(mutex_);
        event.sequence = ++row.status.last_sequence;
        row.status.state = event.state;
        const auto now = std::chrono::system_clock::now();
        if (!row.status.started_at) {
            row.status.started_at = now;
        }
        if (scheduling::is_final(event.state)) {
            row.status.finished_at = now;
        }
        if (event.progress) {
            row.status.progress = event.progress->fraction;
            row.status.progress_text = event.progress->text;
        }
        row.events.push_back(event);
        listeners = row.listeners;
    }
    for (const auto& listener : listeners) {
        listener->deliver(event);
    }
}

void LocalJobs::get(JobId id, transport::Reply<JobStatus> reply) {
    std::unique_lock lock(mutex_);
    const Row* row = find(id);
    Result<JobStatus> status =
        row != nullptr ? Result<JobStatus>(row->status) : Result<JobStatus>(unknown_job(id));
    lock.unlock();
    reply(std::move(status));
}

void LocalJobs::list(transport::Reply<std::vector<JobStatus>> reply) {
    std::vector<std::pair<std::uint64_t, JobStatus>> numbered;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, row] : rows_) {
            numbered.emplace_back(row->number, row->status);
        }
    }
    std::sort(numbered.begin(), numbered.end(),
              [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<JobStatus> jobs;
    for (auto& [number, status] : numbered) {
        jobs.push_back(std::move(status));
    }
    reply(std::move(jobs));
}

void LocalJobs::cancel(JobId id, transport::Reply<JobStatus> reply) {
    {
        const std::lock_guard lock(mutex_);
        if (Row* row = find(id)) {
            row->stop.request_stop();
        }
    }
    get(id, std::move(reply));
}

void LocalJobs::remove(JobId id, transport::Reply<transport::Nothing> reply) {
    std::unique_ptr<Row> removed;
    Status status;
    {
        const std::lock_guard lock(mutex_);
        if (const Row* row = find(id); row == nullptr) {
            status = unknown_job(id);
        } else if (!scheduling::is_final(row->status.state)) {
            status = failed_precondition("job " + id.to_string() + " still runs; cancel it first");
        } else {
            removed = std::move(rows_[id]);
            rows_.erase(id);
        }
    }
    if (removed) {
        removed->thread.join();
        reply(transport::Nothing{});
    } else {
        reply(status);
    }
}

void LocalJobs::fetch(JobId id, transport::Reply<Payload> reply) {
    std::unique_lock lock(mutex_);
    const Row* row = find(id);
    if (row == nullptr) {
        lock.unlock();
        reply(unknown_job(id));
    } else if (!scheduling::is_final(row->status.state)) {
        lock.unlock();
        reply(failed_precondition("job " + id.to_string() + " has no result yet"));
    } else {
        const bool has_one = row->status.error.is_ok() || !row->output.empty();
        Result<Payload> result =
            has_one ? Result<Payload>(row->output) : Result<Payload>(row->status.error);
        lock.unlock();
        reply(std::move(result));
    }
}

std::unique_ptr<transport::Subscription> LocalJobs::watch(
    JobId id, std::uint64_t after_sequence, std::function<void(const JobEvent&)> on_event,
    std::function<void(const Status&)> on_end) {
    auto listener = std::make_shared<Listener>();
    listener->on_event = std::move(on_event);
    listener->on_end = std::move(on_end);
    std::vector<JobEvent> past;
    // Held until the past is told, so that a new event cannot overtake it.
    const std::lock_guard listener_lock(listener->mutex);
    {
        const std::lock_guard lock(mutex_);
        Row* row = find(id);
        if (row == nullptr) {
            std::exchange(listener->on_end, nullptr)(unknown_job(id));
            return nullptr;
        }
        past = row->events;
        row->listeners.push_back(listener);
    }
    for (const JobEvent& event : past) {
        if (event.sequence > after_sequence) {
            listener->on_event(event);
        }
    }
    if (!past.empty() && scheduling::is_final(past.back().state)) {
        std::exchange(listener->on_end, nullptr)(Status::ok());
    }
    return std::make_unique<Listening>(listener);
}

void LocalJobs::tree(transport::Reply<scheduling::Subtree> reply) {
    reply(Status(StatusCode::kUnimplemented, "there is no tree with --in-process"));
}

void LocalJobs::cache(transport::Reply<scheduling::CacheStats> reply) {
    reply(Status(StatusCode::kUnimplemented, "there is no cache with --in-process"));
}

void LocalJobs::clear_cache(transport::Reply<transport::Nothing> reply) {
    reply(Status(StatusCode::kUnimplemented, "there is no cache with --in-process"));
}

}  // namespace quercus::client::detail
