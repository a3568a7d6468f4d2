// Options and misfortunes of single daemons: alternates, cores, memory, a manager that stops
// answering, and two sides that dial each other.

#include <csignal>

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

// A task that takes `milliseconds` without using the core.
tasks::Request slow_task(std::uint64_t milliseconds) {
    Encoder encoder;
    encoder.varint(milliseconds);
    encoder.boolean(false);
    return tasks::TaskRequest{"sleep", encoder.take()};
}

Result<transport::JobStatus> run_job(Tree& tree, tasks::Request request, Deadline deadline) {
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto spec = make_spec(std::move(request));
    if (auto submitted = jobs.submit(spec); !submitted) {
        return submitted.error();
    }
    return jobs.wait(spec.id, deadline);
}

bool succeeds(Tree& tree, tasks::Request request) {
    const auto status = run_job(tree, std::move(request), within(30s));
    return status && status->state == scheduling::JobState::kSucceeded;
}

}  // namespace

TEST_CASE("daemons: a rank whose manager dies goes to the alternate and finishes there") {
    Tree tree;
    Daemon& first = tree.manager({"-x"});
    Daemon& second = tree.manager({"-x"});
    tree.server({first.address, second.address});
    Daemon& rank = tree.rank(1, first.address + "," + second.address);
    REQUIRE(tree.wait_workers(1, within(20s)));
    REQUIRE(first.wait_log({"child_attached"}, 1, within(5s)));
    CHECK(second.log_lines({"child_attached"}).empty());

    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto spec = make_spec(slow_task(1500));
    REQUIRE(jobs.submit(spec));
    REQUIRE(rank.wait_log({"task_started"}, 1, within(10s)));
    first.process.kill(SIGKILL);
    CHECK(second.wait_log({"child_attached"}, 1, within(15s)));
    const auto status = jobs.wait(spec.id, within(30s));
    REQUIRE(status);
    CHECK(status->state == scheduling::JobState::kSucceeded);
    // The result came from the run that the loss did not touch.
    CHECK(rank.log_lines({"task_started"}).size() == 1);
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("daemons: a manager that stops answering is given up, and may come back") {
    Tree tree(1.0);
    Daemon& frozen = tree.manager({"-n", "1"});
    Daemon& other = tree.manager({"-n", "1"});
    Daemon& server = tree.server({frozen.address, other.address});
    REQUIRE(tree.wait_workers(2, within(20s)));
    frozen.process.kill(SIGSTOP);
    REQUIRE(server.wait_log({"child_silent"}, 1, within(10s)));
    CHECK(succeeds(tree, tasks::TaskRequest{"map", tasks::counted_map("hash", 100)}));
    frozen.process.kill(SIGCONT);
    CHECK(tree.wait_workers(2, within(20s)));
    CHECK(succeeds(tree, tasks::TaskRequest{"map", tasks::counted_map("hash", 100)}));
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("daemons: parent and child that dial each other end up with one link") {
    Tree tree;
    Daemon& inner = tree.manager({"-n", "1"});
    // The outer manager dials the inner one, which is told to join the outer: nobody knows the
    // other's port before it runs, so the inner one is started on a port that was free.
    const std::string port = inner.address.substr(inner.address.rfind(':') + 1);
    inner.process.kill(SIGINT);
    REQUIRE(inner.process.wait(within(10s)) == ExitStatus{0, 0});
    Daemon& outer = tree.manager({"-m", "127.0.0.1:" + port});
    Daemon& again = tree.manager({"-n", "1", "--port", port, "--join", outer.address});
    tree.server({outer.address});
    REQUIRE(tree.wait_workers(1, within(20s)));
    CHECK(succeeds(tree, tasks::TaskRequest{"map", tasks::counted_map("hash", 100)}));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto nodes = jobs.tree();
    REQUIRE(nodes);
    CHECK(nodes->nodes.size() == 4);  // server, two managers, one rank: none twice
    CHECK_FALSE(again.address.empty());
    CHECK(tree.stop(within(15s)));
}

TEST_CASE("daemons: reserved cores get no worker") {
    const host::Machine machine = host::inspect_machine();
    const std::uint32_t cores = machine.usable_cores();
    if (cores < 2) {
        WARN("skipped: one core");
        return;
    }
    Tree tree;
    Daemon& manager = tree.manager({"--reserve-cores", "1"});
    tree.server({manager.address});
    REQUIRE(tree.wait_workers(static_cast<int>(cores) - 1, within(20s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto nodes = jobs.tree();
    REQUIRE(nodes);
    std::size_t workers = 0;
    for (const auto& node : nodes->nodes) {
        workers += node.workers.size();
    }
    CHECK(workers == cores - 1);
    CHECK(tree.stop(within(15s)));
    const Finished all =
        run({binary("quercus-manager"), "--reserve-cores", std::to_string(cores), "--port", "0"});
    CHECK(all.exit == ExitStatus{2, 0});
    CHECK(all.err.find("--reserve-cores") != std::string::npos);
}

TEST_CASE("daemons: a task above the memory limit fails, and the next one runs") {
    if (kSanitized) {
        WARN("skipped: sanitizer builds have no memory limit");
        return;
    }
    Tree tree;
    Daemon& manager = tree.manager({"-n", "1", "--memory-per-task", "64M"});
    tree.server({manager.address});
    REQUIRE(tree.wait_workers(1, within(20s)));
    Encoder bytes;
    bytes.varint(std::uint64_t{256} << 20);
    const auto greedy =
        run_job(tree, tasks::TaskRequest{"test.allocate", bytes.take()}, within(30s));
    REQUIRE(greedy);
    CHECK(greedy->state == scheduling::JobState::kFailed);
    CAPTURE(greedy->error.to_string());
    CHECK(greedy->error.code() == StatusCode::kResourceExhausted);
    CHECK(succeeds(tree, tasks::TaskRequest{"noop", {}}));
    CHECK(tree.stop(within(15s)));
}
