#include <grpcpp/support/client_callback.h>

#include <mutex>
#include <utility>

#include "runtime/transport/jobs_remote.hpp"
#include "runtime/wire/jobs.hpp"

namespace quercus::transport {
namespace {

// One call. The owner's callbacks run under `mutex_`, so that none runs once the subscription has
// taken it to end.
class RemoteWatch final : public grpc::ClientReadReactor<v1::WatchJobResponse> {
 public:
    RemoteWatch(std::shared_ptr<RemoteServer> server, JobId id, std::uint64_t after_sequence,
                std::function<void(const JobEvent&)> on_event,
                std::function<void(const Status&)> on_end)
        : server_(std::move(server)),
          id_(id),
          on_event_(std::move(on_event)),
          on_end_(std::move(on_end)) {
        request_.set_job_id(id.to_string());
        request_.set_after_sequence(after_sequence);
    }
    void begin(std::shared_ptr<RemoteWatch> self) {
        self_ = std::move(self);
        server_->enter(&context_);
        server_->stub->async()->WatchJob(&context_, &request_, this);
        StartRead(&response_);
        StartCall();
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        active_ = false;
        context_.TryCancel();
    }
    void OnReadDone(bool ok) override {
        if (!ok) {
            return;
        }
        if (const auto event = wire::from_proto(response_.event(), id_)) {
            const std::lock_guard lock(mutex_);
            if (active_) {
                on_event_(*event);
            }
        } else {
            error_ = event.error();
            context_.TryCancel();
        }
        StartRead(&response_);
    }
    void OnDone(const grpc::Status& status) override {
        const auto self = std::move(self_);
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(active_, false)) {
                on_end_(error_.is_ok() ? server_->error(status) : error_);
            }
        }
        server_->leave(&context_);
    }

 private:
    const std::shared_ptr<RemoteServer> server_;  // shared by all calls to one server
    const JobId id_;
    const std::function<void(const JobEvent&)> on_event_;
    const std::function<void(const Status&)> on_end_;
    grpc::ClientContext context_;
    v1::WatchJobRequest request_;
    v1::WatchJobResponse response_;
    Status error_;                       // of a malformed event
    std::recursive_mutex mutex_;         // a callback may end its own subscription
    bool active_ = true;                 // guarded by the mutex
    std::shared_ptr<RemoteWatch> self_;  // until OnDone; the subscription holds it too
};

class RemoteSubscription final : public Subscription {
 public:
    explicit RemoteSubscription(std::shared_ptr<RemoteWatch> watch) : watch_(std::move(watch)) {}
    ~RemoteSubscription() override { watch_->stop(); }

 private:
    std::shared_ptr<RemoteWatch> watch_;  // shared with gRPC, which may end later
};

}  // namespace

std::unique_ptr<Subscription> watch_remote(std::shared_ptr<RemoteServer> server, JobId id,
                                           std::uint64_t after_sequence,
                                           std::function<void(const JobEvent&)> on_event,
                                           std::function<void(const Status&)> on_end) {
    auto watch = std::make_shared<RemoteWatch>(std::move(server), id, after_sequence,
                                               std::move(on_event), std::move(on_end));
    watch->begin(watch);
    return std::make_unique<RemoteSubscription>(std::move(watch));
}

}  // namespace quercus::transport
