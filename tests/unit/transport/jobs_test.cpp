// The job service and its client over loopback, with a backend under the test's control.

#include <sys/socket.h>

#include <atomic>
#include <future>
#include <map>

#include "runtime/transport/jobs.hpp"
#include "runtime/transport/sha256.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/transport/link_fixture.hpp"

namespace quercus::transport::test {
namespace {

JobId job_id(std::uint8_t n) {
    JobId id;
    id.bytes[0] = n;
    id.bytes[15] = 1;
    return id;
}

// Keeps jobs in a map; every job has `events` events. Answers on the caller's thread.
class Backend final : public Jobs {
 public:
    void submit(JobSpec spec, Reply<JobStatus> reply) override {
        const std::lock_guard lock(mutex);
        if (stalled) {
            replies.push_back(std::move(reply));
            return;
        }
        auto& status = jobs[spec.id];
        status.id = spec.id;
        status.name = spec.name;
        last = std::move(spec);
        reply(status);
    }
    void get(JobId id, Reply<JobStatus> reply) override { reply(find(id)); }
    void list(Reply<std::vector<JobStatus>> reply) override {
        const std::lock_guard lock(mutex);
        std::vector<JobStatus> out;
        for (auto i = jobs.rbegin(); i != jobs.rend(); ++i) {
            out.push_back(i->second);
        }
        reply(out);
    }
    void cancel(JobId id, Reply<JobStatus> reply) override { reply(find(id)); }
    void remove(JobId id, Reply<Nothing> reply) override {
        const auto found = find(id);
        found ? reply(Nothing{}) : reply(found.error());
    }
    void fetch(JobId id, Reply<Payload> reply) override {
        const auto found = find(id);
        if (!found) {
            return reply(found.error());
        }
        if (found->state != JobState::kSucceeded) {
            return reply(failed_precondition("not final yet"));
        }
        reply(result);
    }
    // All events after the number, then `end` if the job is final.
    std::unique_ptr<Subscription> watch(JobId id, std::uint64_t after,
                                        std::function<void(const JobEvent&)> on_event,
                                        std::function<void(const Status&)> on_end) override {
        ++watches;
        const auto found = find(id);
        if (!found) {
            on_end(found.error());
            return std::make_unique<Subscription>();
        }
        for (std::uint64_t i = after + 1; i <= events; ++i) {
            JobEvent event;
            event.sequence = i;
            event.state = i == events ? JobState::kSucceeded : JobState::kRunning;
            event.log =
                scheduling::Log{id, scheduling::Severity::kInfo, std::string(event_bytes, 'e')};
            on_event(event);
        }
        if (is_ending) {
            on_end({});
        }
        return std::make_unique<Subscription>();
    }
    void cache(Reply<scheduling::CacheStats> reply) override {
        reply(scheduling::CacheStats{1, 2, 3, 4, 5});
    }
    void clear_cache(Reply<Nothing> reply) override {
        ++cleared;
        reply(Nothing{});
    }
    void tree(Reply<scheduling::Subtree> reply) override {
        scheduling::Subtree out;
        out.nodes.resize(1);
        out.nodes[0].node.bytes[3] = 7;
        out.nodes[0].name = "root";
        reply(out);
    }

    Result<JobStatus> find(JobId id) {
        const std::lock_guard lock(mutex);
        const auto found = jobs.find(id);
        if (found == jobs.end()) {
            return not_found("job " + id.to_string() + " is unknown");
        }
        return found->second;
    }

    std::mutex mutex;
    std::map<JobId, JobStatus> jobs;
    JobSpec last;
    Payload result;
    std::uint64_t events = 3;
    std::size_t event_bytes = 10;
    bool is_ending = true;
    bool stalled = false;
    std::vector<Reply<JobStatus>> replies;
    std::atomic<int> watches = 0;
    std::atomic<int> cleared = 0;
};

struct Setup {
    Setup() {
        start(0);
        client = connect_jobs("127.0.0.1:" + std::to_string(port));
    }
    void start(std::uint16_t at) {
        auto started = GrpcServer::start("127.0.0.1", at, *peer.transport, &backend);
        INFO(started.status().to_string());
        REQUIRE(started.has_value());
        peer.server = std::move(*started);
        port = peer.server->port();
    }
    void add(std::uint8_t n, JobState state) {
        JobStatus status;
        status.id = job_id(n);
        status.state = state;
        backend.jobs[status.id] = status;
    }
    Backend backend;
    Peer peer;  // its server uses the backend
    std::uint16_t port = 0;
    std::unique_ptr<Jobs> client;
};

// Calls `start(reply)` and waits for the reply.
template <class T>
Result<T> wait(const std::function<void(Reply<T>)>& start) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto future = promise->get_future();
    start([promise](Result<T> result) { promise->set_value(std::move(result)); });
    if (future.wait_for(std::chrono::seconds(40)) != std::future_status::ready) {
        return internal_error("no reply");
    }
    return future.get();
}

Result<JobStatus> submit(Jobs& jobs, std::uint8_t n, Bytes input = "in") {
    return wait<JobStatus>([&](auto reply) {
        JobSpec spec;
        spec.id = job_id(n);
        spec.name = "test";
        spec.request = tasks::TaskRequest{"hash", std::move(input)};
        jobs.submit(std::move(spec), std::move(reply));
    });
}

Result<Payload> fetch(Jobs& jobs, std::uint8_t n) {
    return wait<Payload>([&](auto reply) { jobs.fetch(job_id(n), std::move(reply)); });
}

struct Watched {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::uint64_t> sequences;
    bool ended = false;
    Status end;
    std::unique_ptr<Subscription> subscription;

    void follow(Jobs& jobs, std::uint8_t n, std::uint64_t after) {
        subscription = jobs.watch(
            job_id(n), after,
            [this](const JobEvent& event) {
                const std::lock_guard lock(mutex);
                sequences.push_back(event.sequence);
                changed.notify_all();
            },
            [this](const Status& status) {
                const std::lock_guard lock(mutex);
                ended = true;
                end = status;
                changed.notify_all();
            });
    }
    bool wait_end() {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(40), [&] { return ended; });
    }
    bool wait_events(std::size_t count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(40),
                                [&] { return sequences.size() >= count; });
    }
};

}  // namespace

TEST_CASE("jobs: the cache is asked for and cleared") {
    Setup setup;
    const auto stats =
        wait<scheduling::CacheStats>([&](auto reply) { setup.client->cache(std::move(reply)); });
    REQUIRE(stats);
    CHECK(stats->entries == 1);
    CHECK(stats->bytes == 2);
    CHECK(stats->limit_bytes == 3);
    CHECK(stats->hits == 4);
    CHECK(stats->misses == 5);
    CHECK(wait<Nothing>([&](auto reply) { setup.client->clear_cache(std::move(reply)); }));
    CHECK(setup.backend.cleared == 1);
}

TEST_CASE("jobs: calls reach the backend and come back") {
    Setup s;
    const auto submitted = submit(*s.client, 1, Bytes(std::size_t{6} << 20, 'i'));
    INFO(submitted.status().to_string());
    REQUIRE(submitted.has_value());
    CHECK(submitted->id == job_id(1));
    CHECK(submitted->name == "test");
    CHECK(std::get<tasks::TaskRequest>(s.backend.last.request).input.size() == std::size_t{6}
                                                                                   << 20);
    const auto get = [&](std::uint8_t n) {
        return wait<JobStatus>([&](auto reply) { s.client->get(job_id(n), std::move(reply)); });
    };
    CHECK(get(1).has_value());
    CHECK(get(2).status().code() == StatusCode::kNotFound);
    CHECK(wait<Nothing>([&](auto r) { s.client->remove(job_id(1), std::move(r)); }).has_value());
    CHECK(wait<JobStatus>([&](auto r) { s.client->cancel(job_id(1), std::move(r)); }).has_value());
    const auto tree = wait<scheduling::Subtree>([&](auto r) { s.client->tree(std::move(r)); });
    REQUIRE(tree.has_value());
    CHECK(tree->nodes.at(0).name == "root");
}

TEST_CASE("jobs: lists longer than a page") {
    Setup s;
    for (int i = 0; i < 250; ++i) {
        s.add(static_cast<std::uint8_t>(i), JobState::kQueued);
    }
    const auto jobs = wait<std::vector<JobStatus>>([&](auto r) { s.client->list(std::move(r)); });
    REQUIRE(jobs.has_value());
    REQUIRE(jobs->size() == 250);
    CHECK(jobs->front().id == job_id(249));
    CHECK(jobs->back().id == job_id(0));
}

TEST_CASE("jobs: a request above 64 MiB is refused with the limit") {
    Setup s;
    const auto result = submit(*s.client, 1, Bytes((std::size_t{64} << 20) + 1, 'x'));
    CHECK(result.status().code() == StatusCode::kResourceExhausted);
    CHECK(result.status().message().find("67108864") != std::string::npos);
}

TEST_CASE("jobs: results, small, large and empty") {
    Setup s;
    s.add(1, JobState::kSucceeded);
    const std::size_t size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{512} << 10,
                                      (std::size_t{5} << 20) + 3);
    CAPTURE(size);
    s.backend.result = Payload(Bytes(size, 'r'));
    s.backend.jobs[job_id(1)].result_sha256 = sha256_hex(s.backend.result.view());
    const auto result = fetch(*s.client, 1);
    INFO(result.status().to_string());
    REQUIRE(result.has_value());
    CHECK(*result == s.backend.result);
}

TEST_CASE("jobs: a result travels with the digest that the job has, which the client checks") {
    Setup s;
    s.add(1, JobState::kSucceeded);
    s.backend.result = Payload(Bytes("damaged since"));
    s.backend.jobs[job_id(1)].result_sha256 = sha256_hex("as it was");
    CHECK(fetch(*s.client, 1).status().code() == StatusCode::kDataLoss);
}

TEST_CASE("jobs: the error of a job is not the error of the call") {
    Setup s;
    s.add(1, JobState::kFailed);
    s.backend.jobs[job_id(1)].error = {StatusCode::kInternal, "the work failed"};
    s.add(2, JobState::kRunning);
    s.add(3, JobState::kCancelled);
    CHECK(fetch(*s.client, 1).status() == Status(StatusCode::kInternal, "the work failed"));
    CHECK(fetch(*s.client, 2).status().code() == StatusCode::kFailedPrecondition);
    CHECK(fetch(*s.client, 3).status().code() == StatusCode::kCancelled);
    CHECK(fetch(*s.client, 4).status().code() == StatusCode::kNotFound);
}

TEST_CASE("jobs: a watch gives all events after a number, then ends") {
    Setup s;
    s.add(1, JobState::kSucceeded);
    s.backend.events = 1000;
    Watched all;
    all.follow(*s.client, 1, 0);
    REQUIRE(all.wait_end());
    CHECK(all.end.is_ok());
    REQUIRE(all.sequences.size() == 1000);
    CHECK(all.sequences.front() == 1);
    CHECK(all.sequences.back() == 1000);
    Watched rest;
    rest.follow(*s.client, 1, 997);
    REQUIRE(rest.wait_end());
    CHECK(rest.sequences == std::vector<std::uint64_t>{998, 999, 1000});
    Watched unknown;
    unknown.follow(*s.client, 9, 0);
    REQUIRE(unknown.wait_end());
    CHECK(unknown.end.code() == StatusCode::kNotFound);
}

TEST_CASE("jobs: a watcher that does not read blocks nobody and misses nothing kept") {
    Setup s;
    s.add(1, JobState::kSucceeded);
    s.backend.events = 1000;
    s.backend.event_bytes = 20'000;  // 20 MB in all
    std::promise<void> go;
    const auto may_go = go.get_future().share();
    std::atomic<std::uint64_t> last = 0;
    std::promise<void> ended;
    const auto slow = s.client->watch(
        job_id(1), 0,
        [&](const JobEvent& event) {
            may_go.wait();  // occupies a thread of the client, not of the server
            last = event.sequence;
        },
        [&](const Status&) { ended.set_value(); });
    const auto other = connect_jobs("127.0.0.1:" + std::to_string(s.port));
    CHECK(wait<JobStatus>([&](auto r) { other->get(job_id(1), std::move(r)); }).has_value());
    go.set_value();
    REQUIRE(ended.get_future().wait_for(std::chrono::seconds(40)) == std::future_status::ready);
    CHECK(last == 1000);
    CHECK(s.backend.watches > 1);  // it was asked again instead of queueing
}

TEST_CASE("jobs: a watch ends when the connection breaks, and the next one goes on from there") {
    Setup s;
    s.add(1, JobState::kRunning);
    s.backend.is_ending = false;
    Watched watched;
    watched.follow(*s.client, 1, 0);
    REQUIRE(watched.wait_events(3));
    const auto port = s.port;
    s.peer.server.reset();
    REQUIRE(watched.wait_end());
    CHECK(watched.end.code() == StatusCode::kUnavailable);
    CHECK(watched.sequences == std::vector<std::uint64_t>{1, 2, 3});
    s.backend.events = 5;
    s.backend.is_ending = true;
    s.start(port);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (true) {
        Watched again;
        again.follow(*s.client, 1, 3);
        REQUIRE(again.wait_end());
        if (again.end.is_ok()) {
            CHECK(again.sequences == std::vector<std::uint64_t>{4, 5});
            break;
        }
        REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
}

TEST_CASE("jobs: nobody listens, or the address is none") {
    std::uint16_t port = 0;
    {
        Setup s;
        port = s.port;
    }
    const std::string address = "127.0.0.1:" + std::to_string(port);
    const auto nobody = connect_jobs(address);
    const auto result = submit(*nobody, 1);
    CHECK(result.status().code() == StatusCode::kUnavailable);
    CHECK(result.status().message().find(address) != std::string::npos);
    const auto nowhere = connect_jobs("no where");
    CHECK(submit(*nowhere, 1).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("jobs: a backend that never answers does not keep the server from ending") {
    Setup s;
    s.backend.stalled = true;
    std::promise<Status> ended;
    JobSpec spec;
    spec.id = job_id(1);
    spec.request = tasks::TaskRequest{"hash", "x"};
    s.client->submit(std::move(spec),
                     [&](Result<JobStatus> result) { ended.set_value(result.status()); });
    while (true) {
        const std::lock_guard lock(s.backend.mutex);
        if (!s.backend.replies.empty()) {
            break;
        }
        std::this_thread::yield();
    }
    const auto begin = std::chrono::steady_clock::now();
    s.peer.server->shutdown();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    auto future = ended.get_future();
    REQUIRE(future.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
    CHECK_FALSE(future.get().is_ok());
    s.backend.replies.at(0)(JobStatus{});  // too late: nobody is harmed
}

TEST_CASE("jobs: a client that ends with calls in flight") {
    Setup s;
    s.backend.stalled = true;
    std::atomic<int> replies = 0;
    for (std::uint8_t n = 0; n < 5; ++n) {
        JobSpec spec;
        spec.id = job_id(n);
        spec.request = tasks::TaskRequest{"hash", "x"};
        s.client->submit(std::move(spec), [&](Result<JobStatus>) { ++replies; });
    }
    s.client.reset();
    CHECK(replies == 5);
}

}  // namespace quercus::transport::test
