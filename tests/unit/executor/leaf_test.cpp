#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>

#include "quantum/base/codec.hpp"
#include "runtime/executor/process.hpp"
#include "runtime/tasks/sha256.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/executor/rank.hpp"

using namespace quercus;
using namespace quercus::scheduling;
using quercus::testing::make_task;
using quercus::testing::options;
using quercus::testing::Rank;

namespace {

Bytes number(std::uint64_t value) {
    Encoder out;
    out.varint(value);
    return out.take();
}

int some_allowed_cpu() {
    cpu_set_t set;
    CPU_ZERO(&set);
    REQUIRE(::sched_getaffinity(0, sizeof(set), &set) == 0);
    int last = -1;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        last = CPU_ISSET(static_cast<unsigned>(cpu), &set) ? cpu : last;
    }
    return last;
}

}  // namespace

TEST_CASE("a leaf runs its tasks in order and reports each") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    for (std::uint64_t key = 0; key < 300; ++key) {
        rank.leaf(0, make_task(key % 2 == 0 ? "hash" : "noop", std::to_string(key), key));
    }
    for (std::uint64_t key = 0; key < 300; ++key) {
        const auto done = rank.next<LeafFinished>();
        REQUIRE(done);
        REQUIRE(done->id.path.last().key == key);
        CHECK(done->status.is_ok());
        CHECK(done->fence == Fence{1, 1});
        CHECK(done->output.view() == (key % 2 == 0 ? tasks::sha256(std::to_string(key)) : ""));
    }
    rank.leaf(0, make_task("nobody", ""));
    CHECK(rank.next<LeafFinished>()->status.code() == StatusCode::kInvalidArgument);
    CHECK(rank.stop());
}

TEST_CASE("a leaf is pinned, and sees only the variables it should") {
    ::setenv("QUERCUS_EXECUTOR_TEST_VISIBLE", "yes", 1);
    ::setenv("QUERCUS_EXECUTOR_TEST_SECRET", "hidden", 1);
    auto o = options(1);
    const int cpu = some_allowed_cpu();
    o.places[0] = {cpu};
    o.visible_env.emplace_back("QUERCUS_EXECUTOR_TEST_VISIBLE");
    Rank rank(o);
    REQUIRE(rank.start_only().is_ok());
    const auto ready = rank.next<LeafReady>();
    REQUIRE(ready);
    CHECK(ready->info.cpus == std::vector<int>{cpu});
    rank.leaf(0, make_task("probe", ""));
    const auto done = rank.next<LeafFinished>();
    REQUIRE(done);
    const std::string text(done->output.view());
    CAPTURE(text);
    CHECK(text.find("\"cpus\":\"" + std::to_string(cpu) + "\"") != std::string::npos);
    CHECK(text.find("\"pid\":" + std::to_string(ready->info.pid)) != std::string::npos);
    CHECK(text.find("\"QUERCUS_EXECUTOR_TEST_VISIBLE\":\"yes\"") != std::string::npos);

    std::string environment;
    const std::string path = "/proc/" + std::to_string(ready->info.pid) + "/environ";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "r"),
                                                               &std::fclose);
    for (int c = std::fgetc(file.get()); c != EOF; c = std::fgetc(file.get())) {
        environment.push_back(static_cast<char>(c));
    }
    CHECK(environment.find("QUERCUS_EXECUTOR_TEST_SECRET") == std::string::npos);
    CHECK(::getsid(static_cast<pid_t>(ready->info.pid)) == ready->info.pid);
}

TEST_CASE("five megabytes in and out, several at once") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    for (std::uint64_t key = 0; key < 4; ++key) {
        rank.leaf(0, make_task("test.echo", Bytes(5'000'000 + key, static_cast<char>(key)), key));
    }
    for (std::uint64_t key = 0; key < 4; ++key) {
        const auto done = rank.next<LeafFinished>();
        REQUIRE(done);
        CHECK(done->output.view() == Bytes(5'000'000 + key, static_cast<char>(key)));
    }
}

TEST_CASE("more than a ring's worth of tasks waits in the control process") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    for (std::uint64_t key = 0; key < 200; ++key) {
        rank.leaf(0, make_task("test.echo", Bytes(60'000, static_cast<char>(key)), key));
    }
    for (std::uint64_t key = 0; key < 200; ++key) {
        const auto done = rank.next<LeafFinished>();
        REQUIRE(done);
        REQUIRE(done->output.view() == Bytes(60'000, static_cast<char>(key)));
    }
}

TEST_CASE("a crash is blamed on exactly the task that ran") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    const Task before = make_task("noop", "", 1);
    const Task killer = make_task("test.crash", "kill", 2);
    const Task behind = make_task("noop", "", 3);
    rank.leaves(0, {before, killer, behind});
    const auto died = rank.next<LeafDied>();
    REQUIRE(died);
    CHECK(died->running == killer.id);
    CHECK_FALSE(died->planned);
    CHECK(died->detail.find("signal 9 (Killed)") != std::string::npos);
    REQUIRE(rank.has<LeafFinished>());
    CHECK(rank.next<LeafFinished>()->id == before.id);
    REQUIRE(rank.next<LeafReady>());
    CHECK_FALSE(rank.has<LeafFinished>());  // `behind` was forgotten with the process
    rank.leaf(0, behind);
    CHECK(rank.next<LeafFinished>()->id == behind.id);
    rank.leaf(0, make_task("test.crash", "exit", 4));
    CHECK(rank.next<LeafDied>()->detail.find("exit code 3") != std::string::npos);
}

TEST_CASE("an idle executor that is killed blames nobody and comes back") {
    Rank rank(options(1));
    REQUIRE(rank.start_only().is_ok());
    const auto ready = rank.next<LeafReady>();
    REQUIRE(ready);
    REQUIRE(::kill(static_cast<pid_t>(ready->info.pid), SIGKILL) == 0);
    const auto died = rank.next<LeafDied>();
    REQUIRE(died);
    CHECK_FALSE(died->running);
    const auto again = rank.next<LeafReady>();
    REQUIRE(again);
    CHECK(again->info.pid != ready->info.pid);
}

TEST_CASE("a cancelled task that listens ends as CANCELLED, and its executor lives on") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    const Task sleeper = make_task("sleep", number(3'600'000), 1);
    const Task withdrawn = make_task("sleep", number(3'600'000), 2);
    const Task last = make_task("noop", "", 3);
    rank.leaf(0, sleeper);
    rank.leaf(0, withdrawn);
    rank.leaf(0, last);
    rank.cancel_leaf(0, withdrawn);
    rank.cancel_leaf(0, sleeper);
    rank.cancel_leaf(0, sleeper);
    rank.cancel_leaf(0, make_task("noop", "", 99));
    for (const Task* cancelled : {&sleeper, &withdrawn}) {
        const auto gone = rank.next<LeafFinished>();
        REQUIRE(gone);
        CHECK(gone->id == cancelled->id);
        CHECK(gone->status.code() == StatusCode::kCancelled);
    }
    const auto done = rank.next<LeafFinished>();
    REQUIRE(done);
    CHECK(done->id == last.id);
    CHECK(done->status.is_ok());
    CHECK_FALSE(rank.has<LeafDied>());
}

TEST_CASE("a cancelled task that does not listen loses its process, unblamed") {
    auto o = options(1);
    o.cancel_grace = std::chrono::milliseconds(30);
    Rank rank(o);
    REQUIRE(rank.start().is_ok());
    // A task that is cancelled before it has begun ends quietly, so perhaps not at the first
    // attempt.
    std::optional<LeafDied> died;
    for (std::uint64_t attempt = 0; attempt < 1000 && !died; ++attempt) {
        rank.leaf(0, make_task("noop", "", 3 * attempt));
        const Task stubborn = make_task("test.stubborn", number(3'600'000), 3 * attempt + 1);
        rank.leaf(0, stubborn);
        REQUIRE(rank.next<LeafFinished>());
        rank.cancel_leaf(0, stubborn);
        rank.leaf(0, make_task("noop", "", 3 * attempt + 2));
        const auto event = rank.next_any();
        REQUIRE(event);
        if (const auto* death = std::get_if<LeafDied>(&*event)) {
            died = *death;
        } else {
            REQUIRE(rank.next<LeafFinished>());  // the last noop
        }
    }
    REQUIRE(died);
    CHECK(died->planned);
    CHECK_FALSE(died->running);
    CHECK(rank.next<LeafReady>());
}

TEST_CASE("a task beyond its memory limit fails alone") {
    if (testing::kSanitized) {
        WARN("skipped: sanitizer builds have no memory limit");
        return;
    }
    auto o = options(1);
    o.memory_per_task_bytes = std::uint64_t{64} << 20;
    Rank rank(o);
    REQUIRE(rank.start().is_ok());
    rank.leaf(0, make_task("test.allocate", number(std::uint64_t{512} << 20), 1));
    const auto refused = rank.next<LeafFinished>();
    REQUIRE(refused);
    CHECK(refused->status.code() == StatusCode::kResourceExhausted);
    rank.leaf(0, make_task("test.allocate", number(std::uint64_t{32} << 20), 2));
    CHECK(rank.next<LeafFinished>()->status.is_ok());

    Task roomy = make_task("test.allocate", number(std::uint64_t{512} << 20), 3);
    TaskHead head = *roomy.head;
    head.memory_bytes = std::uint64_t{1} << 30;
    roomy.head = std::make_shared<const TaskHead>(head);
    rank.leaf(0, roomy);
    CHECK(rank.next<LeafFinished>()->status.is_ok());
    rank.leaf(0, make_task("test.allocate", number(std::uint64_t{512} << 20), 4));
    CHECK(rank.next<LeafFinished>()->status.code() == StatusCode::kResourceExhausted);
    CHECK_FALSE(rank.has<LeafDied>());
}

TEST_CASE("CPU time is measured per task") {
    Rank rank(options(1));
    REQUIRE(rank.start().is_ok());
    Encoder busy;
    busy.varint(100);
    busy.boolean(true);
    rank.leaf(0, make_task("sleep", busy.take(), 1));
    rank.leaf(0, make_task("sleep", number(20), 2));
    CHECK(rank.next<LeafFinished>()->cpu_us > 5'000);
    CHECK(rank.next<LeafFinished>()->cpu_us < 20'000);
}

TEST_CASE("what cannot be started is said at the start") {
    auto missing = options(1);
    missing.binary = "/nonexistent/quercus-executor";
    Rank without_binary(missing);
    const Status no_binary = without_binary.start_only();
    CHECK(no_binary.code() == StatusCode::kFailedPrecondition);
    CHECK(no_binary.message().find("/nonexistent") != std::string::npos);

    auto far = options(1);
    far.places[0] = {1000};
    Rank without_cpu(far);
    const Status no_cpu = without_cpu.start_only();
    CHECK(no_cpu.code() == StatusCode::kFailedPrecondition);
    CHECK(no_cpu.message().find("1000") != std::string::npos);
}

TEST_CASE("no executor is left when Executors is gone") {
    std::int64_t pid = 0;
    {
        Rank rank(options(1));
        REQUIRE(rank.start_only().is_ok());
        pid = rank.next<LeafReady>()->info.pid;
        rank.leaf(0, make_task("test.stubborn", number(3'600'000)));
    }
    CHECK(::kill(static_cast<pid_t>(pid), 0) == -1);
    CHECK(errno == ESRCH);
}
