// The tree as people start it: managers first or last, hierarchies, ranks by hand, and its end.

#include <condition_variable>
#include <csignal>
#include <mutex>

#include "quantum/base/codec.hpp"
#include "runtime/host/machine.hpp"
#include "runtime/tasks/map_request.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tree.hpp"

using namespace quercus;
using namespace quercus::testing;
using namespace std::chrono_literals;

namespace {

Bytes idle_sleep(std::uint64_t milliseconds) {
    Encoder encoder;
    encoder.varint(milliseconds);
    encoder.boolean(false);
    return encoder.take();
}

// Runs a job to its end and returns its payload.
Payload run_job(Tree& tree, tasks::Request request) {
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto spec = make_spec(std::move(request));
    REQUIRE(jobs.submit(spec));
    const auto status = jobs.wait(spec.id, within(30s));
    REQUIRE(status);
    INFO(status->error.to_string());
    REQUIRE(status->state == scheduling::JobState::kSucceeded);
    const auto payload = jobs.fetch(spec.id);
    REQUIRE(payload);
    return *payload;
}

}  // namespace

TEST_CASE("tree: managers of managers run a job, and SIGINT at the server ends every process") {
    Tree tree;
    Daemon& leaf = tree.manager({"-n", "2"});
    Daemon& middle = tree.manager({"-m", leaf.address});
    tree.server({middle.address});
    REQUIRE(tree.wait_workers(2, within(20s)));
    CHECK(run_job(tree, tasks::TaskRequest{"map", tasks::counted_map("hash", 1000)}).view() ==
          tasks::expected_hash_map(1000));
    const Finished shown = run({binary("quercus"), "--server", tree.server_address(), "tree"});
    CHECK(shown.exit == ExitStatus{0, 0});
    for (const char* word : {"server", "manager", "rank", "cpu"}) {
        CAPTURE(word, shown.out);
        CHECK(shown.out.find(word) != std::string::npos);
    }
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("tree: the order of start does not matter") {
    Tree tree;
    // A port that is free now; the manager takes it later.
    Daemon& probe = tree.manager({"-x"});
    const std::string address = probe.address;
    probe.process.kill(SIGKILL);
    REQUIRE(probe.process.wait(within(5s)));
    Daemon& server = tree.server({address});
    REQUIRE(server.wait_log({"link_closed", address}, 1, within(10s)));
    tree.rank(1, address);
    tree.manager({"-x", "--port", address.substr(address.rfind(':') + 1)});
    REQUIRE(tree.wait_workers(1, within(20s)));
    run_job(tree, tasks::TaskRequest{"noop", {}});
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("tree: ranks by hand have their own environment and cores") {
    const host::Machine machine = host::inspect_machine();
    const int cpu = machine.allowed_cpus.back();
    Tree tree;
    Daemon& manager = tree.manager({"-x"});
    tree.server({manager.address});
    tree.rank(1, manager.address,
              {"--tag-env", "QUERCUS_GPU", "--cpus", std::to_string(cpu), "--tag", "room=7"},
              {{"QUERCUS_GPU", "3"}, {"QUERCUS_SECRET", "hidden"}});
    REQUIRE(tree.wait_workers(1, within(20s)));
    const std::string probe(run_job(tree, tasks::TaskRequest{"probe", {}}).view());
    CAPTURE(probe);
    CHECK(probe.find("\"QUERCUS_GPU\":\"3\"") != std::string::npos);
    CHECK(probe.find("hidden") == std::string::npos);
    const std::size_t at = probe.find("\"pid\":");
    REQUIRE(at != std::string::npos);
    CHECK(cpus_allowed_list(std::stoi(probe.substr(at + 6))) == std::to_string(cpu));
    const Finished shown = run({binary("quercus"), "--server", tree.server_address(), "tree"});
    CAPTURE(shown.out);
    CHECK(shown.out.find("QUERCUS_GPU=3") != std::string::npos);
    CHECK(shown.out.find("room=7") != std::string::npos);
    CHECK(shown.out.find("hidden") == std::string::npos);
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("tree: an unknown host is reported and does not keep the others from working") {
    Tree tree;
    Daemon& manager = tree.manager({"-n", "1"});
    Daemon& server = tree.server({manager.address, "no-such-host.invalid"});
    REQUIRE(tree.wait_workers(1, within(20s)));
    CHECK(server.wait_log({"link_closed", "no-such-host.invalid"}, 1, within(15s)));
    run_job(tree, tasks::TaskRequest{"noop", {}});
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("tree: a taken port is an error that names it") {
    Tree tree;
    Daemon& manager = tree.manager({"-x"});
    const std::string port = manager.address.substr(manager.address.rfind(':') + 1);
    const Finished second = run({binary("quercus-manager"), "-x", "--port", port});
    CHECK(second.exit == ExitStatus{1, 0});
    CAPTURE(second.err);
    CHECK(second.err.find(port) != std::string::npos);
    manager.process.kill(SIGINT);
    CHECK(manager.process.wait(within(10s)) == ExitStatus{0, 0});
}

TEST_CASE("tree: the loss of a rank shows within the lease") {
    Tree tree;
    Daemon& manager = tree.manager({"-x"});
    tree.server({manager.address});
    Daemon& rank = tree.rank(1, manager.address);
    REQUIRE(tree.wait_workers(1, within(20s)));
    rank.process.kill(SIGKILL);
    REQUIRE(manager.wait_log({"child_lost"}, 1, within(6s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    bool is_shown = false;
    const Deadline deadline = within(5s);
    while (!is_shown && Clock::now() < deadline) {
        const auto nodes = jobs.tree();
        REQUIRE(nodes);
        for (const auto& node : nodes->nodes) {
            is_shown = is_shown || node.state.find("lost") != std::string::npos;
        }
    }
    CHECK(is_shown);
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("tree: a client may leave and come back for its result; a second one may stop nothing") {
    Tree tree;
    Daemon& manager = tree.manager({"-n", "1"});
    tree.server({manager.address});
    REQUIRE(tree.wait_workers(1, within(20s)));
    const auto spec = make_spec(tasks::TaskRequest{"sleep", idle_sleep(300)});
    {
        const auto first = transport::connect_jobs(tree.server_address());
        REQUIRE(WaitingJobs(*first).submit(spec));
    }
    const auto second = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*second);
    const auto status = jobs.wait(spec.id, within(20s));
    REQUIRE(status);
    CHECK(status->state == scheduling::JobState::kSucceeded);
    CHECK(jobs.fetch(spec.id));
    CHECK(jobs.remove(spec.id));
    CHECK(jobs.fetch(spec.id).error().code() == StatusCode::kNotFound);
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("tree: jobs live in memory: stopping the server ends them with UNAVAILABLE") {
    Tree tree;
    Daemon& manager = tree.manager({"-n", "1"});
    Daemon& server = tree.server({manager.address});
    CHECK(server.process.wait_for_output("jobs live in memory", within(5s)));
    REQUIRE(tree.wait_workers(1, within(20s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto spec = make_spec(tasks::TaskRequest{"sleep", idle_sleep(60000)});
    REQUIRE(jobs.submit(spec));
    REQUIRE(manager.wait_log({"task_started"}, 1, within(10s)));
    std::mutex mutex;
    std::condition_variable heard;
    scheduling::JobState last = scheduling::JobState::kQueued;
    const auto watch = remote->watch(
        spec.id, 0,
        [&](const transport::JobEvent& event) {
            const std::lock_guard lock(mutex);
            last = event.state;
            heard.notify_all();
        },
        [](const Status&) {});
    const auto wait_for = [&](scheduling::JobState state) {
        std::unique_lock lock(mutex);
        return heard.wait_for(lock, 15s, [&] { return last == state; });
    };
    REQUIRE(wait_for(scheduling::JobState::kRunning));  // the watch is there
    CHECK(tree.stop(within(15s)));
    CHECK(wait_for(scheduling::JobState::kFailed));
}
