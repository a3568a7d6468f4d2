#pragma once

// What the command line's system tests share: input files and one server to talk to.

#include <optional>
#include <string>

#include "tests/support/process.hpp"

namespace quercus::testing {

inline const std::string kBellTwice =
    "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\ncreg c[3];\n"
    "h q[0];\ncx q[0],q[1];\ncx q[0],q[1];\ncx q[0],q[1];\nccx q[0],q[1],q[2];\n"
    "ccx q[0],q[1],q[2];\nmeasure q -> c;\n";

// `quercus` with these arguments and no server from the environment.
inline Finished quercus_cli(std::vector<std::string> arguments,
                            std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    arguments.insert(arguments.begin(), binary("quercus"));
    return run(arguments, {{"QUERCUS_SERVER", ""}}, limit);
}

inline int exit_code_of(const Finished& finished) {
    return finished.exit && finished.exit->signal == 0 ? finished.exit->code : -1;
}

// A server and one rank of one worker that joined it, on ports of their own.
struct SmallTree {
    TemporaryFolder folder;
    std::optional<Process> server;
    std::optional<Process> rank;
    std::string address;
    std::string state{};  // another tree's state folder

    [[nodiscard]] std::string state_folder() const {
        return state.empty() ? folder.file("state") : state;
    }

    // Empty when all is up, else what went wrong.
    std::string start() {
        server.emplace(Process::start(
            {binary("quercus-server"), "--port", "0", "--state-dir", state_folder()}));
        const auto listens =
            server->wait_for_output("listens on (\\S+)", within(std::chrono::seconds(20)));
        if (!listens) {
            return "the server does not come up: " + server->err();
        }
        address = *listens;
        rank.emplace(Process::start({binary("quercus-worker"), "1", "--join", address}));
        const Finished waited = quercus_cli(
            {"--server", address, "server", "wait", "--workers", "1", "--timeout", "30"});
        return exit_code_of(waited) == 0 ? "" : "no worker: " + waited.err + rank->err();
    }
};

}  // namespace quercus::testing
