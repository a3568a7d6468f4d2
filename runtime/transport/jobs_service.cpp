#include "runtime/transport/jobs_service.hpp"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "quercus/v1/jobs.grpc.pb.h"
#include "runtime/transport/grpc_settings.hpp"
#include "runtime/wire/jobs.hpp"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::transport {
namespace {

// One unary call. The backend's reply may come on any thread, after the client has gone, or never:
// a cancelled call ends without it.
template <class Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
    static std::shared_ptr<UnaryCall> create(Response* response) {
        auto call = std::make_shared<UnaryCall>(response);
        call->self_ = call;
        return call;
    }
    explicit UnaryCall(Response* response) : response_(response) {}

    // `fill(response)` runs unless the call has ended.
    template <class Fill>
    void reply(const Status& status, const Fill& fill) {
        const std::lock_guard lock(mutex_);
        if (std::exchange(finished_, true)) {
            return;
        }
        if (status.is_ok()) {
            fill(*response_);
        }
        Finish(to_grpc(status));
    }
    void fail(const Status& status) {
        reply(status, [](Response&) {});
    }
    void OnCancel() override { fail(Status(StatusCode::kCancelled, "the client went away")); }
    void OnDone() override { const auto self = std::move(self_); }

 private:
    Response* response_;  // gRPC's, until Finish
    std::mutex mutex_;    // guards finished_
    bool finished_ = false;
    std::shared_ptr<UnaryCall> self_;  // until OnDone; replies hold it too
};

// The Reply for calls that answer with a job.
template <class Response>
Reply<JobStatus> job_reply(std::shared_ptr<UnaryCall<Response>> call) {
    return [call = std::move(call)](Result<JobStatus> job) {
        call->reply(job.status(), [&](Response& out) { wire::to_proto(*job, *out.mutable_job()); });
    };
}

// Writes the pieces of a result one after the other.
class FetchCall final : public grpc::ServerWriteReactor<v1::FetchResultResponse> {
 public:
    static std::shared_ptr<FetchCall> create() {
        auto call = std::make_shared<FetchCall>();
        call->self_ = call;
        return call;
    }

    void begin(Jobs& jobs, JobId id) {
        // The job's own error must not be taken for a refusal of this call.
        jobs.get(id, [call = self_, &jobs, id](Result<JobStatus> job) {
            if (!job) {
                return call->end(job.error());
            }
            if (!scheduling::is_final(job->state)) {
                return call->end(failed_precondition(
                    "job " + id.to_string() + ": not finished yet; wait for it or watch it"));
            }
            if (job->state != JobState::kSucceeded && job->result_sha256.empty()) {
                return call->send_error(*job);
            }
            jobs.fetch(id, [call, digest = job->result_sha256](Result<Payload> result) {
                result ? call->send(std::move(*result), digest) : call->end(result.error());
            });
        });
    }
    void end(const Status& status) {
        const std::lock_guard lock(mutex_);
        finish(status);
    }
    void OnWriteDone(bool ok) override {
        const std::lock_guard lock(mutex_);
        if (ok) {
            next();
        } else {
            finish({});
        }
    }
    void OnCancel() override { end(Status(StatusCode::kCancelled, "the client went away")); }
    void OnDone() override { const auto self = std::move(self_); }

 private:
    void send(Payload payload, const std::string& sha256) {
        const std::lock_guard lock(mutex_);
        payload_ = std::move(payload);
        message_.set_sha256(sha256);
        message_.set_total_bytes(payload_.size());
        next();
    }
    void send_error(const JobStatus& job) {
        const std::lock_guard lock(mutex_);
        const Status error =
            job.error.is_ok() ? Status(StatusCode::kCancelled, "the job was cancelled") : job.error;
        wire::to_proto(error, *message_.mutable_job_error());
        begun_ = true;
        write();
    }
    void next() {
        if (begun_ && offset_ == payload_.size()) {
            return finish({});
        }
        const BytesView piece = payload_.view().substr(offset_, wire::kMaxChunkBytes);
        message_.set_offset_bytes(offset_);
        message_.set_data(std::string(piece));
        offset_ += piece.size();
        begun_ = true;
        write();
    }
    void write() {
        if (is_open_) {
            StartWrite(&message_);
        }
    }
    void finish(const Status& status) {
        if (std::exchange(is_open_, false)) {
            Finish(to_grpc(status));
        }
    }

    std::mutex mutex_;  // guards the rest
    bool is_open_ = true;
    bool begun_ = false;
    Payload payload_;
    std::size_t offset_ = 0;
    v1::FetchResultResponse message_;
    std::shared_ptr<FetchCall> self_;  // until OnDone; replies hold it too
};

// A client that follows a job. What it has not read yet is bounded: then events are let go, and
// asked for again from the backend, by number, when the client has caught up.
class WatchCall final : public grpc::ServerWriteReactor<v1::WatchJobResponse>,
                        public std::enable_shared_from_this<WatchCall> {
 public:
    WatchCall(Jobs& jobs, JobId id, std::uint64_t after) : jobs_(jobs), id_(id), queued_(after) {}

    void begin() {
        self_ = shared_from_this();
        subscribe();
    }
    void refuse(const Status& status) {
        self_ = shared_from_this();
        const std::lock_guard lock(mutex_);
        finish(status);
    }
    void OnWriteDone(bool ok) override {
        bool again = false;
        {
            const std::lock_guard lock(mutex_);
            writing_ = false;
            broken_ = broken_ || !ok;
            again = step();
        }
        if (again) {
            subscribe();
        }
    }
    void OnCancel() override {
        const std::lock_guard lock(mutex_);
        broken_ = true;
        (void)step();
    }
    void OnDone() override {
        const auto self = std::move(self_);
        std::unique_ptr<Subscription> last;
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
            last = std::move(subscription_);
        }
    }

 private:
    static constexpr std::size_t kMaxQueued = 64;
    static constexpr std::size_t kMaxQueuedBytes = std::size_t{1} << 20;

    // Without the mutex: the backend may call back at once, and the end of a subscription waits for
    // its callbacks. The new one begins before the old one ends, so that the job never looks
    // unwatched.
    void subscribe() {
        std::uint64_t after = 0;
        std::uint64_t generation = 0;
        {
            const std::lock_guard lock(mutex_);
            after = queued_;
            generation = ++generation_;
            skipped_ = false;
        }
        const std::weak_ptr<WatchCall> weak = weak_from_this();
        auto next = jobs_.watch(
            id_, after,
            [weak, generation](const JobEvent& event) {
                if (const auto self = weak.lock()) {
                    self->on_event(event, generation);
                }
            },
            [weak, generation](const Status& status) {
                if (const auto self = weak.lock()) {
                    self->on_end(status, generation);
                }
            });
        {
            const std::lock_guard lock(mutex_);
            // A later subscription may have overtaken this one while the backend was asked.
            if (!done_ && generation == generation_) {
                std::swap(subscription_, next);
            }
        }
        // `next` is now the old one, or one that is not wanted any more, and ends here.
    }

    void on_event(const JobEvent& event, std::uint64_t generation) {
        const std::lock_guard lock(mutex_);
        if (generation != generation_ || event.sequence <= queued_ || skipped_) {
            return;
        }
        auto message = std::make_shared<v1::WatchJobResponse>();
        wire::to_proto(event, *message->mutable_event());
        const std::size_t size = message->ByteSizeLong();
        if (queue_.size() >= kMaxQueued || queue_bytes_ + size > kMaxQueuedBytes) {
            skipped_ = true;
            return;
        }
        queued_ = event.sequence;
        queue_bytes_ += size;
        queue_.push_back(std::move(message));
        (void)step();
    }

    void on_end(const Status& status, std::uint64_t generation) {
        const std::lock_guard lock(mutex_);
        if (generation == generation_ && !skipped_) {
            ended_ = true;
            end_status_ = status;
            (void)step();
        }
    }

    // With the mutex: starts what can be started. True when the backend must be asked again.
    bool step() {
        if (!is_open_ || writing_) {
            return false;
        }
        if (broken_) {
            finish(Status(StatusCode::kCancelled, "the client went away"));
            return false;
        }
        if (!queue_.empty()) {
            current_ = std::move(queue_.front());
            queue_.pop_front();
            queue_bytes_ -= current_->ByteSizeLong();
            writing_ = true;
            StartWrite(current_.get());
            return false;
        }
        if (ended_) {
            finish(end_status_);
            return false;
        }
        return skipped_;
    }
    void finish(const Status& status) {
        if (std::exchange(is_open_, false)) {
            Finish(to_grpc(status));
        }
    }

    Jobs& jobs_;
    const JobId id_;
    std::mutex mutex_;  // guards the rest
    bool is_open_ = true;
    bool writing_ = false;
    bool broken_ = false;
    bool ended_ = false;
    bool done_ = false;
    bool skipped_ = false;          // events were let go since the last subscription
    std::uint64_t queued_ = 0;      // newest event put into the queue
    std::uint64_t generation_ = 0;  // of the subscription that counts
    Status end_status_;
    std::size_t queue_bytes_ = 0;
    std::deque<std::shared_ptr<v1::WatchJobResponse>> queue_;
    std::shared_ptr<v1::WatchJobResponse> current_;
    std::unique_ptr<Subscription> subscription_;
    std::shared_ptr<WatchCall> self_;  // until OnDone
};

class JobsService final : public v1::Jobs::CallbackService {
 public:
    explicit JobsService(Jobs& jobs) : jobs_(jobs) {}

    grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext*,
                                        const v1::SubmitJobRequest* request,
                                        v1::SubmitJobResponse* response) override {
        const auto call = UnaryCall<v1::SubmitJobResponse>::create(response);
        auto spec = wire::from_proto(*request);
        spec ? jobs_.submit(std::move(*spec), job_reply(call)) : call->fail(spec.error());
        return call.get();
    }

    grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext*, const v1::GetJobRequest* request,
                                     v1::GetJobResponse* response) override {
        return with_job<v1::GetJobResponse>(*request, response, [this](JobId id, auto call) {
            jobs_.get(id, job_reply(std::move(call)));
        });
    }

    grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext*,
                                       const v1::ListJobsRequest* request,
                                       v1::ListJobsResponse* response) override {
        const auto call = UnaryCall<v1::ListJobsResponse>::create(response);
        const int asked = request->page_size();
        const int size = asked <= 0 ? wire::kMaxPageSize : std::min(asked, wire::kMaxPageSize);
        jobs_.list(
            [call, size, token = request->page_token()](Result<std::vector<JobStatus>> jobs) {
                if (!jobs) {
                    return call->fail(jobs.error());
                }
                reply_page(*jobs, static_cast<std::size_t>(size), token, *call);
            });
        return call.get();
    }

    grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext*,
                                        const v1::CancelJobRequest* request,
                                        v1::CancelJobResponse* response) override {
        return with_job<v1::CancelJobResponse>(*request, response, [this](JobId id, auto call) {
            jobs_.cancel(id, job_reply(std::move(call)));
        });
    }

    grpc::ServerUnaryReactor* RemoveJob(grpc::CallbackServerContext*,
                                        const v1::RemoveJobRequest* request,
                                        v1::RemoveJobResponse* response) override {
        return with_job<v1::RemoveJobResponse>(*request, response, [this](JobId id, auto call) {
            jobs_.remove(id, [call](Result<Nothing> done) { call->fail(done.status()); });
        });
    }

    grpc::ServerUnaryReactor* GetTree(grpc::CallbackServerContext*, const v1::GetTreeRequest*,
                                      v1::GetTreeResponse* response) override {
        const auto call = UnaryCall<v1::GetTreeResponse>::create(response);
        jobs_.tree([call](Result<scheduling::Subtree> tree) {
            call->reply(tree.status(),
                        [&](v1::GetTreeResponse& out) { wire::to_proto(*tree, out); });
        });
        return call.get();
    }

    grpc::ServerUnaryReactor* GetCache(grpc::CallbackServerContext*, const v1::GetCacheRequest*,
                                       v1::GetCacheResponse* response) override {
        const auto call = UnaryCall<v1::GetCacheResponse>::create(response);
        jobs_.cache([call](Result<scheduling::CacheStats> stats) {
            call->reply(stats.status(),
                        [&](v1::GetCacheResponse& out) { wire::to_proto(*stats, out); });
        });
        return call.get();
    }

    grpc::ServerUnaryReactor* ClearCache(grpc::CallbackServerContext*, const v1::ClearCacheRequest*,
                                         v1::ClearCacheResponse* response) override {
        const auto call = UnaryCall<v1::ClearCacheResponse>::create(response);
        jobs_.clear_cache([call](Result<Nothing> done) { call->fail(done.status()); });
        return call.get();
    }

    grpc::ServerWriteReactor<v1::WatchJobResponse>* WatchJob(
        grpc::CallbackServerContext*, const v1::WatchJobRequest* request) override {
        const auto id = wire::from_job_text(request->job_id());
        const auto call =
            std::make_shared<WatchCall>(jobs_, id ? *id : JobId{}, request->after_sequence());
        id ? call->begin() : call->refuse(id.error());
        return call.get();
    }

    grpc::ServerWriteReactor<v1::FetchResultResponse>* FetchResult(
        grpc::CallbackServerContext*, const v1::FetchResultRequest* request) override {
        const auto call = FetchCall::create();
        const auto id = wire::from_job_text(request->job_id());
        id ? call->begin(jobs_, *id) : call->end(id.error());
        return call.get();
    }

 private:
    template <class Response, class Request, class Work>
    grpc::ServerUnaryReactor* with_job(const Request& request, Response* response,
                                       const Work& work) {
        const auto call = UnaryCall<Response>::create(response);
        const auto id = wire::from_job_text(request.job_id());
        id ? work(*id, call) : call->fail(id.error());
        return call.get();
    }

    // `token` is the id of the last job of the page before.
    static void reply_page(const std::vector<JobStatus>& jobs, std::size_t size,
                           const std::string& token, UnaryCall<v1::ListJobsResponse>& call) {
        auto begin = jobs.begin();
        if (!token.empty()) {
            begin = std::find_if(jobs.begin(), jobs.end(),
                                 [&](const JobStatus& job) { return job.id.to_string() == token; });
            if (begin == jobs.end()) {
                return call.fail(
                    {StatusCode::kAborted, "the job at which the page starts is gone: list again"});
            }
            ++begin;
        }
        const auto left = static_cast<std::size_t>(jobs.end() - begin);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(size, left));
        call.reply({}, [&](v1::ListJobsResponse& out) {
            std::for_each(begin, end,
                          [&](const JobStatus& job) { wire::to_proto(job, *out.add_jobs()); });
            if (end != jobs.end() && end != begin) {
                out.set_next_page_token((end - 1)->id.to_string());
            }
        });
    }

    Jobs& jobs_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_jobs_service(Jobs& jobs) {
    return std::make_unique<JobsService>(jobs);
}

}  // namespace quercus::transport
