// What the command line answers to bad input: one clear error, the documented exit code, no job.

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/system/cli_support.hpp"

using namespace quercus::testing;

namespace {

// One line on stderr that contains `what`.
void check_error(const Finished& finished, int code, const std::string& what) {
    INFO(finished.out << finished.err);
    CHECK(exit_code_of(finished) == code);
    CHECK(finished.err.find(what) != std::string::npos);
    CHECK(finished.err.find("quercus: ") == 0);
    CHECK(std::count(finished.err.begin(), finished.err.end(), '\n') == 1);
}

Finished compile_text(const std::string& text) {
    const TemporaryFolder folder;
    return quercus_cli({"compile", folder.write("bad.qasm", text), "-o", folder.file("out.qasm")});
}

}  // namespace

TEST_CASE("cli: circuits that are none", "[bad input]") {
    check_error(compile_text(""), 2, "bad.qasm:1:");
    check_error(compile_text(std::string("\x7f\x45\x4c\x46\0\1\2\3", 8)), 2, "bad.qasm:1:");
    check_error(compile_text("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\ncx q[0] q[1];\n"),
                2, "bad.qasm:4:");
    check_error(compile_text("OPENQASM 2.0;\nqreg q[1000000000];\n"), 2, "bad.qasm:2:");
    check_error(quercus_cli({"compile", "/nowhere/x.qasm", "-o", "-"}), 2, "/nowhere/x.qasm");
}

TEST_CASE("cli: errors as JSON", "[bad input]") {
    const Finished finished = quercus_cli({"--json", "compile", "/nowhere/x.qasm", "-o", "-"});
    CHECK(exit_code_of(finished) == 2);
    CHECK(finished.out.find("{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"") == 0);
}

TEST_CASE("cli: options that do not fit", "[bad input]") {
    const TemporaryFolder folder;
    const std::string in = folder.write("in.qasm", kBellTwice);
    const std::string out = folder.file("out.qasm");
    check_error(quercus_cli({"compile", in}), 2, "-o FILE");
    check_error(quercus_cli({"compile", in, "--detach"}), 2, "--detach needs a server");
    check_error(quercus_cli({"compile", in, "-o", folder.file("no/such/folder/x")}), 2,
                "cannot write");
    check_error(quercus_cli({"compile", in, "-o", out, "--in-process", "--memory-per-task", "1G"}),
                2, "not with --in-process");
    check_error(quercus_cli({"compile", in, "-o", out, "--memory-per-task", "many"}), 2, "many");
    check_error(quercus_cli({"compile", in, "-o", out, "--level", "99"}), 2, "level");
    check_error(quercus_cli({"compile", in, "-o", out, "--id", "12"}), 2, "no UUID");
    check_error(quercus_cli({"jobs"}), 2, "QUERCUS_SERVER");
    check_error(quercus_cli({"status", "abcd"}), 2, "QUERCUS_SERVER");
    check_error(quercus_cli({"frobnicate"}), 2, "--help");
    check_error(quercus_cli({"completion", "csh"}), 2, "csh");
    check_error(quercus_cli({"run", "hash", "--hex", "0g"}), 2, "--hex");
}

TEST_CASE("cli: matrices that are not unitary or not square", "[bad input]") {
    const TemporaryFolder folder;
    const auto synthesize = [&](const std::string& text) {
        return quercus_cli({"synthesize", folder.write("m.txt", text), "-o", folder.file("o")});
    };
    check_error(synthesize(""), 2, "m.txt: the file is empty");
    check_error(synthesize("1 0\n0 2\n"), 2, "unitary");
    check_error(synthesize("nan 0\n0 1\n"), 2, "unitary");
    check_error(synthesize("1 0 0\n0 1 0\n0 0 1\n"), 2, "2^n");
    check_error(synthesize("1 0\n0 x\n"), 2, "m.txt: line 2:");
}

TEST_CASE("cli: circuits that cannot be instantiated", "[bad input]") {
    const TemporaryFolder folder;
    const std::string numbers = folder.write("m.txt", "1 0\n0 1\n");
    const auto instantiate = [&](const std::string& body, std::vector<std::string> more = {}) {
        std::vector<std::string> words{
            "instantiate", folder.write("c.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; " + body),
            numbers, "-o", folder.file("o")};
        words.insert(words.end(), more.begin(), more.end());
        return quercus_cli(words);
    };
    check_error(instantiate("qreg q[1]; h q[0];"), 2, "neither a free angle");
    check_error(instantiate("qreg q[2]; rx(1) q[0];"), 2, "has 2 qubits, the target 1");
    check_error(instantiate("qreg q[1]; creg c[1]; rx(1) q[0]; measure q -> c;"), 2,
                "operation 1 (measure)");
    check_error(instantiate("qreg q[1]; rx(1) q[0];", {"--method", "newton"}), 2, "--method");
    check_error(instantiate("qreg q[1]; rx(1) q[0];", {"--starts", "0"}), 2, "--starts");
    check_error(instantiate("qreg q[1]; rx(1) q[0];", {"--frozen", "1"}), 2, "no operation 1");
    check_error(instantiate("qreg q[1]; rx(1) q[0];", {"--frozen", "0,x"}), 2, "'x' is no number");
    check_error(instantiate("qreg q[1]; rx(1) q[0];", {"--frozen", "0,0"}), 2, "--frozen");
    check_error(instantiate("qreg q[1]; rx(1) q[0];", {"--threshold", "3"}), 2, "--threshold");
    check_error(instantiate("qreg q[1]; rx(1"), 2, "c.qasm:1");
    check_error(quercus_cli({"instantiate", "-", "-", "-o", folder.file("o")}), 2, "only one");
}

TEST_CASE("cli: states and state maps that are none", "[bad input]") {
    const TemporaryFolder folder;
    const auto synthesize = [&](const std::string& text, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"synthesize", folder.write("m.txt", text), "-o",
                                       folder.file("o")};
        words.insert(words.end(), more.begin(), more.end());
        return quercus_cli(words);
    };
    check_error(synthesize("1 1\n"), 2, "norm 1.414");
    check_error(synthesize("1 0 0\n"), 2, "3 amplitudes");
    check_error(synthesize("nan 1\n"), 2, "amplitude 0 is not finite");
    check_error(synthesize("1 0 0 0\n1 0 0 0\n0 1 0 0\n1 0 0 0\n", {"--kind", "state-map"}), 2,
                "output 1 of the map is not orthogonal");
    check_error(synthesize("1 0\n0 1\n1 0\n"), 2, "(--kind)");
    check_error(synthesize("1 0\n0 1\n", {"--kind", "state"}), 2, "one row or one column");
    check_error(synthesize("1 0\n", {"--kind", "circuit"}), 2, "state-map");
    check_error(synthesize("1 0\n", {"--level", "5"}), 2, "--level");
    check_error(synthesize("1 0\n", {"--iterations", "5"}), 2, "--level 4");
    check_error(synthesize("1 0\n", {"--level", "2", "--islands", "2"}), 2, "--level 4");
    check_error(synthesize("1 0\n", {"--level", "4", "--time-budget", "0"}), 2, "--time-budget");
    check_error(synthesize("1 0\n", {"--target", "no-such-machine"}), 2, "heavy-hex-27");
    check_error(synthesize("1 0\n", {"--target", "no/such.json"}), 2, "no/such.json");
    check_error(synthesize("1 0\n", {"--gates", "rz,magic"}), 2, "magic");
    check_error(synthesize("1 0 0 0 0 0 0 0\n", {"--target", "line-2"}), 2, "(--target)");
}

TEST_CASE("cli: no server at the address", "[bad input]") {
    check_error(quercus_cli({"--server", "127.0.0.1:1", "jobs"}), 3, "127.0.0.1:1");
    const Finished doctor = quercus_cli({"--server", "127.0.0.1:1", "doctor", "--json"});
    CHECK(exit_code_of(doctor) == 3);
    CHECK(doctor.out.find("\"reachable\":false") != std::string::npos);
    check_error(quercus_cli({"--server", "127.0.0.1:1", "server", "wait", "--timeout", "1"}), 3,
                "127.0.0.1:1");
}

TEST_CASE("cli: help, version, doctor, completion", "[correctness]") {
    const Finished help = quercus_cli({"--help"});
    CHECK(exit_code_of(help) == 0);
    CHECK(help.out.find("Exit codes") != std::string::npos);
    CHECK(help.out.find("attached mode") != std::string::npos);
    const Finished version = quercus_cli({"--version"});
    CHECK(exit_code_of(version) == 0);
    CHECK(version.out.find("quercus") == 0);
    const Finished doctor = quercus_cli({"doctor"});
    INFO(doctor.out << doctor.err);
    CHECK(exit_code_of(doctor) == 0);
    CHECK(doctor.out.find("without hard cancel") != std::string::npos);
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        const Finished script = quercus_cli({"completion", shell});
        CHECK(exit_code_of(script) == 0);
        CHECK(script.out.find("synthesize") != std::string::npos);
    }
}

TEST_CASE("cli: the bash completion completes commands and options", "[correctness]") {
    const auto complete = [](const std::string& words, const std::string& index) {
        return run({"bash", "-c",
                    "source <(" + binary("quercus") + " completion bash); COMP_WORDS=(" + words +
                        "); COMP_CWORD=" + index + "; _quercus; echo \"${COMPREPLY[@]}\""})
            .out;
    };
    CHECK(complete("quercus syn", "1") == "synthesize\n");
    CHECK(complete("quercus server wait --wor", "3") == "--workers\n");
    CHECK(complete("quercus completion f", "2").find("fish") == 0);
}
