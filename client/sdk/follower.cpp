#include "client/sdk/follower.hpp"

#include <algorithm>
#include <utility>

#include "client/sdk/convert.hpp"

namespace quercus::client::detail {

Follower::Follower(transport::Jobs& jobs, Strand& strand, scheduling::JobId id, OnEvent on_event,
                   OnFinished on_finished, OnLost on_lost, std::chrono::seconds patience)
    : jobs_(jobs),
      strand_(strand),
      id_(id),
      on_event_(std::move(on_event)),
      on_finished_(std::move(on_finished)),
      on_lost_(std::move(on_lost)),
      patience_(patience) {}

void Follower::start() {
    strand_.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->subscribe();
        }
    });
}

void Follower::stop() {
    strand_.run([this] {
        over_ = true;
        subscription_.reset();
        on_event_ = nullptr;
        on_finished_ = nullptr;
        on_lost_ = nullptr;
    });
}

void Follower::abandon(const Status& reason) {
    strand_.run([this, &reason] { finish(reason); });
}

template <class Argument>
auto Follower::posted(void (Follower::*member)(const Argument&)) {
    return [member, weak = weak_from_this(), &strand = strand_](Argument argument) {
        strand.post([member, weak, argument = std::move(argument)] {
            const auto self = weak.lock();
            if (self && !self->over_) {
                (self.get()->*member)(argument);
            }
        });
    };
}

void Follower::subscribe() {
    if (over_) {
        return;
    }
    subscription_ = jobs_.watch(id_, last_sequence_, posted(&Follower::on_event),
                                [weak = weak_from_this(), &strand = strand_](const Status&) {
                                    // Whatever ended the watch: the job's own state decides how to
                                    // go on.
                                    strand.post([weak] {
                                        if (const auto self = weak.lock()) {
                                            self->ask();
                                        }
                                    });
                                });
}

void Follower::on_event(const transport::JobEvent& event) {
    silent_since_ = {};
    backoff_ = kFirstPause;
    if (event.sequence <= last_sequence_) {
        return;
    }
    last_sequence_ = event.sequence;
    if (on_event_) {
        on_event_(to_public(event));
    }
    if (scheduling::is_final(event.state)) {
        ask();
    }
}

void Follower::ask() {
    if (over_ || asking_) {
        return;
    }
    asking_ = true;
    jobs_.get(id_, posted(&Follower::on_status));
}

void Follower::on_status(const Result<transport::JobStatus>& status) {
    asking_ = false;
    subscription_.reset();
    if (status && scheduling::is_final(status->state)) {
        finish(to_public(*status));
    } else if (status) {
        // Back after a loss: soon, a job may end when nobody watches it.
        if (std::exchange(silent_since_, {}) != Clock::time_point{}) {
            backoff_ = kFirstPause;
        }
        later(&Follower::subscribe);
    } else if (status.error().code() == StatusCode::kUnavailable ||
               status.error().code() == StatusCode::kDeadlineExceeded) {
        lost(status.error());
    } else {
        finish(status.error());
    }
}

void Follower::lost(const Status& reason) {
    if (silent_since_ == Clock::time_point{}) {
        const auto since = silent_since_ = Clock::now();
        // Whatever is asked at that moment.
        strand_.post_at(since + patience_, [weak = weak_from_this(), since, reason] {
            const auto self = weak.lock();
            if (self && self->silent_since_ == since) {
                self->finish(Status(reason.code(), "job " + self->id_.to_string() +
                                                       ": no answer for " +
                                                       std::to_string(self->patience_.count()) +
                                                       " s: " + reason.message()));
            }
        });
        if (on_lost_) {
            on_lost_(reason, patience_);
        }
    }
    later(&Follower::ask);
}

void Follower::later(void (Follower::*step)()) {
    strand_.post_at(Clock::now() + backoff_, [step, weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            (self.get()->*step)();
        }
    });
    backoff_ = std::min(backoff_ * 2, std::chrono::milliseconds(2000));
}

void Follower::finish(const Result<JobInfo>& result) {
    if (over_) {
        return;
    }
    over_ = true;
    subscription_.reset();
    on_event_ = nullptr;
    on_lost_ = nullptr;
    if (const auto callback = std::exchange(on_finished_, nullptr)) {
        callback(result);
    }
}

}  // namespace quercus::client::detail
