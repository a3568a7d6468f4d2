#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "quercus/v1/jobs.grpc.pb.h"
#include "runtime/transport/grpc_server.hpp"
#include "runtime/transport/grpc_settings.hpp"
#include "runtime/transport/jobs_remote.hpp"
#include "runtime/transport/sha256.hpp"
#include "runtime/wire/jobs.hpp"
#include "runtime/wire/limits.hpp"

namespace quercus::transport {

// ---------------------------------------------------------------- what calls share

RemoteServer::RemoteServer(const Address& at)
    : address(at.to_string()), stub(v1::Jobs::NewStub(make_channel(at))) {}

void RemoteServer::enter(grpc::ClientContext* context) {
    const std::lock_guard lock(mutex_);
    active_.insert(context);
    if (closed_) {
        context->TryCancel();
    }
}

void RemoteServer::leave(grpc::ClientContext* context) {
    const std::lock_guard lock(mutex_);
    active_.erase(context);
    left_.notify_all();
}

void RemoteServer::close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    for (auto* context : active_) {
        context->TryCancel();
    }
    left_.wait(lock, [this] { return active_.empty(); });
}

Status RemoteServer::error(const grpc::Status& status) const {
    Status plain = from_grpc(status);
    if (plain.code() == StatusCode::kUnavailable || plain.code() == StatusCode::kDeadlineExceeded) {
        return {plain.code(), "server " + address + ": " + plain.message()};
    }
    return plain;
}

namespace {

constexpr std::chrono::seconds kUnaryDeadline{30};
constexpr std::chrono::seconds kSubmitDeadline{120};  // up to 64 MiB
constexpr std::chrono::seconds kFetchDeadline{600};

// ---------------------------------------------------------------- unary calls

template <class Request, class Response>
struct Unary {
    grpc::ClientContext context;
    Request request;
    Response response;
};

// `start(stub, call, done)` begins the call, `convert(response)` makes the reply's Result.
template <class Request, class Response, class T, class Start, class Convert>
void call(const std::shared_ptr<RemoteServer>& server,
          std::shared_ptr<Unary<Request, Response>> unary, std::chrono::seconds deadline,
          Reply<T> reply, const Start& start, Convert convert) {
    unary->context.set_deadline(std::chrono::system_clock::now() + deadline);
    server->enter(&unary->context);
    start(*server->stub->async(), *unary,
          [server, unary, reply = std::move(reply), convert](grpc::Status status) {
              reply(status.ok() ? convert(unary->response) : Result<T>(server->error(status)));
              server->leave(&unary->context);
          });
}

// ---------------------------------------------------------------- fetching

class Fetch final : public grpc::ClientReadReactor<v1::FetchResultResponse> {
 public:
    Fetch(std::shared_ptr<RemoteServer> server, JobId id, Reply<Payload> reply)
        : server_(std::move(server)), reply_(std::move(reply)) {
        request_.set_job_id(id.to_string());
        context_.set_deadline(std::chrono::system_clock::now() + kFetchDeadline);
    }
    void begin() {
        server_->enter(&context_);
        server_->stub->async()->FetchResult(&context_, &request_, this);
        StartRead(&piece_);
        StartCall();
    }
    void OnReadDone(bool ok) override {
        if (!ok) {
            return;
        }
        if (!take()) {
            context_.TryCancel();
        }
        StartRead(&piece_);
    }
    void OnDone(const grpc::Status& status) override {
        reply_(result(status));
        server_->leave(&context_);
        delete this;
    }

 private:
    bool take() {
        if (piece_.has_job_error()) {
            const int code = piece_.job_error().code();
            error_ = {code > 0 && code <= 16 ? static_cast<StatusCode>(code) : StatusCode::kUnknown,
                      piece_.job_error().message()};
            return true;
        }
        if (begun_ && (piece_.total_bytes() != total_ || piece_.sha256() != sha256_)) {
            error_ = data_loss("pieces of different results");
        } else if (piece_.offset_bytes() != bytes_.size() ||
                   piece_.data().size() > piece_.total_bytes() - bytes_.size()) {
            error_ = data_loss("a piece of the result is missing");
        }
        begun_ = true;
        total_ = piece_.total_bytes();
        sha256_ = piece_.sha256();
        bytes_.append(piece_.data());
        return error_.is_ok();
    }
    Result<Payload> result(const grpc::Status& status) {
        if (!error_.is_ok()) {
            return error_;
        }
        if (!status.ok()) {
            return server_->error(status);
        }
        if (!begun_ || bytes_.size() != total_ || sha256_hex(bytes_) != sha256_) {
            return data_loss("the result does not match its digest");
        }
        return Payload(std::move(bytes_));
    }

    std::shared_ptr<RemoteServer> server_;  // shared by all calls to one server
    Reply<Payload> reply_;
    grpc::ClientContext context_;
    v1::FetchResultRequest request_;
    v1::FetchResultResponse piece_;
    bool begun_ = false;
    std::uint64_t total_ = 0;
    std::string sha256_;
    Bytes bytes_;
    Status error_;
};

// ---------------------------------------------------------------- the interface

class RemoteJobs final : public Jobs {
 public:
    explicit RemoteJobs(const Address& address)
        : server_(std::make_shared<RemoteServer>(address)) {}
    ~RemoteJobs() override { server_->close(); }

    void submit(JobSpec spec, Reply<JobStatus> reply) override {
        auto unary = make<v1::SubmitJobRequest, v1::SubmitJobResponse>();
        wire::to_proto(spec, unary->request);
        if (const auto size = unary->request.ByteSizeLong(); size > wire::kMaxRequestBytes) {
            return reply(resource_exhausted("request of " + std::to_string(size) +
                                            " bytes, limit is " +
                                            std::to_string(wire::kMaxRequestBytes)));
        }
        call<v1::SubmitJobRequest, v1::SubmitJobResponse, JobStatus>(
            server_, unary, kSubmitDeadline, std::move(reply),
            [](auto& stub, auto& u, auto done) {
                stub.SubmitJob(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto& response) { return wire::from_proto(response.job()); });
    }

    void get(JobId id, Reply<JobStatus> reply) override {
        auto unary = make<v1::GetJobRequest, v1::GetJobResponse>(id);
        call<v1::GetJobRequest, v1::GetJobResponse, JobStatus>(
            server_, unary, kUnaryDeadline, std::move(reply),
            [](auto& stub, auto& u, auto done) {
                stub.GetJob(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto& response) { return wire::from_proto(response.job()); });
    }

    void list(Reply<std::vector<JobStatus>> reply) override {
        list_page(server_, {}, {}, std::move(reply));
    }

    void cancel(JobId id, Reply<JobStatus> reply) override {
        auto unary = make<v1::CancelJobRequest, v1::CancelJobResponse>(id);
        call<v1::CancelJobRequest, v1::CancelJobResponse, JobStatus>(
            server_, unary, kUnaryDeadline, std::move(reply),
            [](auto& stub, auto& u, auto done) {
                stub.CancelJob(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto& response) { return wire::from_proto(response.job()); });
    }

    void remove(JobId id, Reply<Nothing> reply) override {
        auto unary = make<v1::RemoveJobRequest, v1::RemoveJobResponse>(id);
        call<v1::RemoveJobRequest, v1::RemoveJobResponse, Nothing>(
            server_, unary, kUnaryDeadline, std::move(reply),
            [](auto& stub, auto& u, auto done) {
                stub.RemoveJob(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto&) { return Result<Nothing>(Nothing{}); });
    }

    void fetch(JobId id, Reply<Payload> reply) override {
        (new Fetch(server_, id, std::move(reply)))->begin();  // deletes itself in OnDone
    }

    std::unique_ptr<Subscription> watch(JobId id, std::uint64_t after_sequence,
                                        std::function<void(const JobEvent&)> on_event,
                                        std::function<void(const Status&)> on_end) override {
        return watch_remote(server_, id, after_sequence, std::move(on_event), std::move(on_end));
    }

    void tree(Reply<scheduling::Subtree> reply) override {
        auto unary = make<v1::GetTreeRequest, v1::GetTreeResponse>();
        call<v1::GetTreeRequest, v1::GetTreeResponse, scheduling::Subtree>(
            server_, unary, kUnaryDeadline, std::move(reply),
            [](auto& stub, auto& u, auto done) {
                stub.GetTree(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto& response) { return wire::from_proto(response); });
    }

    void cache(Reply<scheduling::CacheStats> reply) override {
        auto unary = make<v1::GetCacheRequest, v1::GetCacheResponse>();
        call<v1::GetCacheRequest, v1::GetCacheResponse, scheduling::CacheStats>(
            server_, unary, kUnaryDeadline, std::move(reply),
            [](auto& stub, auto& u, auto done) {
                stub.GetCache(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto& response) {
                return Result<scheduling::CacheStats>(wire::from_proto(response));
            });
    }

    void clear_cache(Reply<Nothing> reply) override {
        auto unary = make<v1::ClearCacheRequest, v1::ClearCacheResponse>();
        call<v1::ClearCacheRequest, v1::ClearCacheResponse, Nothing>(
            server_, unary, kUnaryDeadline, std::move(reply),
            [](auto& stub, auto& u, auto done) {
                stub.ClearCache(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto&) { return Result<Nothing>(Nothing{}); });
    }

 private:
    template <class Request, class Response>
    static std::shared_ptr<Unary<Request, Response>> make() {
        return std::make_shared<Unary<Request, Response>>();
    }
    template <class Request, class Response>
    static std::shared_ptr<Unary<Request, Response>> make(JobId id) {
        auto unary = make<Request, Response>();
        unary->request.set_job_id(id.to_string());
        return unary;
    }

    // Page after page until the last or kMaxListedJobs.
    static void list_page(const std::shared_ptr<RemoteServer>& server, const std::string& token,
                          std::vector<JobStatus> before, Reply<std::vector<JobStatus>> reply) {
        auto unary = make<v1::ListJobsRequest, v1::ListJobsResponse>();
        unary->request.set_page_size(wire::kMaxPageSize);
        unary->request.set_page_token(token);
        call<v1::ListJobsRequest, v1::ListJobsResponse, Nothing>(
            server, unary, kUnaryDeadline,
            [server, unary, before = std::move(before),
             reply = std::move(reply)](Result<Nothing> done) mutable {
                if (!done) {
                    return reply(done.error());
                }
                for (const auto& job : unary->response.jobs()) {
                    auto status = wire::from_proto(job);
                    if (!status) {
                        return reply(status.error());
                    }
                    before.push_back(std::move(*status));
                }
                const std::string& next = unary->response.next_page_token();
                if (next.empty() || before.size() >= wire::kMaxListedJobs) {
                    return reply(std::move(before));
                }
                list_page(server, next, std::move(before), std::move(reply));
            },
            [](auto& stub, auto& u, auto done) {
                stub.ListJobs(&u.context, &u.request, &u.response, std::move(done));
            },
            [](const auto&) { return Result<Nothing>(Nothing{}); });
    }

    std::shared_ptr<RemoteServer> server_;  // shared with calls in flight
};

// Every call fails: the address makes no sense.
class NoJobs final : public Jobs {
 public:
    explicit NoJobs(Status error) : error_(std::move(error)) {}
    void submit(JobSpec, Reply<JobStatus> reply) override { reply(error_); }
    void get(JobId, Reply<JobStatus> reply) override { reply(error_); }
    void list(Reply<std::vector<JobStatus>> reply) override { reply(error_); }
    void cancel(JobId, Reply<JobStatus> reply) override { reply(error_); }
    void remove(JobId, Reply<Nothing> reply) override { reply(error_); }
    void fetch(JobId, Reply<Payload> reply) override { reply(error_); }
    std::unique_ptr<Subscription> watch(JobId, std::uint64_t, std::function<void(const JobEvent&)>,
                                        std::function<void(const Status&)> on_end) override {
        on_end(error_);
        return std::make_unique<Subscription>();
    }
    void tree(Reply<scheduling::Subtree> reply) override { reply(error_); }
    void cache(Reply<scheduling::CacheStats> reply) override { reply(error_); }
    void clear_cache(Reply<Nothing> reply) override { reply(error_); }

 private:
    Status error_;
};

}  // namespace

std::unique_ptr<Jobs> connect_jobs(const std::string& address) {
    const auto parsed = parse_address(address, kServerPort);
    if (!parsed) {
        return std::make_unique<NoJobs>(parsed.error());
    }
    return std::make_unique<RemoteJobs>(*parsed);
}

}  // namespace quercus::transport
