#pragma once

// Flags that quercus-server, quercus-manager and quercus-worker share, and what they do at start.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "quantum/base/status.hpp"
#include "runtime/host/logging.hpp"
#include "runtime/scheduling/node.hpp"

namespace CLI {
class App;
}
struct ifaddrs;

namespace quercus::host {

struct ProcessOptions {
    LogOptions log;
    double heartbeat_s = 2;
    double lease_s = 10;
    double grace_s = 60;
};

// --version, -v, --log-file, --log-format, --heartbeat, --lease, --grace. `options` must outlive
// `app`.
void add_process_options(CLI::App& app, ProcessOptions& options, const std::string& program);

// Parses the command line; the exit code when the process should end now (help, version, bad
// usage).
[[nodiscard]] int parse_command_line(CLI::App& app, int argc, char** argv, bool& ends);

void apply(const ProcessOptions& options, scheduling::NodeConfig& node);

// Words separated by commas or spaces, in one or several arguments, as host[:port] with the default
// port filled in; INVALID_ARGUMENT names the bad one.
[[nodiscard]] Result<std::vector<std::string>> addresses_from(const std::vector<std::string>& words,
                                                              std::uint16_t default_port);

// Where a process bound to `bind`:`port` can be dialled, never empty: the bound address itself, or,
// for a wildcard (either one takes IPv4 and IPv6), every address of this machine's interfaces that
// are up: IPv4 first, then IPv6 without link-local ones, which mean nothing elsewhere. Loopback
// comes last, and only if there is nothing else: on another machine it names that machine.
[[nodiscard]] std::vector<std::string> reachable_addresses(const std::string& bind,
                                                           std::uint16_t port);
// The part for wildcards.
[[nodiscard]] std::vector<std::string> addresses_of(const ifaddrs* interfaces, std::uint16_t port);
[[nodiscard]] bool is_loopback(const std::string& bind);

// Written whole or not at all; empty path: nothing.
[[nodiscard]] Status write_address_file(const std::string& path, const std::string& address);

// Prints "<program>: <status>" on stderr and returns the exit code: 2 for bad input, 1 otherwise.
int report_failure(const std::string& program, const Status& status);

// Says that nobody is asked for credentials, loudly when `bind` is not loopback.
void warn_about_bind(const std::string& bind);

}  // namespace quercus::host
