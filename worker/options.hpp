#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/host/process_options.hpp"
#include "runtime/host/rank.hpp"

namespace quercus::worker {

struct Options {
    host::ProcessOptions process;
    host::RankOptions rank;
    std::vector<std::string> parents;  // alternates, host:port
    std::string listen_host;           // with listen_port: where parents may dial
    std::optional<std::uint16_t> listen_port;
    // Set by a manager that starts this rank.
    std::string node_id;
    int dies_with_parent = 0;           // pid of the starting process; 0: outlives it
    bool exits_without_parent = false;  // the parent in the tree
};

// The options, or the exit code with which the process ends now.
struct ParsedOptions {
    Options options;
    std::optional<int> exit_code;
};
[[nodiscard]] ParsedOptions parse_options(int argc, char** argv);

}  // namespace quercus::worker
