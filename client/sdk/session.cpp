#include "client/sdk/session.hpp"

#include <thread>
#include <utility>

#include "client/sdk/convert.hpp"

namespace quercus::client::detail {

std::shared_ptr<Session> Session::create() {
    return {new Session, [](Session* session) {
                if (session->strand.is_current()) {
                    std::thread([session] { delete session; }).detach();
                } else {
                    delete session;
                }
            }};
}

Session::~Session() {
    std::vector<std::shared_ptr<Follower>> open;
    {
        const std::lock_guard lock(mutex);
        open.swap(followers);
    }
    for (const auto& follower : open) {
        follower->abandon(Status(StatusCode::kCancelled, "the client was closed"));
    }
}

std::shared_ptr<Follower> Session::follow(const JobId& id, OnEvent on_event, OnFinished on_finished,
                                          OnLost on_lost) {
    auto follower = std::make_shared<Follower>(jobs(), strand, to_domain(id), std::move(on_event),
                                               std::move(on_finished), std::move(on_lost));
    follower->start();
    return follower;
}

void Session::keep_following(const JobId& id, OnFinished on_finished) {
    auto slot = std::make_shared<std::weak_ptr<Follower>>();
    auto follower = std::make_shared<Follower>(
        jobs(), strand, to_domain(id), OnEvent{},
        [this, slot, callback = std::move(on_finished)](const Result<JobInfo>& result) {
            callback(result);
            // Not here: the follower is in the middle of this call.
            strand.post([this, slot] { forget(slot->lock()); });
        });
    *slot = follower;
    {
        const std::lock_guard lock(mutex);
        followers.push_back(follower);
    }
    follower->start();
}

void Session::forget(const std::shared_ptr<Follower>& follower) {
    const std::lock_guard lock(mutex);
    std::erase(followers, follower);
}

}  // namespace quercus::client::detail
