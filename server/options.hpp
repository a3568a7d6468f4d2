#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/host/process_options.hpp"

namespace quercus::server {

struct Options {
    host::ProcessOptions process;
    std::vector<std::string> managers;  // host:port
    std::string bind = "127.0.0.1";
    std::uint16_t port = 7472;
    std::string address_file;
    std::string state_dir;
    std::uint64_t cache_mib = 256;
};

// The options, or the exit code with which the process ends now.
struct ParsedOptions {
    Options options;
    std::optional<int> exit_code;
};
[[nodiscard]] ParsedOptions parse_options(int argc, char** argv);

}  // namespace quercus::server
