#include "runtime/host/job_desk.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <thread>

#include "runtime/host/node_host.hpp"
#include "runtime/transport/sha256.hpp"
#include "tests/support/catch.hpp"

using namespace quercus;
using namespace quercus::host;
using transport::JobSpec;
using transport::JobStatus;

namespace {

// A desk on a running loop, with a recorder in the node's place.
struct Bench {
    loop::Loop loop;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<scheduling::Event> events;
    std::unique_ptr<JobDesk> desk;
    std::thread thread;

    explicit Bench(JobDeskLimits limits = {}) {
        desk = std::make_unique<JobDesk>(
            loop,
            JobDeskPorts{[this](scheduling::Event event) {
                             const std::lock_guard lock(mutex);
                             events.push_back(std::move(event));
                             changed.notify_all();
                         },
                         [] { return scheduling::Subtree{}; },
                         [] { return scheduling::CacheStats{}; },
                         [](const std::function<void()>& then) { then(); }},
            limits);
        thread = std::thread([this] { loop.run(); });
    }
    ~Bench() {
        loop.stop();
        thread.join();
    }

    template <class T, class Call>
    Result<T> ask(Call call) {
        auto promise = std::make_shared<std::promise<Result<T>>>();
        call([promise](Result<T> result) { promise->set_value(std::move(result)); });
        return promise->get_future().get();
    }
    Result<JobStatus> submit(const JobSpec& spec) {
        return ask<JobStatus>([&](auto reply) { desk->submit(spec, reply); });
    }
    Result<JobStatus> cancel(scheduling::JobId id) {
        return ask<JobStatus>([&](auto reply) { desk->cancel(id, reply); });
    }
    Result<JobStatus> get(scheduling::JobId id) {
        return ask<JobStatus>([&](auto reply) { desk->get(id, reply); });
    }
    // The node hears that the job was cancelled.
    bool wait_cancelled(scheduling::JobId id) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(20), [&] {
            return std::any_of(events.begin(), events.end(), [&](const auto& event) {
                const auto* cancelled = std::get_if<scheduling::JobCancelled>(&event);
                return cancelled != nullptr && cancelled->job == id;
            });
        });
    }
    Result<Payload> fetch(scheduling::JobId id) {
        return ask<Payload>([&](auto reply) { desk->fetch(id, reply); });
    }
    Result<transport::Nothing> remove(scheduling::JobId id) {
        return ask<transport::Nothing>([&](auto reply) { desk->remove(id, reply); });
    }
    void improve(scheduling::JobId id, const Bytes& incumbent) {
        scheduling::JobUpdate change;
        change.job = id;
        change.state = scheduling::JobState::kRunning;
        change.progress = scheduling::Progress{id, 0.5, "searching", Payload(incumbent)};
        tell(change);
    }
    void update(scheduling::JobId id, scheduling::JobState state, const Bytes& output = {}) {
        scheduling::JobUpdate change;
        change.job = id;
        change.state = state;
        change.output = Payload(output);
        tell(change);
    }
    void tell(const scheduling::JobUpdate& change) {
        std::promise<void> done;
        loop.post([&] {
            desk->on_update(change);
            done.set_value();
        });
        done.get_future().wait();
    }
};

JobSpec noop_spec() {
    JobSpec spec;
    spec.id = random_id<scheduling::JobId>();
    spec.request = tasks::TaskRequest{"noop", {}};
    return spec;
}

}  // namespace

TEST_CASE("desk: submit is idempotent by id and refuses another job under the same id") {
    Bench bench;
    const JobSpec spec = noop_spec();
    REQUIRE(bench.submit(spec));
    REQUIRE(bench.submit(spec));
    CHECK(bench.events.size() == 1);
    JobSpec reseeded = spec;
    reseeded.seed = 5;
    CHECK(bench.submit(reseeded).error().code() == StatusCode::kAlreadyExists);
    JobSpec other = spec;
    other.request = tasks::TaskRequest{"hash", "x"};
    const auto refused = bench.submit(other);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == StatusCode::kAlreadyExists);
}

TEST_CASE("desk: a result can be fetched when there is one, and says why when not") {
    Bench bench;
    const JobSpec spec = noop_spec();
    REQUIRE(bench.submit(spec));
    CHECK(bench.fetch(spec.id).error().code() == StatusCode::kFailedPrecondition);
    CHECK(bench.remove(spec.id).error().code() == StatusCode::kFailedPrecondition);
    bench.update(spec.id, scheduling::JobState::kRunning);
    bench.update(spec.id, scheduling::JobState::kSucceeded, "bytes");
    REQUIRE(bench.fetch(spec.id));
    CHECK(bench.fetch(spec.id)->view() == "bytes");
    REQUIRE(bench.remove(spec.id));
    CHECK(bench.fetch(spec.id).error().code() == StatusCode::kNotFound);
}

TEST_CASE("desk: a cancelled job's result is the best it had, with its digest") {
    Bench bench;
    const JobSpec spec = noop_spec();
    REQUIRE(bench.submit(spec));
    bench.improve(spec.id, "good");
    bench.improve(spec.id, "better");
    bench.improve(spec.id, "");  // progress without a new one
    CHECK_FALSE(bench.fetch(spec.id));
    const auto cancelled = bench.cancel(spec.id);
    REQUIRE(cancelled);
    CHECK(cancelled->state == scheduling::JobState::kCancelled);
    CHECK(cancelled->result_size_bytes == 6);
    CHECK(cancelled->result_sha256 == transport::sha256_hex("better"));
    CHECK(bench.fetch(spec.id)->view() == "better");
    bench.update(spec.id, scheduling::JobState::kSucceeded, "too late");
    CHECK(bench.fetch(spec.id)->view() == "better");
}

TEST_CASE("desk: cancel is recorded at once, is idempotent, and later updates change nothing") {
    Bench bench;
    const JobSpec spec = noop_spec();
    REQUIRE(bench.submit(spec));
    CHECK(bench.cancel(spec.id)->state == scheduling::JobState::kCancelled);
    CHECK(bench.cancel(spec.id)->state == scheduling::JobState::kCancelled);
    bench.update(spec.id, scheduling::JobState::kSucceeded, "late");
    CHECK(bench.fetch(spec.id).error().code() == StatusCode::kCancelled);
    CHECK(bench.cancel(random_id<scheduling::JobId>()).error().code() == StatusCode::kNotFound);
}

TEST_CASE("desk: a watch resumes after a sequence number and ends with the job") {
    Bench bench;
    const JobSpec spec = noop_spec();
    REQUIRE(bench.submit(spec));
    bench.update(spec.id, scheduling::JobState::kRunning);
    std::vector<std::uint64_t> seen;
    std::promise<Status> ended;
    const auto watch = bench.desk->watch(
        spec.id, 1, [&](const transport::JobEvent& event) { seen.push_back(event.sequence); },
        [&](const Status& status) { ended.set_value(status); });
    bench.update(spec.id, scheduling::JobState::kSucceeded);
    CHECK(ended.get_future().get().is_ok());
    CHECK(seen == std::vector<std::uint64_t>{2, 3});
}

TEST_CASE("desk: bounded in jobs and in bytes of results") {
    JobDeskLimits limits;
    limits.unfinished_jobs = 2;
    limits.kept_result_bytes = 10;
    Bench bench(limits);
    const JobSpec a = noop_spec();
    const JobSpec b = noop_spec();
    REQUIRE(bench.submit(a));
    REQUIRE(bench.submit(b));
    CHECK(bench.submit(noop_spec()).error().code() == StatusCode::kResourceExhausted);
    bench.update(a.id, scheduling::JobState::kSucceeded, "12345678");
    bench.update(b.id, scheduling::JobState::kSucceeded, "12345678");
    CHECK(bench.fetch(a.id).error().code() == StatusCode::kNotFound);
    CHECK(bench.fetch(b.id));
}

TEST_CASE("desk: finished jobs are forgotten oldest first, whether or not they have a result") {
    JobDeskLimits limits;
    limits.finished_jobs = 2;
    Bench bench(limits);
    std::vector<JobSpec> specs;
    for (int i = 0; i < 4; ++i) {
        specs.push_back(noop_spec());
        REQUIRE(bench.submit(specs.back()));
        bench.update(specs.back().id, scheduling::JobState::kFailed);
    }
    const auto known = [&](const JobSpec& spec) { return static_cast<bool>(bench.get(spec.id)); };
    CHECK_FALSE(known(specs[0]));
    CHECK_FALSE(known(specs[1]));
    CHECK(known(specs[2]));
    CHECK(known(specs[3]));
}

TEST_CASE("desk: inputs of unfinished jobs are bounded") {
    JobDeskLimits limits;
    limits.unfinished_input_bytes = 100;
    Bench bench(limits);
    JobSpec large = noop_spec();
    large.request = tasks::TaskRequest{"noop", Bytes(80, 'x')};
    REQUIRE(bench.submit(large));
    JobSpec second = noop_spec();
    second.request = large.request;
    CHECK(bench.submit(second).error().code() == StatusCode::kResourceExhausted);
    bench.update(large.id, scheduling::JobState::kSucceeded);
    CHECK(bench.submit(second));
}

TEST_CASE("desk: the id of a removed job is not used again") {
    JobDeskLimits limits;
    limits.removed_ids = 2;
    Bench bench(limits);
    std::vector<JobSpec> specs;
    for (int i = 0; i < 3; ++i) {
        specs.push_back(noop_spec());
        REQUIRE(bench.submit(specs.back()));
        REQUIRE(bench.cancel(specs.back().id));
        REQUIRE(bench.remove(specs.back().id));
    }
    const auto refused = bench.submit(specs[2]);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == StatusCode::kAlreadyExists);
    CHECK(refused.error().message().find("removed") != std::string::npos);
    CHECK(bench.submit(specs[1]).error().code() == StatusCode::kAlreadyExists);
    // A late result of the former job reaches nobody.
    bench.update(specs[2].id, scheduling::JobState::kSucceeded, "late");
    CHECK(bench.fetch(specs[2].id).error().code() == StatusCode::kNotFound);
    CHECK(bench.submit(specs[0]));  // the memory is bounded
}

TEST_CASE("desk: the id of a job that was forgotten for want of room is not used again") {
    JobDeskLimits limits;
    limits.finished_jobs = 1;
    Bench bench(limits);
    const JobSpec first = noop_spec();
    const JobSpec second = noop_spec();
    for (const JobSpec& spec : {first, second}) {
        REQUIRE(bench.submit(spec));
        bench.update(spec.id, scheduling::JobState::kFailed);
    }
    CHECK(bench.submit(first).error().code() == StatusCode::kAlreadyExists);
}

TEST_CASE("desk: the loop does not wait for the digest of a large result") {
    Bench bench;
    const JobSpec large = noop_spec();
    REQUIRE(bench.submit(large));
    std::promise<void> ended;
    const auto watch = bench.desk->watch(
        large.id, 0, [](const transport::JobEvent&) {}, [&](const Status&) { ended.set_value(); });
    const Bytes output(std::size_t{64} << 20, 'r');
    scheduling::JobUpdate update;
    update.job = large.id;
    update.state = scheduling::JobState::kSucceeded;
    update.output = Payload(output);
    // Asked for in the turn of the update: answered before a digest of some 30 ms is there.
    std::promise<Result<JobStatus>> asked;
    bench.loop.post([&] {
        bench.desk->on_update(update);
        bench.desk->get(large.id, [&](Result<JobStatus> job) { asked.set_value(std::move(job)); });
    });
    CHECK(asked.get_future().get()->state == scheduling::JobState::kQueued);
    REQUIRE(ended.get_future().wait_for(std::chrono::seconds(40)) == std::future_status::ready);
    CHECK(bench.get(large.id)->result_sha256 == transport::sha256_hex(output));
    CHECK(bench.fetch(large.id)->size() == output.size());
}

TEST_CASE("desk: a cancel wins over a digest that is being computed") {
    Bench bench;
    const JobSpec first = noop_spec();
    const JobSpec second = noop_spec();
    REQUIRE(bench.submit(first));
    REQUIRE(bench.submit(second));
    std::promise<void> ended;
    const auto watch = bench.desk->watch(
        second.id, 0, [](const transport::JobEvent&) {}, [&](const Status&) { ended.set_value(); });
    // In one turn of the loop: the cancel is there long before a digest of some 100 ms.
    const auto succeeded = [](scheduling::JobId id, const Payload& output) {
        scheduling::JobUpdate update;
        update.job = id;
        update.state = scheduling::JobState::kSucceeded;
        update.output = output;
        return update;
    };
    const Payload output(Bytes(std::size_t{256} << 20, 'r'));
    std::promise<Result<JobStatus>> cancelled;
    bench.loop.post([&] {
        bench.desk->on_update(succeeded(first.id, output));
        bench.desk->on_update(succeeded(second.id, output));
        bench.desk->cancel(first.id,
                           [&](Result<JobStatus> job) { cancelled.set_value(std::move(job)); });
    });
    CHECK(cancelled.get_future().get()->state == scheduling::JobState::kCancelled);
    // Digests come in order, so the first one's has come, too.
    REQUIRE(ended.get_future().wait_for(std::chrono::seconds(40)) == std::future_status::ready);
    CHECK(bench.get(first.id)->state == scheduling::JobState::kCancelled);
    CHECK(bench.fetch(first.id).error().code() == StatusCode::kCancelled);
}

TEST_CASE("desk: cancel on disconnect includes a client that never came to watch") {
    JobDeskLimits limits;
    limits.disconnect_grace = std::chrono::milliseconds(50);
    Bench bench(limits);
    JobSpec spec = noop_spec();
    spec.cancel_on_disconnect = true;
    REQUIRE(bench.submit(spec));
    REQUIRE(bench.wait_cancelled(spec.id));
    CHECK(bench.get(spec.id)->state == scheduling::JobState::kCancelled);
}

TEST_CASE("desk: cancel on disconnect waits for the grace after the last watcher") {
    JobDeskLimits limits;
    limits.disconnect_grace = std::chrono::milliseconds(200);
    Bench bench(limits);
    JobSpec watched = noop_spec();
    watched.cancel_on_disconnect = true;
    REQUIRE(bench.submit(watched));
    auto watch = bench.desk->watch(
        watched.id, 0, [](const transport::JobEvent&) {}, [](const Status&) {});
    JobSpec unwatched = watched;
    unwatched.id = random_id<scheduling::JobId>();
    REQUIRE(bench.submit(unwatched));
    REQUIRE(bench.wait_cancelled(unwatched.id));  // its grace began later than the other's would
    CHECK(bench.get(watched.id)->state == scheduling::JobState::kQueued);
    watch.reset();
    CHECK(bench.wait_cancelled(watched.id));
}
