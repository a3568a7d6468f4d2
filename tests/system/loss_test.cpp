// What the table of losses in ARCHITECTURE section 4 promises, on real processes and with kill -9.
// Every kill is triggered by an event: the log line that says that the victim has started a task.
// Repeated QUERCUS_REPEAT times (default 1).

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <sstream>

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

// A circuit of 12 qubits whose blocks keep two workers busy for about two seconds.
tasks::Request long_compile() {
    constexpr int kQubits = 12;
    std::mt19937 random(11);
    std::ostringstream text;
    text << "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[" << kQubits << "];\n";
    for (int i = 0; i < 700; ++i) {
        const int a = static_cast<int>(random() % kQubits);
        const int b = (a + 1 + static_cast<int>(random() % 2)) % kQubits;
        text << "u3(" << random() % 1000 << "/300," << random() % 1000 << "/300,0.1) q[" << a
             << "];\ncx q[" << a << "],q[" << b << "];\n";
    }
    auto circuit = qasm::read(text.str());
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

// What attached mode makes of the job: the reference for its bytes and its number of tasks.
struct Reference {
    Payload payload;
    std::uint64_t tasks = 0;
};
Reference attached_run(const tasks::Request& request, Seed seed) {
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
    Reference reference{*payload, 0};
    for (const auto& worker : status->report.workers) {
        reference.tasks += worker.tasks;
    }
    return reference;
}

enum class Victim { kNobody, kLeaf, kFlow, kRank, kManager };

// A server, a manager below it, and below that two managers of one worker each.
class TwoLevels {
 public:
    TwoLevels()
        : left_(tree_.manager({"-n", "1"})),
          right_(tree_.manager({"-n", "1"})),
          middle_(tree_.manager({"-m", left_.address + "," + right_.address})),
          server_(tree_.server({middle_.address})) {
        REQUIRE(tree_.wait_workers(2, within(20s)));
        remote_ = transport::connect_jobs(tree_.server_address());
    }

    WaitingJobs jobs() { return WaitingJobs(*remote_); }
    std::array<Daemon*, 2> sides() { return {&left_, &right_}; }
    std::array<Daemon*, 4> all() { return {&left_, &right_, &middle_, &server_}; }

    // The side that holds the workflow: its loss costs most.
    Daemon& owner() {
        for (const Deadline deadline = within(20s); Clock::now() < deadline;) {
            for (Daemon* side : sides()) {
                if (side->wait_log({"flow_started"}, 1, within(5ms))) {
                    return *side;
                }
            }
        }
        FAIL("no workflow was started");
        return left_;
    }
    [[nodiscard]] bool stop() { return tree_.stop(within(15s)); }

 private:
    Tree tree_;
    Daemon& left_;
    Daemon& right_;
    Daemon& middle_;
    Daemon& server_;
    std::unique_ptr<transport::Jobs> remote_;
};

void kill_victim(Daemon& owner, Victim victim) {
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
}

std::uint64_t second_attempts(TwoLevels& tree) {
    std::uint64_t count = 0;
    for (Daemon* daemon : tree.all()) {
        count += daemon->log_lines({"task_reissued"}).size();
        count += daemon->log_lines({"flow_replayed"}).size();
    }
    return count;
}

// By the last word of its log. An executor that dies between two tasks leaves one that was begun
// and is begun again, so counting would not do.
bool has_task(const Daemon& owner) {
    const std::vector<std::string> lines = owner.log_lines({"\"event\":"});
    const auto is_about_work = [](const std::string& line) {
        return line.find("\"task_started\"") != std::string::npos ||
               line.find("\"task_finished\"") != std::string::npos ||
               line.find("\"executor_died\"") != std::string::npos;
    };
    const auto last = std::find_if(lines.rbegin(), lines.rend(), is_about_work);
    return last != lines.rend() && last->find("\"task_started\"") != std::string::npos;
}

// Kills the victim when its side has a task running. A task of a few milliseconds may still end
// between the look and the signal: then nothing was lost, and the next executor is killed. False:
// the job ended before anything was lost.
bool kill_at_work(TwoLevels& tree, Daemon& owner, Victim victim,
                  const std::function<bool()>& has_ended) {
    const Deadline deadline = within(10s);
    for (std::size_t deaths = 1; Clock::now() < deadline; ++deaths) {
        bool works = has_task(owner);
        while (!works && Clock::now() < deadline) {
            if (has_ended()) {
                return false;
            }
            works = has_task(owner);
        }
        REQUIRE(works);
        kill_victim(owner, victim);
        if (victim != Victim::kLeaf) {
            return true;
        }
        // The rank that holds the workflow hands the task out again as soon as it sees the death.
        REQUIRE(owner.wait_log({"executor_died"}, deaths, deadline));
        for (const Deadline noticed = within(100ms); Clock::now() < noticed;) {
            if (second_attempts(tree) > 0) {
                return true;
            }
        }
    }
    FAIL("no task was lost within 10 s");
    return false;
}

// What the logs of the whole tree say about who did how much, and what was done again.
void check_logs(TwoLevels& tree, Victim victim, std::uint64_t expected_tasks) {
    const auto sides = tree.sides();
    const Finishes finishes = count_finishes({sides[0], sides[1]});
    CAPTURE(finishes.total, finishes.repeated, expected_tasks);
    // What is too cheap to be kept runs as often as it is asked for, which depends on the moment.
    CHECK(finishes.total * 10 >= expected_tasks * 9);
    CHECK(finishes.repeated * 20 <= finishes.total);
    for (Daemon* side : sides) {
        CHECK(side->log_lines({"task_finished"}).size() * 5 >= expected_tasks);
    }
    const std::uint64_t reissued = second_attempts(tree);
    CHECK((victim == Victim::kNobody ? reissued == 0 : reissued >= 1));
}

// The job runs, the victim dies when both sides have done a fifth and it has a task running, the
// job goes on and gives the bytes of attached mode. False: it ended too soon, nothing was shown.
bool survive_once(Victim victim, const tasks::Request& request) {
    CAPTURE(static_cast<int>(victim));
    const Reference reference = attached_run(request, 7);
    TwoLevels tree;
    WaitingJobs jobs = tree.jobs();
    const auto spec = make_spec(request, 7);
    REQUIRE(jobs.submit(spec));
    Daemon& owner = tree.owner();
    for (Daemon* side : tree.sides()) {
        REQUIRE(side->wait_log({"task_finished"}, reference.tasks / 5 + 1, within(30s)));
    }
    const auto has_ended = [&] {
        const auto job = jobs.get(spec.id);
        return job && scheduling::is_final(job->state);
    };
    if (!kill_at_work(tree, owner, victim, has_ended)) {
        return false;
    }
    const auto status = jobs.wait(spec.id, within(60s));
    REQUIRE(status);
    INFO(status->error.to_string());
    REQUIRE(status->state == scheduling::JobState::kSucceeded);
    const auto payload = jobs.fetch(spec.id);
    REQUIRE(payload);
    CHECK(payload->view() == reference.payload.view());
    check_logs(tree, victim, reference.tasks);
    CHECK(tree.stop());
    return true;
}

void survive(Victim victim, const tasks::Request& request) {
    constexpr int kTries = 5;
    for (int i = 0; i < kTries; ++i) {
        if (survive_once(victim, request)) {
            return;
        }
    }
    FAIL("the job ended before anything was lost, five times");
}

void survive_all(Victim victim) {
    for (int i = 0; i < repetitions(); ++i) {
        survive(victim, busy_map());
        survive(victim, long_compile());
    }
}

}  // namespace

TEST_CASE("loss: two managers share a job when nobody dies") {
    survive_all(Victim::kNobody);
}

TEST_CASE("loss: kill -9 of a leaf executor") {
    survive_all(Victim::kLeaf);
}

TEST_CASE("loss: kill -9 of the flow executor") {
    survive_all(Victim::kFlow);
}

TEST_CASE("loss: kill -9 of the rank that holds the workflow with its open children") {
    survive_all(Victim::kRank);
}

TEST_CASE("loss: kill -9 of the manager above the workflow") {
    survive_all(Victim::kManager);
}

TEST_CASE("same bytes: attached, one worker behind gRPC, three managers in two levels") {
    const Payload expected = attached_run(compile_request(), 3).payload;
    const auto check = [&](WaitingJobs jobs, std::size_t workers) {
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
        REQUIRE(status->report.workers.size() >= workers);
        for (const auto& worker : status->report.workers) {
            CHECK(worker.tasks * 5 >= tasks);
        }
    };
    {
        Tree tree;
        Daemon& manager = tree.manager({"-n", "1"});
        tree.server({manager.address});
        REQUIRE(tree.wait_workers(1, within(20s)));
        const auto remote = transport::connect_jobs(tree.server_address());
        check(WaitingJobs(*remote), 1);
        CHECK(tree.stop(within(15s)));
    }
    TwoLevels tree;
    check(tree.jobs(), 2);
    CHECK(tree.stop());
}
