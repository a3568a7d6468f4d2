#pragma once

// What a Client and its Jobs share: the job API behind them and the thread of their callbacks.

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "client/sdk/follower.hpp"
#include "client/sdk/strand.hpp"
#include "runtime/host/attached.hpp"
#include "runtime/transport/jobs.hpp"

namespace quercus::client::detail {

struct Session {
    // Exactly one of the two owns the job API: a tree of our own, or an implementation of Jobs.
    std::unique_ptr<host::AttachedTree> tree;
    std::unique_ptr<transport::Jobs> remote;
    Strand strand;
    std::mutex mutex;
    std::vector<std::shared_ptr<Follower>> followers;  // kept alive without a Watch

    // The last reference may end in a callback, i.e. on `strand`, which cannot wait for itself: it
    // is then destroyed on a thread of its own.
    static std::shared_ptr<Session> create();
    // Ends all followers with CANCELLED.
    ~Session();

    [[nodiscard]] transport::Jobs& jobs() const { return tree ? tree->jobs() : *remote; }
    [[nodiscard]] std::shared_ptr<Follower> follow(const JobId& id, OnEvent on_event,
                                                   OnFinished on_finished, OnLost on_lost);
    // As follow, until the job is final or the session ends.
    void keep_following(const JobId& id, OnFinished on_finished);
    void forget(const std::shared_ptr<Follower>& follower);
};

// Calls `start(reply)` and waits for the reply.
template <class T, class Start>
Result<T> ask(Start start) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    start([promise](Result<T> result) { promise->set_value(std::move(result)); });
    return answer.get();
}

}  // namespace quercus::client::detail
