// What the table of losses in ARCHITECTURE section 4 promises, on real processes and with kill -9.
// Every kill is triggered by an event: the log line that says that the victim has started a task.
// Repeated QUERCUS_REPEAT times (default 1).

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "quantum/base/codec.hpp"
#include "quantum/qasm/reader.hpp"
#include "runtime/host/attached.hpp"
#include "runtime/tasks/map_request.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tree.hpp"

using namespace quercus;
using namespace quercus::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kTasks = 100;
constexpr std::uint64_t kTaskMs = 20;

int repetitions() {
    const char* text = std::getenv("QUERCUS_REPEAT");
    return text != nullptr ? std::max(1, std::atoi(text)) : 1;
}

// kTasks tasks that compute for kTaskMs each; distinct, so that each has a digest of its own.
tasks::Request busy_map() {
    ByteColumn inputs;
    for (std::uint64_t i = 0; i < kTasks; ++i) {
        Encoder encoder;
        encoder.varint(kTaskMs);
        encoder.boolean(true);
        encoder.varint(i);
        inputs.push_back(encoder.view());
    }
    return tasks::TaskRequest{"map", tasks::listed_map("sleep", inputs)};
}

tasks::Request compile_request() {
    auto circuit = qasm::read_file(QUERCUS_TEST_DATA "/circuits/hhl_n7.qasm");
    REQUIRE(circuit);
    return tasks::CompileRequest{std::move(*circuit), 1, 3};
}

// Processes below `pid`, recursively, whose command line contains `word`.
std::vector<pid_t> descendants(pid_t pid, const std::string& word) {
    std::multimap<pid_t, pid_t> children;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        std::ifstream stat(entry.path() / "stat");
        std::string line;
        if (std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0])) != 0 &&
            std::getline(stat, line)) {
            std::istringstream rest(line.substr(line.rfind(')') + 1));
            char state = 0;
            pid_t parent = 0;
            rest >> state >> parent;
            children.emplace(parent, std::stoi(entry.path().filename().string()));
        }
    }
    std::vector<pid_t> found;
    std::vector<pid_t> open{pid};
    while (!open.empty()) {
        const auto [first, last] = children.equal_range(open.back());
        open.pop_back();
        for (auto it = first; it != last; ++it) {
            open.push_back(it->second);
            std::ifstream file("/proc/" + std::to_string(it->second) + "/cmdline");
            std::string command;
            std::getline(file, command);
            if (command.find(word) != std::string::npos) {
                found.push_back(it->second);
            }
        }
    }
    return found;
}

std::string field(const std::string& line, const std::string& name) {
    const std::size_t start = line.find(name + "=");
    if (start == std::string::npos) {
        return "";
    }
    const std::size_t from = start + name.size() + 1;
    return line.substr(from, line.find_first_of(" \"", from) - from);
}

// How often each leaf task finished anywhere in the tree.
struct Finishes {
    std::uint64_t total = 0;
    std::uint64_t repeated = 0;
};
Finishes count_finishes(const std::vector<Daemon*>& daemons) {
    std::map<std::string, int> times;
    for (const Daemon* daemon : daemons) {
        for (const std::string& line : daemon->log_lines({"task_finished"})) {
            ++times[field(line, "task")];
        }
    }
    Finishes finishes;
    for (const auto& [task, count] : times) {
        finishes.total += static_cast<std::uint64_t>(count);
        finishes.repeated += static_cast<std::uint64_t>(count - 1);
    }
    return finishes;
}

Payload attached_result(const tasks::Request& request, Seed seed) {
    auto attached = host::AttachedTree::start({binary("quercus-executor"), 1, 0});
    REQUIRE(attached);
    WaitingJobs jobs((*attached)->jobs());
    const auto spec = make_spec(request, seed);
    REQUIRE(jobs.submit(spec));
    const auto status = jobs.wait(spec.id, within(60s));
    REQUIRE(status);
    INFO(status->error.to_string());
    auto payload = jobs.fetch(spec.id);
    REQUIRE(payload);
    return *payload;
}

enum class Victim { kNobody, kLeaf, kFlow, kRank, kManager };

// A server with two managers of one worker each; the job runs, the victim dies, the job goes on.
void survive(Victim victim) {
    Tree tree;
    Daemon& left = tree.manager({"-n", "1"});
    Daemon& right = tree.manager({"-n", "1"});
    Daemon& server = tree.server({left.address, right.address});
    REQUIRE(tree.wait_workers(2, within(20s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto spec = make_spec(busy_map(), 7);
    REQUIRE(jobs.submit(spec));

    // The side that holds the workflow is the one whose loss costs most.
    Daemon* holder = nullptr;
    for (const Deadline deadline = within(20s); holder == nullptr && Clock::now() < deadline;) {
        for (Daemon* side : {&left, &right}) {
            holder = side->wait_log({"flow_started"}, 1, within(5ms)) ? side : holder;
        }
    }
    REQUIRE(holder != nullptr);
    Daemon& owner = *holder;
    REQUIRE(owner.wait_log({"task_started"}, 15, within(20s)));
    const auto ranks = descendants(owner.process.pid(), "quercus-worker");
    REQUIRE(ranks.size() == 1);
    switch (victim) {
        case Victim::kNobody:
            break;
        case Victim::kLeaf:
        case Victim::kFlow: {
            const auto executors =
                descendants(ranks.front(), victim == Victim::kLeaf ? "leaf" : "flow");
            REQUIRE_FALSE(executors.empty());
            REQUIRE(kill(executors.front(), SIGKILL) == 0);
            break;
        }
        case Victim::kRank:
            REQUIRE(kill(ranks.front(), SIGKILL) == 0);
            break;
        case Victim::kManager:
            owner.process.kill(SIGKILL);
            break;
    }
    const auto started = owner.log_lines({"task_started"}).size();
    const auto finished = owner.log_lines({"task_finished"}).size();
    const auto status = jobs.wait(spec.id, within(60s));
    REQUIRE(status);
    INFO(status->error.to_string());
    REQUIRE(status->state == scheduling::JobState::kSucceeded);
    const auto payload = jobs.fetch(spec.id);
    REQUIRE(payload);
    CHECK(payload->view() == attached_result(busy_map(), 7).view());

    const Finishes finishes = count_finishes({&left, &right});
    CAPTURE(finishes.total, finishes.repeated, started, finished);
    CHECK(finishes.total >= kTasks);
    CHECK(finishes.repeated * 20 <= finishes.total);
    std::uint64_t reissued = 0;
    for (Daemon* daemon : {&left, &right, &server}) {
        reissued += daemon->log_lines({"task_reissued"}).size();
        reissued += daemon->log_lines({"flow_replayed"}).size();
    }
    if (victim == Victim::kNobody) {
        CHECK(reissued == 0);
        for (Daemon* daemon : {&left, &right}) {
            CHECK(daemon->log_lines({"task_finished"}).size() * 5 >= kTasks);
        }
    } else {
        CHECK(started >= 15);
        CHECK(reissued >= 1);
    }
    CHECK(tree.stop(within(15s)));
}

}  // namespace

TEST_CASE("loss: two managers share a job when nobody dies") {
    survive(Victim::kNobody);
}

TEST_CASE("loss: kill -9 of a leaf executor") {
    for (int i = 0; i < repetitions(); ++i) {
        survive(Victim::kLeaf);
    }
}

TEST_CASE("loss: kill -9 of the flow executor") {
    for (int i = 0; i < repetitions(); ++i) {
        survive(Victim::kFlow);
    }
}

TEST_CASE("loss: kill -9 of the rank that holds the workflow with its open children") {
    for (int i = 0; i < repetitions(); ++i) {
        survive(Victim::kRank);
    }
}

TEST_CASE("loss: kill -9 of the manager above the workflow") {
    for (int i = 0; i < repetitions(); ++i) {
        survive(Victim::kManager);
    }
}

TEST_CASE("same bytes: attached, one worker, three managers in two levels") {
    const auto expected = attached_result(compile_request(), 3);
    Tree tree;
    Daemon& left = tree.manager({"-n", "1"});
    Daemon& right = tree.manager({"-n", "1"});
    Daemon& middle = tree.manager({"-m", left.address + "," + right.address});
    tree.server({middle.address});
    REQUIRE(tree.wait_workers(2, within(20s)));
    const auto remote = transport::connect_jobs(tree.server_address());
    WaitingJobs jobs(*remote);
    const auto spec = make_spec(compile_request(), 3);
    REQUIRE(jobs.submit(spec));
    const auto status = jobs.wait(spec.id, within(60s));
    REQUIRE(status);
    CHECK(status->state == scheduling::JobState::kSucceeded);
    const auto payload = jobs.fetch(spec.id);
    REQUIRE(payload);
    CHECK(payload->view() == expected.view());
    std::uint64_t tasks = 0;
    for (const auto& worker : status->report.workers) {
        tasks += worker.tasks;
    }
    REQUIRE(status->report.workers.size() >= 2);
    for (const auto& worker : status->report.workers) {
        CHECK(worker.tasks * 5 >= tasks);
    }
    CHECK(tree.stop(within(15s)));
}
