// The process runner of the system tests, tested on the shell.

#include "tests/support/process.hpp"

#include <signal.h>

#include "tests/support/catch.hpp"

using namespace quercus::testing;
using namespace std::chrono_literals;

TEST_CASE("process: output, exit code, environment", "[correctness]") {
    const Finished finished =
        run({"sh", "-c", "echo out $QX; echo err >&2; exit 3"}, {{"QX", "here"}});
    REQUIRE(finished.exit);
    CHECK(*finished.exit == ExitStatus{3, 0});
    CHECK(finished.out == "out here\n");
    CHECK(finished.err == "err\n");
}

TEST_CASE("process: more output than a pipe holds", "[correctness]") {
    const Finished finished = run({"sh", "-c", "head -c 1000000 /dev/zero"});
    REQUIRE(finished.exit);
    CHECK(finished.out.size() == 1000000);
}

TEST_CASE("process: waits for a line, gives up at the end or the deadline", "[correctness]") {
    Process process = Process::start({"sh", "-c", "echo port=42; exec sleep 100"});
    CHECK(process.wait_for_output("port=(\\d+)", within(10s)) == "42");
    CHECK_FALSE(process.wait_for_output("never", within(50ms)));
    CHECK_FALSE(process.wait(within(10ms)));
    process.kill(SIGTERM);
    CHECK(process.wait(within(10s)) == ExitStatus{0, SIGTERM});
    CHECK_FALSE(process.wait_for_output("never", within(10s)));
}

TEST_CASE("process: what it leaves behind is seen and cleared away", "[correctness]") {
    Process process = Process::start({"sh", "-c", "sleep 100 & echo started; wait"});
    REQUIRE(process.wait_for_output("started", within(10s)));
    REQUIRE(process.others_in_session().size() == 1);
    const pid_t left = process.others_in_session().front();
    CHECK_FALSE(cpus_allowed_list(left).empty());
    process.kill(SIGKILL);
    REQUIRE(process.wait(within(10s)));
    CHECK_FALSE(process.wait_session_empty(within(50ms)));
    process.kill_session(SIGKILL);
    CHECK(process.wait_session_empty(within(10s)));
}

TEST_CASE("process: descendants in sessions of their own are seen after their parent's death",
          "[correctness]") {
    Process process = Process::start({"sh", "-c", "setsid sh -c 'echo up; exec sleep 100' & wait"});
    REQUIRE(process.wait_for_output("up", within(10s)));
    process.kill(SIGKILL);
    REQUIRE(process.wait(within(10s)));
    CHECK(process.others_in_session().size() == 1);
    process.kill_session(SIGKILL);
    CHECK(process.wait_session_empty(within(10s)));
}

TEST_CASE("process: a program that does not exist", "[bad input]") {
    const Finished finished = run({"/nowhere/at/all"});
    REQUIRE(finished.exit);
    CHECK(finished.exit->code == 127);
    CHECK(finished.err == "No such file or directory");
}
