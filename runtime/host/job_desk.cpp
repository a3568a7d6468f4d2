#include "runtime/host/job_desk.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "quantum/base/codec.hpp"
#include "runtime/host/digester.hpp"
#include "runtime/host/job_record.hpp"
#include "runtime/tasks/registry.hpp"

namespace quercus::host {

using scheduling::JobUpdate;
using transport::JobEvent;
using transport::JobId;
using transport::JobSpec;
using transport::JobState;
using transport::JobStatus;
using transport::Reply;
using Record = JobRecord;

namespace {

// What makes two submissions the same job: everything that its result may depend on.
Digest identity_of(const JobSpec& spec, const tasks::RootTask& root) {
    Encoder encoder;
    encoder.bytes(root.kind);
    encoder.u64(spec.seed);
    encoder.u64(spec.memory_per_task_bytes);
    const Digest input = digest_of(root.input);
    encoder.bytes(BytesView(reinterpret_cast<const char*>(input.bytes.data()), input.bytes.size()));
    return digest_of(encoder.view());
}

Status unknown_job(JobId id) {
    return not_found("job " + id.to_string() +
                     ": not known here (removed, never submitted, or the server was restarted)");
}

// Bounded; the oldest are forgotten first.
class RemovedIds {
 public:
    explicit RemovedIds(std::size_t limit) : limit_(limit) {}
    void add(JobId id) {
        if (known_.insert(id).second) {
            order_.push_back(id);
        }
        while (order_.size() > limit_) {
            known_.erase(order_.front());
            order_.pop_front();
        }
    }
    [[nodiscard]] bool contains(JobId id) const { return known_.contains(id); }

 private:
    std::size_t limit_;
    std::deque<JobId> order_;
    std::unordered_set<JobId> known_;
};

}  // namespace

class JobDesk::Impl : public std::enable_shared_from_this<JobDesk::Impl> {
 public:
    Impl(loop::Loop& loop, JobDeskPorts ports, JobDeskLimits limits)
        : loop_(loop), ports_(std::move(ports)), limits_(limits), removed_(limits.removed_ids) {}

    // Runs `work(impl)` on the loop, if the desk still exists then.
    template <class Work>
    void post(Work work) {
        loop_.post([weak = weak_from_this(), work = std::move(work)]() mutable {
            if (auto self = weak.lock()) {
                work(*self);
            }
        });
    }

    void submit(JobSpec& spec, Result<tasks::RootTask>& root, const Digest& digest,
                const Reply<JobStatus>& reply) {
        if (auto known = records_.find(spec.id); known != records_.end()) {
            reply(!root ? Result<JobStatus>(root.error())
                  : known->second.request_digest == digest
                      ? Result<JobStatus>(known->second.status)
                      : Status(StatusCode::kAlreadyExists,
                               "job " + spec.id.to_string() + ": this id names another job"));
            return;
        }
        if (!root) {
            reply(root.error());
            return;
        }
        if (removed_.contains(spec.id)) {
            reply(Status(StatusCode::kAlreadyExists,
                         "job " + spec.id.to_string() +
                             ": this id named a job that was removed; submit with a new id"));
            return;
        }
        if (Status full = admit(root->input.size()); !full.is_ok()) {
            reply(full);
            return;
        }
        const workflow::KindInfo* kind = tasks::builtin_registry().find(root->kind);
        Record& record = records_[spec.id];
        record.request_digest = digest;
        record.cancel_on_disconnect = spec.cancel_on_disconnect;
        record.status.id = spec.id;
        record.status.name = spec.name;
        record.status.kind = root->kind;
        record.status.submitted_at = std::chrono::system_clock::now();
        order_.push_back(spec.id);
        ++unfinished_;
        record.input_bytes = root->input.size();
        unfinished_input_bytes_ += record.input_bytes;
        add_event(record, {});
        auto head = std::make_shared<scheduling::TaskHead>();
        head->kind = root->kind;
        head->version = kind->version;
        head->is_workflow = static_cast<bool>(kind->workflow);
        head->job_seed = spec.seed;
        head->memory_bytes = spec.memory_per_task_bytes;
        ports_.submit(
            scheduling::JobSubmitted{spec.id, std::move(head), Payload(std::move(root->input))});
        reply(record.status);
        expect_watcher(record);  // the client may be gone before its first watch
    }

    // The result of a job gets its digest before anybody hears that the job has succeeded.
    void on_update(const JobUpdate& update) {
        if (update.state != JobState::kSucceeded) {
            apply(update, {});
            return;
        }
        digester_.compute(update.output,
                          [weak = weak_from_this(), update](const std::string& sha256) {
                              if (const auto self = weak.lock()) {
                                  self->apply(update, sha256);
                              }
                          });
    }
    // No digest is computed any more afterwards.
    void stop_digester() { digester_.stop(); }

    void apply(const JobUpdate& update, const std::string& sha256) {
        const auto found = records_.find(update.job);
        if (found == records_.end() || is_final(found->second.status.state)) {
            return;
        }
        Record& record = found->second;
        JobStatus& status = record.status;
        const auto now = std::chrono::system_clock::now();
        status.state = update.state;
        if (update.state == JobState::kRunning && !status.started_at) {
            status.started_at = now;
        }
        if (update.progress) {
            status.progress = update.progress->fraction;
            status.progress_text = update.progress->text;
            if (!update.progress->incumbent.empty()) {
                keep_incumbent(update.job, update.progress->incumbent);
            }
        }
        if (is_final(update.state)) {
            finish(record, update, sha256, now);
        }
        JobEvent event;
        event.progress = update.progress;
        if (event.progress) {
            event.progress->incumbent = {};
        }
        event.log = update.log;
        add_event(record, std::move(event));
        if (is_final(status.state)) {
            end_watchers(record);
        }
    }

    Record* find(JobId id) {
        const auto found = records_.find(id);
        return found == records_.end() ? nullptr : &found->second;
    }

    std::vector<JobStatus> list() {
        std::vector<JobStatus> all;
        for (auto id = order_.rbegin(); id != order_.rend() && all.size() < limits_.listed_jobs;
             ++id) {
            if (const Record* record = find(*id)) {
                all.push_back(record->status);
            }
        }
        return all;
    }

    Result<JobStatus> cancel(JobId id) {
        Record* record = find(id);
        if (record == nullptr) {
            return unknown_job(id);
        }
        if (!is_final(record->status.state)) {
            ports_.submit(scheduling::JobCancelled{id});
            // The node confirms; clients that ask at once already see the decision.
            JobUpdate update;
            update.job = id;
            update.state = JobState::kCancelled;
            update.error = Status(StatusCode::kCancelled, "job " + id.to_string() + ": cancelled");
            update.output = record->incumbent;
            apply(update, record->incumbent_sha256);
        }
        return record->status;
    }

    Result<transport::Nothing> remove(JobId id) {
        Record* record = find(id);
        if (record == nullptr) {
            return unknown_job(id);
        }
        if (!is_final(record->status.state)) {
            return failed_precondition("job " + id.to_string() +
                                       ": still running; cancel it before it is removed");
        }
        forget(id);
        return transport::Nothing{};
    }

    Result<Payload> fetch(JobId id) {
        Record* record = find(id);
        if (record == nullptr) {
            return unknown_job(id);
        }
        if (!is_final(record->status.state)) {
            return failed_precondition("job " + id.to_string() +
                                       ": not finished yet; wait for it or watch it");
        }
        if (record->status.state != JobState::kSucceeded && record->result.empty()) {
            return record->status.error;
        }
        return record->result;
    }

    void watch(JobId id, const std::shared_ptr<Watcher>& watcher) {
        Record* record = find(id);
        if (record == nullptr) {
            watcher->end(unknown_job(id));
            return;
        }
        record->disconnect_timer.reset();
        for (const JobEvent& event : record->events) {
            watcher->deliver(event);
        }
        if (is_final(record->status.state)) {
            watcher->end(Status::ok());
        } else {
            record->watchers.push_back(watcher);
        }
    }

    void unwatch(JobId id, const std::shared_ptr<Watcher>& watcher) {
        Record* record = find(id);
        if (record == nullptr) {
            return;
        }
        record->watchers.remove(watcher);
        expect_watcher(*record);
    }

    [[nodiscard]] const JobDeskPorts& ports() const { return ports_; }

    void end_all(const Status& reason) {
        for (auto& [id, record] : records_) {
            for (const auto& watcher : std::exchange(record.watchers, {})) {
                watcher->end(reason);
            }
        }
    }

 private:
    [[nodiscard]] Status admit(std::uint64_t input_bytes) const {
        if (unfinished_ >= limits_.unfinished_jobs ||
            unfinished_input_bytes_ + input_bytes > limits_.unfinished_input_bytes) {
            return resource_exhausted("the server holds " + std::to_string(unfinished_) +
                                      " unfinished jobs with " +
                                      std::to_string(unfinished_input_bytes_) +
                                      " bytes of input; try again when some have ended");
        }
        return Status::ok();
    }

    // Cancels the job after a grace without watcher, if its client has asked for that.
    void expect_watcher(Record& record) {
        if (record.cancel_on_disconnect && record.watchers.empty() &&
            !is_final(record.status.state)) {
            record.disconnect_timer = std::make_unique<loop::Loop::Timer>(loop_);
            record.disconnect_timer->after(limits_.disconnect_grace, [this, id = record.status.id] {
                static_cast<void>(cancel(id));
            });
        }
    }

    void finish(Record& record, const JobUpdate& update, const std::string& sha256,
                transport::WallTime now) {
        JobStatus& status = record.status;
        --unfinished_;
        unfinished_input_bytes_ -= record.input_bytes;
        while (order_.size() - unfinished_ > limits_.finished_jobs && drop_oldest(status.id)) {
        }
        status.finished_at = now;
        status.error = update.error;
        status.report = update.report;
        record.incumbent = {};
        if (update.state == JobState::kSucceeded) {
            status.progress = 1;
        } else if (update.output.empty()) {
            return;
        }
        record.result = update.output;
        status.result_size_bytes = update.output.size();
        status.result_sha256 = sha256;
        result_bytes_ += update.output.size();
        while (result_bytes_ > limits_.kept_result_bytes && drop_oldest(status.id)) {
        }
    }

    void keep_incumbent(JobId id, const Payload& incumbent) {
        digester_.compute(incumbent,
                          [weak = weak_from_this(), id, incumbent](const std::string& sha256) {
                              const auto self = weak.lock();
                              Record* record = self ? self->find(id) : nullptr;
                              if (record != nullptr && !is_final(record->status.state)) {
                                  record->incumbent = incumbent;
                                  record->incumbent_sha256 = sha256;
                              }
                          });
    }

    bool drop_oldest(JobId newest) {
        for (const JobId id : order_) {
            const Record* record = find(id);
            if (record != nullptr && id != newest && is_final(record->status.state)) {
                forget(id);
                return true;
            }
        }
        return false;
    }

    void forget(JobId id) {
        result_bytes_ -= records_.at(id).result.size();
        records_.erase(id);
        removed_.add(id);
        order_.erase(std::find(order_.begin(), order_.end(), id));
        ports_.submit(scheduling::JobRemoved{id});
    }

    void add_event(Record& record, JobEvent event) {
        event.sequence = ++record.status.last_sequence;
        event.state = record.status.state;
        record.events.push_back(std::move(event));
        if (record.events.size() > limits_.events_per_job) {
            record.events.pop_front();
        }
        for (const auto& watcher : record.watchers) {
            watcher->deliver(record.events.back());
        }
    }

    static void end_watchers(Record& record) {
        for (const auto& watcher : std::exchange(record.watchers, {})) {
            watcher->end(Status::ok());
        }
    }

    loop::Loop& loop_;
    JobDeskPorts ports_;
    JobDeskLimits limits_;
    std::unordered_map<JobId, Record> records_;
    std::deque<JobId> order_;  // of submission
    RemovedIds removed_;
    std::size_t unfinished_ = 0;
    std::uint64_t unfinished_input_bytes_ = 0;
    std::uint64_t result_bytes_ = 0;
    Digester digester_{loop_};
};

namespace {

class DeskSubscription final : public transport::Subscription {
 public:
    DeskSubscription(std::shared_ptr<Watcher> watcher, std::function<void()> on_gone)
        : watcher_(std::move(watcher)), on_gone_(std::move(on_gone)) {}
    ~DeskSubscription() override {
        {
            const std::lock_guard lock(watcher_->mutex);
            watcher_->active = false;
        }
        on_gone_();
    }

 private:
    std::shared_ptr<Watcher> watcher_;
    std::function<void()> on_gone_;
};

}  // namespace

JobDesk::JobDesk(loop::Loop& loop, JobDeskPorts ports, JobDeskLimits limits)
    : impl_(std::make_shared<Impl>(loop, std::move(ports), limits)) {}

JobDesk::~JobDesk() {
    impl_->stop_digester();
    impl_->end_all(unavailable("the server is stopping"));
}

void JobDesk::on_update(const JobUpdate& update) {
    impl_->on_update(update);
}

void JobDesk::submit(JobSpec spec, Reply<JobStatus> reply) {
    // Validation may be long: it runs on the caller's thread, not on the loop.
    Result<tasks::RootTask> root = spec.id.is_nil() ? invalid_argument("the job id is nil")
                                                    : tasks::to_root_task(spec.request);
    const Digest digest = root ? identity_of(spec, *root) : Digest{};
    spec.request = tasks::TaskRequest{};
    impl_->post([spec = std::move(spec), root = std::move(root), digest, reply = std::move(reply)](
                    Impl& impl) mutable { impl.submit(spec, root, digest, reply); });
}

void JobDesk::get(JobId id, Reply<JobStatus> reply) {
    impl_->post([id, reply = std::move(reply)](Impl& impl) {
        const Record* record = impl.find(id);
        reply(record == nullptr ? Result<JobStatus>(unknown_job(id)) : record->status);
    });
}

void JobDesk::list(Reply<std::vector<JobStatus>> reply) {
    impl_->post([reply = std::move(reply)](Impl& impl) { reply(impl.list()); });
}

void JobDesk::cancel(JobId id, Reply<JobStatus> reply) {
    impl_->post([id, reply = std::move(reply)](Impl& impl) { reply(impl.cancel(id)); });
}

void JobDesk::remove(JobId id, Reply<transport::Nothing> reply) {
    impl_->post([id, reply = std::move(reply)](Impl& impl) { reply(impl.remove(id)); });
}

void JobDesk::fetch(JobId id, Reply<Payload> reply) {
    impl_->post([id, reply = std::move(reply)](Impl& impl) { reply(impl.fetch(id)); });
}

std::unique_ptr<transport::Subscription> JobDesk::watch(
    JobId id, std::uint64_t after_sequence, std::function<void(const JobEvent&)> on_event,
    std::function<void(const Status&)> on_end) {
    auto watcher = std::make_shared<Watcher>();
    watcher->seen = after_sequence;
    watcher->on_event = std::move(on_event);
    watcher->on_end = std::move(on_end);
    impl_->post([id, watcher](Impl& impl) { impl.watch(id, watcher); });
    return std::make_unique<DeskSubscription>(
        watcher, [weak = std::weak_ptr<Impl>(impl_), id, watcher] {
            if (auto impl = weak.lock()) {
                impl->post([id, watcher](Impl& desk) { desk.unwatch(id, watcher); });
            }
        });
}

void JobDesk::tree(Reply<scheduling::Subtree> reply) {
    impl_->post([reply = std::move(reply)](Impl& impl) { reply(impl.ports().subtree()); });
}

void JobDesk::cache(Reply<scheduling::CacheStats> reply) {
    impl_->post([reply = std::move(reply)](Impl& impl) { reply(impl.ports().cache()); });
}

void JobDesk::clear_cache(Reply<transport::Nothing> reply) {
    impl_->post([reply = std::move(reply)](Impl& impl) {
        impl.ports().clear_cache([reply] { reply(transport::Nothing{}); });
    });
}

}  // namespace quercus::host
