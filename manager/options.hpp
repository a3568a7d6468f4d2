#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/host/process_options.hpp"

namespace quercus::manager {

struct Options {
    host::ProcessOptions process;
    std::optional<std::uint32_t> workers;  // -n; unset: one per allowed core
    bool only_connect = false;             // -x
    std::vector<std::string> managers;     // -m, host:port
    std::vector<std::string> parents;      // --join, alternates
    std::string bind = "127.0.0.1";
    std::uint16_t port = 7473;
    std::string address_file;
    std::vector<int> cpus;
    std::optional<std::uint32_t> reserve_cores;
    std::vector<std::string> tags;  // key=value
    std::string memory_per_task;    // as given; checked
    std::uint64_t cache_mib = 256;
};

// The options, or the exit code with which the process ends now.
struct ParsedOptions {
    Options options;
    std::optional<int> exit_code;
};
[[nodiscard]] ParsedOptions parse_options(int argc, char** argv);

}  // namespace quercus::manager
