#include <grpcpp/alarm.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "runtime/transport/grpc_settings.hpp"
#include "runtime/transport/jobs_remote.hpp"
#include "runtime/wire/jobs.hpp"

namespace quercus::transport {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kGiveUpAfter{30};
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{1000};

// What a subscription and its attempts share. The owner's callbacks run under `mutex`, so that none
// runs once the subscription has taken it to end.
struct Watch : std::enable_shared_from_this<Watch> {
    std::shared_ptr<RemoteServer> server;  // shared by all calls to one server
    JobId id;
    std::function<void(const JobEvent&)> on_event;
    std::function<void(const Status&)> on_end;

    std::recursive_mutex mutex;  // guards the rest; a callback may end its own subscription
    bool active = true;
    std::uint64_t seen = 0;
    grpc::ClientContext* context = nullptr;  // of the attempt in flight
    std::chrono::milliseconds pause = kFirstPause;
    Clock::time_point failing_since{};   // epoch: not failing
    std::unique_ptr<grpc::Alarm> alarm;  // a new one for every pause

    void attempt();
    void received(const JobEvent& event);
    void attempt_ended(const Status& status);
    void stop();
};

class Attempt final : public grpc::ClientReadReactor<v1::WatchJobResponse> {
 public:
    explicit Attempt(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {
        request_.set_job_id(watch_->id.to_string());
        request_.set_after_sequence(watch_->seen);
    }
    grpc::ClientContext* begin() {
        watch_->server->enter(&context_);
        watch_->server->stub->async()->WatchJob(&context_, &request_, this);
        StartRead(&response_);
        StartCall();
        return &context_;
    }
    void OnReadDone(bool ok) override {
        if (!ok) {
            return;
        }
        if (auto event = wire::from_proto(response_.event(), watch_->id)) {
            watch_->received(*event);
        } else {
            error_ = event.error();
            context_.TryCancel();
        }
        StartRead(&response_);
    }
    void OnDone(const grpc::Status& status) override {
        watch_->attempt_ended(error_.is_ok() ? watch_->server->error(status) : error_);
        watch_->server->leave(&context_);
        delete this;
    }

 private:
    std::shared_ptr<Watch> watch_;  // shared by the attempts and the subscription
    grpc::ClientContext context_;
    v1::WatchJobRequest request_;
    v1::WatchJobResponse response_;
    Status error_;
};

void Watch::attempt() {
    const std::lock_guard lock(mutex);
    if (active) {
        context = (new Attempt(shared_from_this()))->begin();  // deletes itself in OnDone
    }
}

void Watch::received(const JobEvent& event) {
    const std::lock_guard lock(mutex);
    pause = kFirstPause;
    failing_since = {};
    if (active && event.sequence > seen) {
        seen = event.sequence;
        on_event(event);
    }
}

void Watch::attempt_ended(const Status& status) {
    const std::lock_guard lock(mutex);
    context = nullptr;
    if (!active) {
        return;
    }
    const auto now = Clock::now();
    if (failing_since == Clock::time_point{}) {
        failing_since = now;
    }
    const bool may_resume = status.code() == StatusCode::kUnavailable && !server->is_closed();
    if (!may_resume || now - failing_since > kGiveUpAfter) {
        active = false;
        return on_end(status);
    }
    // Weak: the alarm keeps its function, and the subscription keeps the watch.
    alarm = std::make_unique<grpc::Alarm>();
    alarm->Set(std::chrono::system_clock::now() + pause, [weak = weak_from_this()](bool) {
        if (const auto self = weak.lock()) {
            self->attempt();
        }
    });
    pause = std::min(2 * pause, kLongestPause);
}

void Watch::stop() {
    const std::lock_guard lock(mutex);
    active = false;
    if (context != nullptr) {
        context->TryCancel();
    }
    if (alarm != nullptr) {
        alarm->Cancel();
    }
}

class RemoteSubscription final : public Subscription {
 public:
    explicit RemoteSubscription(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
    ~RemoteSubscription() override { watch_->stop(); }

 private:
    std::shared_ptr<Watch> watch_;  // shared with attempts, which may end later
};

}  // namespace

std::unique_ptr<Subscription> watch_remote(std::shared_ptr<RemoteServer> server, JobId id,
                                           std::uint64_t after_sequence,
                                           std::function<void(const JobEvent&)> on_event,
                                           std::function<void(const Status&)> on_end) {
    auto watch = std::make_shared<Watch>();
    watch->server = std::move(server);
    watch->id = id;
    watch->seen = after_sequence;
    watch->on_event = std::move(on_event);
    watch->on_end = std::move(on_end);
    watch->attempt();
    return std::make_unique<RemoteSubscription>(std::move(watch));
}

}  // namespace quercus::transport
