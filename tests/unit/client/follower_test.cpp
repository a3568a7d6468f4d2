// How a client follows a job over breaks of the connection, with a server under the test's control.

#include "client/sdk/follower.hpp"

#include <atomic>
#include <future>
#include <vector>

#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::client;
using namespace std::chrono_literals;

namespace {

// One running job. Away, every call fails and open watches break.
class Server final : public transport::Jobs {
 public:
    void go_away() {
        std::function<void(const Status&)> broken;
        {
            const std::lock_guard lock(mutex);
            away = true;
            broken = std::exchange(on_end, nullptr);
        }
        if (broken) {
            broken(unavailable("gone"));
        }
    }
    void come_back(bool finished) {
        const std::lock_guard lock(mutex);
        away = false;
        status.state = finished ? transport::JobState::kSucceeded : transport::JobState::kRunning;
    }

    void get(transport::JobId, transport::Reply<transport::JobStatus> reply) override {
        std::unique_lock lock(mutex);
        const auto answer = away ? Result<transport::JobStatus>(unavailable("gone")) : status;
        lock.unlock();
        reply(answer);
    }
    std::unique_ptr<transport::Subscription> watch(
        transport::JobId, std::uint64_t after,
        std::function<void(const transport::JobEvent&)> event,
        std::function<void(const Status&)> end) override {
        std::unique_lock lock(mutex);
        resumed_after.push_back(after);
        if (away) {
            lock.unlock();
            end(unavailable("gone"));
            return std::make_unique<transport::Subscription>();
        }
        on_end = std::move(end);
        lock.unlock();
        transport::JobEvent next;
        next.sequence = after + 1;
        event(next);
        return std::make_unique<transport::Subscription>();
    }

    void submit(transport::JobSpec, transport::Reply<transport::JobStatus>) override {}
    void list(transport::Reply<std::vector<transport::JobStatus>>) override {}
    void cancel(transport::JobId, transport::Reply<transport::JobStatus>) override {}
    void remove(transport::JobId, transport::Reply<transport::Nothing>) override {}
    void fetch(transport::JobId, transport::Reply<Payload>) override {}
    void tree(transport::Reply<scheduling::Subtree>) override {}
    void cache(transport::Reply<scheduling::CacheStats>) override {}
    void clear_cache(transport::Reply<transport::Nothing>) override {}

    std::mutex mutex;
    bool away = false;
    transport::JobStatus status;
    std::function<void(const Status&)> on_end;
    std::vector<std::uint64_t> resumed_after;
};

// Follows the server's job; counts and waits.
struct Following {
    Server server;
    detail::Strand strand;
    std::mutex mutex;
    std::condition_variable changed;
    int events = 0;
    int losses = 0;
    std::optional<Result<JobInfo>> finished;
    std::shared_ptr<detail::Follower> follower;

    explicit Following(std::chrono::seconds patience) {
        const auto noted = [this](const auto& change) {
            const std::lock_guard lock(mutex);
            change();
            changed.notify_all();
        };
        follower = std::make_shared<detail::Follower>(
            server, strand, scheduling::JobId{},
            [=, this](const JobEvent&) { noted([this] { ++events; }); },
            [=, this](const Result<JobInfo>& info) { noted([&] { finished = info; }); },
            [=, this](const Status&, std::chrono::seconds) { noted([this] { ++losses; }); },
            patience);
        follower->start();
    }
    ~Following() { follower->stop(); }
    template <class Condition>
    bool wait(const Condition& condition) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 30s, condition);
    }
};

}  // namespace

TEST_CASE("follower: a blip of the server is bridged, told once, resumed after the last event") {
    Following f(60s);
    REQUIRE(f.wait([&] { return f.events == 1; }));
    f.server.go_away();
    REQUIRE(f.wait([&] { return f.losses == 1; }));
    f.server.come_back(false);
    REQUIRE(f.wait([&] { return f.events == 2; }));
    CHECK(f.losses == 1);
    CHECK_FALSE(f.finished);
    {
        const std::lock_guard lock(f.server.mutex);
        CHECK(f.server.resumed_after == std::vector<std::uint64_t>{0, 1});
    }
    f.server.go_away();
    REQUIRE(f.wait([&] { return f.losses == 2; }));
    f.server.come_back(true);
    REQUIRE(f.wait([&] { return f.finished.has_value(); }));
    REQUIRE(*f.finished);
    CHECK((*f.finished)->state == JobState::kSucceeded);
}

TEST_CASE("follower: gives up when its patience is over, counted from the loss") {
    Following f(1s);
    REQUIRE(f.wait([&] { return f.events == 1; }));
    const auto begin = std::chrono::steady_clock::now();
    f.server.go_away();
    REQUIRE(f.wait([&] { return f.finished.has_value(); }));
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took >= 1s);
    CHECK(took < 5s);
    CHECK(f.losses == 1);
    REQUIRE_FALSE(*f.finished);
    CHECK(f.finished->error().code() == StatusCode::kUnavailable);
    CHECK(f.finished->error().message().find("no answer for 1 s: gone") != std::string::npos);
}
