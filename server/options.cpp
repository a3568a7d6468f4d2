#include "server/options.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace quercus::server {

namespace {

std::string default_state_dir(std::uint16_t port) {
    const char* state_home = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    const std::string base = state_home != nullptr && *state_home != '\0' ? state_home
                             : home != nullptr ? std::string(home) + "/.local/state"
                                               : "/tmp/quercus-" + std::to_string(getuid());
    return base + "/quercus/server-" + std::to_string(port);
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
    ParsedOptions parsed;
    Options& options = parsed.options;
    std::vector<std::string> managers;
    CLI::App app{
        "Quercus server: the root of the tree. Dials the given managers, accepts managers and "
        "ranks "
        "that --join it, and takes jobs from clients. SIGINT or SIGTERM stops the whole tree.",
        "quercus-server"};
    app.add_option(
        "managers", managers,
        "Managers or listening ranks to dial: host[:port], separated by spaces or commas "
        "(default port 7473)");
    app.add_option("-p,--port", options.port, "Port for clients and joining nodes; 0: any free one")
        ->capture_default_str();
    app.add_option("--bind", options.bind, "Address to listen on")->capture_default_str();
    app.add_option("--address-file", options.address_file,
                   "Write host:port here once the server listens");
    app.add_option("--state-dir", options.state_dir,
                   "Folder of the server's own files: the cache of results; jobs live in memory "
                   "(default: per user and port under $XDG_STATE_HOME; none with --port 0)");
    app.add_option("--cache-limit", options.cache_mib,
                   "Most MiB of cached block results, in memory and on disk; 0: no cache")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    host::add_process_options(app, options.process, "quercus-server");

    bool ends = false;
    const int code = host::parse_command_line(app, argc, argv, ends);
    if (ends) {
        parsed.exit_code = code;
        return parsed;
    }
    auto addresses = host::addresses_from(managers, 7473);
    if (!addresses) {
        parsed.exit_code = host::report_failure("quercus-server", addresses.error());
        return parsed;
    }
    options.managers = *addresses;
    // A port that changes with every start has nothing to come back to.
    if (options.state_dir.empty() && options.port != 0) {
        options.state_dir = default_state_dir(options.port);
    }
    return parsed;
}

}  // namespace quercus::server
