#pragma once

// Follows one job until it is final: keeps a subscription open, resumes it after the last event
// seen when the connection breaks, and asks for the final state at the end. The one place where a
// client has patience with a server.

#include <chrono>
#include <cstdint>
#include <memory>

#include "client/sdk/strand.hpp"
#include "quercus/client.hpp"
#include "runtime/transport/jobs.hpp"

namespace quercus::client::detail {

class Follower : public std::enable_shared_from_this<Follower> {
 public:
    // How long a server may be away before a job counts as lost to this client.
    static constexpr std::chrono::seconds kPatience{60};

    // `jobs` and `strand` outlive the follower.
    Follower(transport::Jobs& jobs, Strand& strand, scheduling::JobId id, OnEvent on_event,
             OnFinished on_finished, OnLost on_lost = {},
             std::chrono::seconds patience = kPatience);

    // Any thread, once.
    void start();
    // No callback runs afterwards. Any thread.
    void stop();
    // Ends with this reason unless it has ended already. Any thread.
    void abandon(const Status& reason);

 private:
    using Clock = Strand::Clock;
    static constexpr std::chrono::milliseconds kFirstPause{50};

    // All on the strand.
    void subscribe();
    void on_event(const transport::JobEvent& event);
    void ask();
    void on_status(const Result<transport::JobStatus>& status);
    void lost(const Status& reason);
    // Runs `step` after a pause, which grows until an event comes.
    void later(void (Follower::*step)());
    void finish(const Result<JobInfo>& result);

    // A function that runs `member` on the strand if this follower still exists then.
    template <class Argument>
    auto posted(void (Follower::*member)(const Argument&));

    transport::Jobs& jobs_;
    Strand& strand_;
    const scheduling::JobId id_;
    OnEvent on_event_;
    OnFinished on_finished_;
    OnLost on_lost_;
    const std::chrono::seconds patience_;
    std::unique_ptr<transport::Subscription> subscription_;
    std::uint64_t last_sequence_ = 0;
    std::chrono::milliseconds backoff_ = kFirstPause;
    Clock::time_point silent_since_{};  // zero: the server has answered
    bool asking_ = false;
    bool over_ = false;
};

}  // namespace quercus::client::detail
