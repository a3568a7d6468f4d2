// `quercus` against a real server with one rank.

#include <signal.h>

#include <fstream>

#include "quantum/circuit/equivalence.hpp"
#include "quantum/qasm/reader.hpp"
#include "tests/support/catch.hpp"
#include "tests/system/cli_support.hpp"

using namespace quercus::testing;
using namespace std::chrono_literals;

namespace {

std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
}

}  // namespace

TEST_CASE("cli: a detached job's whole life at a server", "[correctness]") {
    SmallTree tree;
    REQUIRE(tree.start().empty());
    const auto quercus = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--server", tree.address});
        return quercus_cli(std::move(arguments));
    };
    const TemporaryFolder folder;
    const std::string in = folder.write("in.qasm", kBellTwice);
    const Finished submitted = quercus({"compile", in, "--detach"});
    INFO(submitted.err);
    REQUIRE(exit_code_of(submitted) == 0);
    const std::string id = trimmed(submitted.out);
    const std::string prefix = id.substr(0, 8);

    CHECK(exit_code_of(quercus({"wait", prefix, "--timeout", "60"})) == 0);
    const std::string out = folder.file("out.qasm");
    CHECK(exit_code_of(quercus({"result", prefix, "-o", out})) == 0);
    const Finished attached = quercus_cli({"compile", in, "-o", "-", "--workers", "1"});
    CHECK(read_text(out) == attached.out);
    CHECK(quercus({"jobs"}).out.find(prefix) != std::string::npos);
    CHECK(quercus({"jobs", "--json"}).out.find("\"state\":\"succeeded\"") != std::string::npos);
    CHECK(quercus({"status", prefix}).out.find("SHA-256") != std::string::npos);
    CHECK(quercus({"watch", prefix}).out.find("succeeded") != std::string::npos);
    CHECK(quercus({"tree"}).out.find("rank ") != std::string::npos);
    CHECK(exit_code_of(quercus({"doctor"})) == 0);
    CHECK(exit_code_of(quercus({"cancel", prefix})) == 1);  // there is nothing to cancel
    CHECK(exit_code_of(quercus({"remove", prefix})) == 0);
    CHECK(exit_code_of(quercus({"status", id})) == 1);
}

TEST_CASE("cli: unknown job, double cancel, result of a cancelled job", "[bad input]") {
    SmallTree tree;
    REQUIRE(tree.start().empty());
    const auto quercus = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--server", tree.address});
        return quercus_cli(std::move(arguments));
    };
    const Finished unknown = quercus({"status", "7f3a0000-1111-4222-8333-4444444444ff"});
    CHECK(exit_code_of(unknown) == 1);
    CHECK(unknown.err.find("7f3a0000") != std::string::npos);
    CHECK(exit_code_of(quercus({"status", "7f3a"})) == 1);
    CHECK(exit_code_of(quercus({"status", "x"})) == 2);

    const std::string id = trimmed(quercus({"run", "sleep", "--seconds", "1000", "--detach"}).out);
    const Finished early = quercus({"result", id});
    CHECK(exit_code_of(early) == 1);
    CHECK(early.err.find("still") != std::string::npos);
    CHECK(exit_code_of(quercus({"wait", id, "--timeout", "0.2"})) == 5);
    CHECK(exit_code_of(quercus({"remove", id})) == 1);
    CHECK(exit_code_of(quercus({"cancel", id})) == 0);
    const Finished again = quercus({"cancel", id});
    CHECK(exit_code_of(again) == 1);
    CHECK(again.err.find("already been cancelled") != std::string::npos);
    const Finished result = quercus({"result", id});
    CHECK(exit_code_of(result) == 4);
    CHECK(result.err.find("was cancelled") != std::string::npos);
    CHECK(exit_code_of(quercus({"wait", id})) == 4);
}

TEST_CASE("cli: an interrupted wait leaves the job at the server", "[correctness]") {
    SmallTree tree;
    REQUIRE(tree.start().empty());
    Process process = Process::start(
        {binary("quercus"), "--server", tree.address, "run", "sleep", "--seconds", "1000"});
    std::string listed;
    const Deadline deadline = within(20s);
    while (listed.find("running") == std::string::npos && Clock::now() < deadline) {
        listed = quercus_cli({"--server", tree.address, "jobs"}).out;
    }
    REQUIRE(listed.find("running") != std::string::npos);
    process.kill(SIGINT);
    REQUIRE(process.wait(within(20s)) == ExitStatus{130, 0});
    CHECK(process.err().find("the job goes on at " + tree.address) != std::string::npos);
    CHECK(quercus_cli({"--server", tree.address, "jobs"}).out.find("running") != std::string::npos);
}

TEST_CASE("cli: waiting for more workers than there are ends with the timeout", "[bad input]") {
    SmallTree tree;
    REQUIRE(tree.start().empty());
    const Finished waited = quercus_cli(
        {"--server", tree.address, "server", "wait", "--workers", "9", "--timeout", "0.5"});
    CHECK(exit_code_of(waited) == 5);
    CHECK(waited.err.find("1 of 9 workers") != std::string::npos);
}

TEST_CASE("cli: a lost server is said once, on stderr", "[correctness]") {
    SmallTree tree;
    REQUIRE(tree.start().empty());
    Process process = Process::start(
        {binary("quercus"), "--server", tree.address, "run", "sleep", "--seconds", "1000"});
    std::string listed;
    const Deadline deadline = within(20s);
    while (listed.find("running") == std::string::npos && Clock::now() < deadline) {
        listed = quercus_cli({"--server", tree.address, "jobs"}).out;
    }
    REQUIRE(listed.find("running") != std::string::npos);
    tree.server->kill(SIGKILL);
    REQUIRE(process.wait_for_output("lost the server.*trying again for 60 s", within(40s)));
    // Another server at the same address is found again; it does not know the job.
    tree.server.emplace(Process::start(
        {binary("quercus-server"), "--port", tree.address.substr(tree.address.rfind(':') + 1)}));
    REQUIRE(process.wait(within(30s)) == ExitStatus{1, 0});
    CHECK(process.out().empty());
    const std::string said = process.err();
    INFO(said);
    CHECK(said.find("lost the server") == said.rfind("lost the server"));
    CHECK(said.find("not known here") != std::string::npos);
}

TEST_CASE("cli: the cache outlives the server, and damage to it costs time only", "[correctness]") {
    SmallTree first;
    REQUIRE(first.start().empty());
    const std::string in = QUERCUS_TEST_DATA "/circuits/hhl_n7.qasm";
    const auto compile = [&](const SmallTree& tree) {
        const Finished done = quercus_cli({"--server", tree.address, "compile", in, "-o", "-"});
        INFO(done.err);
        CHECK(exit_code_of(done) == 0);
        return done.out;
    };
    const auto entries = [](const SmallTree& tree) {
        const Finished stats = quercus_cli({"--server", tree.address, "--json", "cache", "stats"});
        const auto at = stats.out.find("\"entries\":");
        return at == std::string::npos ? -1 : std::stoi(stats.out.substr(at + 10));
    };
    const auto stop = [](SmallTree& tree) {
        tree.server->kill(SIGTERM);
        CHECK(tree.server->wait(within(20s)) == ExitStatus{0, 0});
    };
    CHECK(entries(first) == 0);
    const std::string cold = compile(first);
    const int kept = entries(first);
    CHECK(kept > 0);
    stop(first);

    SmallTree second;
    second.state = first.state_folder();
    REQUIRE(second.start().empty());
    CHECK(entries(second) == kept);
    CHECK(compile(second) == cold);
    CHECK(exit_code_of(quercus_cli({"--server", second.address, "cache", "clear"})) == 0);
    CHECK(entries(second) == 0);
    CHECK(compile(second) == cold);
    stop(second);

    std::ofstream(first.state_folder() + "/cache.sqlite", std::ios::trunc) << "no database";
    SmallTree third;
    third.state = first.state_folder();
    REQUIRE(third.start().empty());
    CHECK(entries(third) == 0);
    CHECK(compile(third) == cold);
    // Not `kept` again: an answer that took about as long as one must to be kept may be left out.
    CHECK(entries(third) > 0);
}

TEST_CASE("cli: a cancelled search leaves the best it has found", "[correctness]") {
    SmallTree tree;
    REQUIRE(tree.start().empty());
    const auto cli = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--server", tree.address});
        return quercus_cli(std::move(arguments));
    };
    const std::string in = QUERCUS_TEST_DATA "/circuits/hhl_n7.qasm";
    const std::string id =
        trimmed(cli({"compile", in, "--level", "4", "--time-budget", "600s", "--detach"}).out);
    std::string status;
    for (const Deadline deadline = within(60s);
         status.find("local_search: round 2") == std::string::npos && Clock::now() < deadline;) {
        status = cli({"status", id}).out;
    }
    REQUIRE(status.find("local_search: round 2") != std::string::npos);
    CHECK(exit_code_of(cli({"cancel", id})) == 0);
    const std::string out = tree.folder.file("best.qasm");
    const Finished fetched = cli({"result", id, "-o", out});
    INFO(fetched.err);
    CHECK(exit_code_of(fetched) == 0);
    CHECK(fetched.err.find("was cancelled") != std::string::npos);
    const auto circuit = quercus::qasm::read_file(out);
    REQUIRE(circuit);
    CHECK(quercus::circuit::count_two_qubit(*circuit) < 92);  // 196 in the input
    const auto input = quercus::qasm::read_file(in);
    REQUIRE(input);
    quercus::circuit::EquivalenceOptions options;
    options.tolerance = 1e-3;  // blocks may differ by 1e-8 in 1 - |Tr|/N
    const auto same = quercus::circuit::check_equivalence(*input, *circuit, options);
    REQUIRE(same);
    CHECK(same->equivalent);
}
