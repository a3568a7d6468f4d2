// `quercus` in attached mode and in-process: nothing else is started, nothing is left behind.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "tests/support/catch.hpp"
#include "tests/system/cli_support.hpp"

using namespace quercus::testing;
using namespace std::chrono_literals;

TEST_CASE("attached: compile writes a smaller circuit and says what it did", "[correctness]") {
    const TemporaryFolder folder;
    const std::string in = folder.write("in.qasm", kBellTwice);
    const std::string out = folder.file("out.qasm");
    const Finished finished = quercus_cli({"compile", in, "-o", out, "--workers", "1"});
    INFO(finished.out << finished.err);
    REQUIRE(exit_code_of(finished) == 0);
    CHECK(finished.out.find("two-qubit gates       3      1") != std::string::npos);
    CHECK(finished.out.find("error bound") != std::string::npos);
    CHECK(finished.out.find("succeeded in") != std::string::npos);
    const auto text = read_text(out);
    REQUIRE(text);
    CHECK(text->find("measure q[2] -> c[2]") != std::string::npos);
}

TEST_CASE("attached: a list of circuits is compiled in one call, whatever fails in it",
          "[correctness]") {
    const TemporaryFolder folder;
    const std::string first = folder.write("first.qasm", kBellTwice);
    const std::string broken = folder.write("broken.qasm", "OPENQASM 2.0;\nnonsense\n");
    const std::string last = folder.write("last.qasm", kBellTwice);
    const std::string into = folder.file("made/here");
    const Finished good = quercus_cli(
        {"compile", first, last, "--output-dir", into, "--seed", "3", "--workers", "2"});
    INFO(good.out << good.err);
    REQUIRE(exit_code_of(good) == 0);
    CHECK(good.out.find("first.qasm           3 -> 1") != std::string::npos);
    CHECK(good.out.find("last.qasm") > good.out.find("first.qasm"));
    // The same bytes as by itself.
    const Finished single =
        quercus_cli({"compile", last, "-o", "-", "--seed", "3", "--in-process"});
    REQUIRE(exit_code_of(single) == 0);
    CHECK(read_text(into + "/first.qasm") == single.out);
    CHECK(read_text(into + "/last.qasm") == single.out);

    const std::string again = folder.file("again");
    const Finished partly = quercus_cli(
        {"compile", first, broken, last, "--output-dir", again, "--json", "--in-process"});
    INFO(partly.out << partly.err);
    CHECK(exit_code_of(partly) == 2);
    CHECK(partly.err.find("broken.qasm:2:") != std::string::npos);
    CHECK(partly.out.find("\"INVALID_ARGUMENT\"") != std::string::npos);
    CHECK(read_text(again + "/last.qasm"));
    CHECK_FALSE(read_text(again + "/broken.qasm"));
}

TEST_CASE("attached: an error budget buys gates, and no more than it may", "[correctness]") {
    const TemporaryFolder folder;
    const std::string in = folder.write(
        "in.qasm",
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\nh q[0];\nh q[1];\nh q[2];\n"
        "cp(0.05) q[0],q[1];\nrx(0.4) q[1];\ncp(0.9) q[1],q[2];\n");
    const auto compile = [&](const std::string& budget) {
        return quercus_cli({"compile", in, "-o", folder.file("out.qasm"), "--error-budget", budget,
                            "--in-process"});
    };
    const Finished exact = compile("0");
    const Finished approximate = compile("1e-3");
    CHECK(exact.out.find("two-qubit gates       2      4") != std::string::npos);
    CHECK(approximate.out.find("two-qubit gates       2      2") != std::string::npos);
    for (const std::string budget : {"-1", "nan", "0.6"}) {
        const Finished refused = compile(budget);
        CHECK(exit_code_of(refused) == 2);
        CHECK(refused.err.find("(--error-budget)") != std::string::npos);
    }
}

TEST_CASE("attached and in-process give the same bytes for the same seed", "[correctness]") {
    const TemporaryFolder folder;
    const std::string in = folder.write("in.qasm", kBellTwice);
    for (const std::string seed : {"0", "7"}) {
        const auto compile = [&](std::vector<std::string> more) {
            std::vector<std::string> arguments{"compile", in, "-o", "-", "--seed", seed};
            arguments.insert(arguments.end(), more.begin(), more.end());
            const Finished finished = quercus_cli(arguments);
            INFO(finished.err);
            REQUIRE(exit_code_of(finished) == 0);
            return finished.out;
        };
        const std::string attached = compile({"--workers", "2"});
        CHECK(attached.find("OPENQASM 2.0;") == 0);
        CHECK(compile({"--in-process"}) == attached);
        CHECK(compile({"--workers", "1"}) == attached);
    }
}

TEST_CASE("attached: run prints the hash of its input", "[correctness]") {
    const Finished finished = quercus_cli({"run", "hash", "--input", "abc", "--workers", "1"});
    INFO(finished.err);
    REQUIRE(exit_code_of(finished) == 0);
    CHECK(finished.out == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
}

TEST_CASE("attached: synthesize a swap from text", "[correctness]") {
    const TemporaryFolder folder;
    const std::string in = folder.write("swap.txt", "1 0 0 0\n0 0 1 0\n0 1 0 0\n0 0 0 1\n");
    const std::string out = folder.file("swap.qasm");
    const Finished finished =
        quercus_cli({"synthesize", in, "-o", out, "--json", "--workers", "1"});
    INFO(finished.out << finished.err);
    REQUIRE(exit_code_of(finished) == 0);
    CHECK(finished.out.find("\"two_qubit\":3") != std::string::npos);
}

TEST_CASE("attached: synthesize states and state maps for gates and machines", "[correctness]") {
    const TemporaryFolder folder;
    const std::string state =
        folder.write("w.txt", "0\n0.577350269\n0.577350269\n0\n0.577350269\n0\n0\n0\n");
    const std::string map = folder.write("map.txt", "1 0\n0 1j\n0 1\n1 0\n");
    const auto synthesize = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "synthesize");
        words.insert(words.end(), {"-o", "-", "--json", "--workers", "1"});
        const Finished finished = quercus_cli(words);
        INFO(finished.out << finished.err);
        REQUIRE(exit_code_of(finished) == 0);
        return finished.out;
    };
    for (const std::string level : {"0", "2"}) {
        const std::string out = synthesize({state, "--level", level, "--gates", "cz,rz,sx"});
        CHECK(out.find("\"cz\":3") != std::string::npos);
        CHECK(out.find("cx ") == std::string::npos);
    }
    const std::string placed = synthesize(
        {state, "--target", "line-4", "--level", "4", "--iterations", "5", "--threshold", "1e-9"});
    CHECK(placed.find("qreg q[4]") != std::string::npos);
    CHECK(placed.find("\"final_mapping\":[") != std::string::npos);
    const std::string mapped = synthesize({map, "--kind", "state-map"});
    CHECK(mapped.find("\"two_qubit\":0") != std::string::npos);
}

TEST_CASE("attached: instantiate an unknown gate and angles", "[correctness]") {
    const TemporaryFolder folder;
    const std::string swap = folder.write("swap.txt", "1 0 0 0\n0 0 1 0\n0 1 0 0\n0 0 0 1\n");
    const std::string shape =
        folder.write("shape.qasm",
                     "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nopaque any a, b;\nqreg q[2];\n"
                     "cx q[0],q[1];\nany q[1],q[0];\nrzz(0.3) q[0],q[1];\n");
    const auto instantiate = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"instantiate", shape, swap, "-o", "-"};
        words.insert(words.end(), more.begin(), more.end());
        return quercus_cli(words);
    };
    const Finished found = instantiate({"--json", "--workers", "2"});
    INFO(found.out << found.err);
    REQUIRE(exit_code_of(found) == 0);
    CHECK(found.out.find("\"rzz\":1") != std::string::npos);
    CHECK(found.out.find("opaque") == std::string::npos);
    const Finished frozen = quercus_cli(
        {"instantiate", "--frozen", "2", shape, swap, "-o", "-", "--workers", "1", "--json"});
    INFO(frozen.out << frozen.err);
    CHECK(exit_code_of(frozen) == 0);
    CHECK(frozen.out.find("rzz(0.3") != std::string::npos);
    CHECK(exit_code_of(instantiate({"--method", "qfactor", "--workers", "1"})) == 0);
}

TEST_CASE("attached: tree shows the pinned worker", "[correctness]") {
    const Finished finished = quercus_cli({"tree", "--workers", "1"});
    INFO(finished.out << finished.err);
    REQUIRE(exit_code_of(finished) == 0);
    CHECK(finished.out.find("server ") == 0);
    CHECK(finished.out.find("worker 0  cpus ") != std::string::npos);
}

TEST_CASE("attached: an interrupt cancels the job and leaves no process", "[correctness]") {
    Process process = Process::start(
        {binary("quercus"), "run", "sleep", "--seconds", "1000", "--workers", "1", "-vv"},
        {{"QUERCUS_SERVER", ""}});
    REQUIRE(process.wait_for_output("task_started", within(30s)));
    CHECK(process.others_in_session().size() >= 2);  // one leaf executor and the flow executor
    process.kill(SIGINT);
    const auto exit = process.wait(within(20s));
    INFO(process.err());
    REQUIRE(exit);
    CHECK(*exit == ExitStatus{130, 0});
    CHECK(process.err().find("the job was cancelled") != std::string::npos);
    CHECK(process.wait_session_empty(within(10s)));
}

namespace {

// A log that the test can stop: who logs into a full pipe waits for its reader.
class LogPipe {
 public:
    explicit LogPipe(const std::string& path)
        : made_(::mkfifo(path.c_str(), 0600) == 0),
          fd_(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {}
    ~LogPipe() { ::close(fd_); }
    [[nodiscard]] bool is_open() const { return made_ && fd_ >= 0; }
    bool read_until(const std::string& text, Deadline deadline) const {
        std::string seen;
        std::array<char, 4096> piece{};
        while (seen.find(text) == std::string::npos && Clock::now() < deadline) {
            if (const auto got = ::read(fd_, piece.data(), piece.size()); got > 0) {
                seen.append(piece.data(), static_cast<std::size_t>(got));
            }
        }
        return seen.find(text) != std::string::npos;
    }
    void fill() const {
        while (::write(fd_, "x", 1) == 1) {
        }
    }

 private:
    bool made_;
    int fd_;
};

}  // namespace

TEST_CASE("attached: a second signal ends it at once, whatever holds up the first", "[bad input]") {
    const TemporaryFolder folder;
    const std::string path = folder.file("log");
    const LogPipe log(path);
    REQUIRE(log.is_open());
    Process process = Process::start({binary("quercus"), "run", "sleep", "--seconds", "1000",
                                      "--workers", "1", "-vv", "--log-file", path},
                                     {{"QUERCUS_SERVER", ""}});
    REQUIRE(log.read_until("task_started", within(30s)));
    CHECK(process.others_in_session().size() >= 2);
    log.fill();
    process.kill(SIGINT);
    CHECK_FALSE(process.wait(within(500ms)));  // the tree cannot stop
    process.kill(SIGTERM);
    CHECK(process.wait(within(20s)) == ExitStatus{130, 0});
    CHECK(process.wait_session_empty(within(10s)));
}

TEST_CASE("attached: killed outright it leaves no process either", "[bad input]") {
    Process process = Process::start(
        {binary("quercus"), "run", "sleep", "--seconds", "1000", "--workers", "1", "-vv"},
        {{"QUERCUS_SERVER", ""}});
    REQUIRE(process.wait_for_output("task_started", within(30s)));
    process.kill(SIGKILL);
    CHECK(process.wait_session_empty(within(20s)));
}

TEST_CASE("the SDK's example compiles a file", "[correctness]") {
    const TemporaryFolder folder;
    const std::string in = folder.write("in.qasm", kBellTwice);
    const std::string out = folder.file("out.qasm");
    const Finished finished = run({binary("quercus-example-compile"), in, out});
    INFO(finished.out << finished.err);
    REQUIRE(exit_code_of(finished) == 0);
    CHECK(finished.out.find("3 -> 1 two-qubit gates") == 0);
    CHECK(read_text(out).value_or("").find("OPENQASM 2.0;") == 0);
}
