// A whole tree in one process: server, manager and two ranks, each on a loop of its own thread,
// joined by in-process links; only the executors are processes. What system tests check over gRPC
// is checked here where ThreadSanitizer can see both sides.

#include <array>
#include <cmath>
#include <future>
#include <thread>

#include "quantum/base/codec.hpp"
#include "quantum/qasm/reader.hpp"
#include "runtime/host/attached.hpp"
#include "runtime/host/job_desk.hpp"
#include "runtime/host/node_host.hpp"
#include "runtime/host/rank.hpp"
#include "runtime/tasks/map_request.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tree.hpp"

using namespace quercus;
using namespace quercus::testing;
using namespace std::chrono_literals;

namespace {

// Sanitizers slow the executors down tenfold and more.
constexpr std::chrono::seconds kJobLimit = kSanitized ? 600s : 90s;

// One node of the tree on a thread of its own.
class Host {
 public:
    Host(host::NodeHostOptions options, host::NodeHostCallbacks callbacks = {}) {
        callbacks.on_exit = [this](int) { loop_.stop(); };
        node_ = std::make_unique<host::NodeHost>(loop_, std::move(options), std::move(callbacks));
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~Host() {
        stop();
        node_->transport().shutdown();
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // Executors die with the thread that starts them, which is the loop's.
    [[nodiscard]] Status start() {
        std::promise<Status> started;
        loop_.post([&] { started.set_value(node_->start()); });
        return started.get_future().get();
    }
    void stop() {
        node_->request_stop();
        wait();
    }
    void wait() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    void join(Host& child) {
        transport::TreeTransport::join_in_process(node_->transport(), child.node_->transport());
    }
    host::NodeHost& node() { return *node_; }
    loop::Loop& loop() { return loop_; }

 private:
    loop::Loop loop_;
    std::unique_ptr<host::NodeHost> node_;
    std::thread thread_;
};

host::NodeHostOptions rank_options() {
    host::RankOptions options;
    options.workers = 1;
    options.executor_binary = binary("quercus-executor");
    auto rank = host::make_rank(options);
    REQUIRE(rank);
    return std::move(*rank);
}

host::NodeHostOptions inner_options(scheduling::Role role) {
    host::NodeHostOptions options;
    options.node = host::make_node_config(role);
    return options;
}

class ThreeLevels {
 public:
    ThreeLevels()
        : server_(inner_options(scheduling::Role::kServer),
                  {[this](const scheduling::JobUpdate& update) { desk_->on_update(update); }, {}}),
          manager_(inner_options(scheduling::Role::kManager)),
          left_(rank_options()),
          right_(rank_options()) {
        desk_ = std::make_unique<host::JobDesk>(
            server_.loop(),
            host::JobDeskPorts{
                [this](scheduling::Event event) { server_.node().submit(std::move(event)); },
                [this] { return server_.node().node().subtree(server_.node().now()); },
                [this] { return server_.node().node().cache_stats(); },
                [this](std::function<void()> then) {
                    server_.node().submit(scheduling::CacheClearRequested{}, std::move(then));
                }});
        for (Host* host : {&server_, &manager_, &left_, &right_}) {
            REQUIRE(host->start().is_ok());
        }
        server_.join(manager_);
        manager_.join(left_);
        manager_.join(right_);
    }
    ~ThreeLevels() {
        server_.stop();
        desk_.reset();
        server_.node().transport().shutdown();
    }

    // The server's stop reaches everybody below it.
    void stop_from_above() {
        server_.stop();
        for (Host* host : {&manager_, &left_, &right_}) {
            host->wait();
        }
    }
    Host& left() { return left_; }
    transport::Jobs& jobs() { return *desk_; }

    // Waits until the tree that the server sees satisfies `condition`.
    template <class Condition>
    [[nodiscard]] bool wait_tree(Condition condition) {
        WaitingJobs waiting(jobs());
        for (const Deadline deadline = within(20s); Clock::now() < deadline;) {
            if (const auto tree = waiting.tree(); tree && condition(*tree)) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool wait_workers(std::size_t workers) {
        return wait_tree([workers](const scheduling::Subtree& tree) {
            std::size_t seen = 0;
            for (const auto& node : tree.nodes) {
                seen += node.workers.size();
            }
            return seen >= workers;
        });
    }

 private:
    std::unique_ptr<host::JobDesk> desk_;
    Host server_;
    Host manager_;
    Host left_;
    Host right_;
};

Payload run_job(transport::Jobs& jobs, tasks::Request request,
                scheduling::Report* report = nullptr) {
    WaitingJobs waiting(jobs);
    const auto spec = make_spec(std::move(request), 3);
    REQUIRE(waiting.submit(spec));
    const auto status = waiting.wait(spec.id, within(kJobLimit));
    REQUIRE(status);
    INFO(status->error.to_string());
    REQUIRE(status->state == scheduling::JobState::kSucceeded);
    if (report != nullptr) {
        *report = status->report;
    }
    auto payload = waiting.fetch(spec.id);
    REQUIRE(payload);
    return *payload;
}

tasks::CompileRequest compile_request(std::uint32_t level, const passes::TargetSpec& target = {}) {
    auto circuit = qasm::read_file(QUERCUS_TEST_DATA "/circuits/hhl_n7.qasm");
    REQUIRE(circuit);
    tasks::CompileRequest request;
    request.source = std::move(*circuit);
    request.level = level;
    request.iterations = level == 4 ? 20 : 0;
    request.target = target;
    return request;
}

tasks::CompileRequest budgeted_request() {
    tasks::CompileRequest request = compile_request(1);
    request.error_budget = 1e-3;
    return request;
}

// A state of five qubits that no part of it prepares alone.
tasks::CompileRequest state_request() {
    synthesis::StateVector state(32);
    for (std::size_t i = 0; i < state.size(); ++i) {
        const double x = static_cast<double>(i);
        state[i] = {std::sin(1 + x * x), std::cos(3 * x)};
    }
    double squared = 0;
    for (const auto& amplitude : state) {
        squared += std::norm(amplitude);
    }
    for (auto& amplitude : state) {
        amplitude /= std::sqrt(squared);
    }
    tasks::CompileRequest request{state, 2};
    request.target.gates = {"cz", "rz", "sx"};
    return request;
}

}  // namespace

TEST_CASE("three levels: both ranks share a map, and a stop from above ends all") {
    ThreeLevels tree;
    REQUIRE(tree.wait_workers(2));
    CHECK(
        run_job(tree.jobs(), tasks::TaskRequest{"map", tasks::counted_map("hash", 2000)}).view() ==
        tasks::expected_hash_map(2000));
    tree.stop_from_above();
}

TEST_CASE("three levels: compile gives the bytes of attached mode") {
    const std::vector<tasks::CompileRequest> requests{
        compile_request(0), compile_request(1),
        compile_request(2), compile_request(3),
        compile_request(4), compile_request(1, {"grid-6x6", {"cz", "rz", "sx", "x"}}),
        state_request(),    budgeted_request()};
    std::vector<Payload> expected;
    {
        auto attached = host::AttachedTree::start({binary("quercus-executor"), 1, 0});
        REQUIRE(attached);
        for (const auto& request : requests) {
            expected.push_back(run_job((*attached)->jobs(), request));
        }
    }
    {
        auto wider = host::AttachedTree::start({binary("quercus-executor"), 3, 0});
        REQUIRE(wider);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            CAPTURE(i);
            CHECK(run_job((*wider)->jobs(), requests[i]).view() == expected[i].view());
        }
    }
    ThreeLevels tree;
    REQUIRE(tree.wait_workers(2));
    for (std::size_t i = 0; i < requests.size(); ++i) {
        CAPTURE(i);
        CHECK(run_job(tree.jobs(), requests[i]).view() == expected[i].view());
    }
}

TEST_CASE("three levels: a rank that leaves in the middle costs no task") {
    ThreeLevels tree;
    REQUIRE(tree.wait_workers(2));
    WaitingJobs waiting(tree.jobs());
    const auto spec = make_spec(tasks::TaskRequest{"map", tasks::counted_map("hash", 400000)});
    REQUIRE(waiting.submit(spec));
    REQUIRE(tree.wait_tree([&](const scheduling::Subtree& seen) {
        std::size_t busy = 0;
        for (const auto& node : seen.nodes) {
            for (const auto& worker : node.workers) {
                busy += worker.tasks_done > 0 ? 1 : 0;
            }
        }
        return busy == 2;
    }));
    REQUIRE(waiting.get(spec.id)->state == scheduling::JobState::kRunning);
    tree.left().stop();
    const auto status = waiting.wait(spec.id, within(kJobLimit));
    REQUIRE(status);
    CHECK(status->state == scheduling::JobState::kSucceeded);
    const auto payload = waiting.fetch(spec.id);
    REQUIRE(payload);
    CHECK(payload->view() == tasks::expected_hash_map(400000));
}

TEST_CASE("three levels: two equal jobs at a time are computed once, to the same bytes") {
    ThreeLevels tree;
    REQUIRE(tree.wait_workers(2));
    WaitingJobs waiting(tree.jobs());
    const std::array specs = {make_spec(compile_request(1), 3), make_spec(compile_request(1), 3)};
    for (const transport::JobSpec& spec : specs) {
        REQUIRE(waiting.submit(spec));
    }
    std::uint64_t tasks = 0, cached = 0;
    std::vector<Payload> results;
    for (const transport::JobSpec& spec : specs) {
        const auto status = waiting.wait(spec.id, within(kJobLimit));
        REQUIRE(status);
        const auto payload = waiting.fetch(spec.id);
        REQUIRE(payload);
        results.push_back(*payload);
        tasks += status->report.tasks;
        cached += status->report.cached;
    }
    CHECK(results[0].view() == results[1].view());
    REQUIRE(waiting.clear_cache());
    const transport::JobSpec last = make_spec(compile_request(1), 3);
    REQUIRE(waiting.submit(last));
    const auto ended = waiting.wait(last.id, within(kJobLimit));
    REQUIRE(ended);
    CHECK(waiting.fetch(last.id)->view() == results[0].view());
    const std::uint64_t alone = ended->report.tasks;
    // Of each pair of equal tasks that take long enough to be kept, one was served, whether it
    // waited or came later. That none ran twice is shown in the simulator.
    CAPTURE(tasks, cached, alone);
    CHECK(cached > 0);
    CHECK(tasks * 2 <= alone * 3);
}

TEST_CASE("three levels: same bytes cold, warm and after the cache was cleared") {
    const std::uint32_t level = GENERATE(0u, 1u, 3u, 4u);
    ThreeLevels tree;
    REQUIRE(tree.wait_workers(2));
    WaitingJobs waiting(tree.jobs());
    scheduling::Report report;
    const auto run = [&] { return run_job(tree.jobs(), compile_request(level), &report); };
    const Payload cold = run();
    const std::uint64_t tasks = report.tasks;
    // At level 1 equal blocks of several segments are asked for again.
    CHECK((report.cached == 0 || level == 1));
    REQUIRE(waiting.cache());
    CHECK((waiting.cache()->entries > 0) == (tasks > 0));
    CHECK(run().view() == cold.view());
    CHECK((report.cached > 0) == (tasks > 0));
    // A segment is known as a whole, with all of its blocks.
    CHECK((report.tasks + report.cached == tasks || level == 1));
    // Only what took less than a tenth of a millisecond runs again.
    CHECK(report.tasks <= tasks / 2);
    REQUIRE(waiting.clear_cache());
    CHECK(waiting.cache()->entries == 0);
    CHECK(run().view() == cold.view());
    CHECK((report.cached == 0 || level == 1));
    CHECK(report.tasks >= tasks / 2);
}
