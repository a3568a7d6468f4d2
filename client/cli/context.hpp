#pragma once

// What all commands of `quercus` share: the global options, how answers and errors are printed,
// exit codes, and the connection.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/json.hpp"
#include "quercus/client.hpp"

namespace quercus::cli {

using client::Client;
using client::Job;
using client::JobInfo;

// Documented in --help (exit_code_help) and in README.md; scripts rely on them.
enum ExitCode : int {
    kExitOk = 0,
    kExitFailed = 1,        // the job failed, or the server refused the request
    kExitUsage = 2,         // wrong options or bad input
    kExitUnreachable = 3,   // no server answers
    kExitCancelled = 4,     // the job was cancelled
    kExitTimeout = 5,       // --timeout passed
    kExitInterrupted = 130  // SIGINT or SIGTERM
};
[[nodiscard]] std::string exit_code_help();
[[nodiscard]] ExitCode exit_code(const Status& error);
// Of a final job.
[[nodiscard]] ExitCode exit_code(const JobInfo& job);

struct Globals {
    std::string server;  // empty: attached mode
    bool json = false;
    int verbosity = 0;
    std::string log_file;
    std::string log_format = "text";
};

// Where jobs of this command run when there is no server.
struct LocalOptions {
    unsigned workers = 0;
    std::string memory_per_task;  // e.g. "2G"
    bool in_process = false;
};

// Prints a line to stdout / the error as "quercus: message" to stderr, with --json also as
// {"error": {"code", "message"}} to stdout; returns the exit code that belongs to it.
void print_line(std::string_view text);
void print_json(const json::value& value);
ExitCode report(const Globals& globals, const Status& error);
// For people, on stderr; nothing with --json.
void note(const Globals& globals, std::string_view text);
[[nodiscard]] bool is_terminal();  // stderr

// --server; INVALID_ARGUMENT without one (`command` needs jobs that outlive the command).
[[nodiscard]] Result<Client> connect_to_server(const Globals& globals, std::string_view command);
// --server, --in-process or attached mode.
[[nodiscard]] Result<Client> connect_anywhere(const Globals& globals, const LocalOptions& local);
// 0 for an empty text.
[[nodiscard]] Result<std::uint64_t> memory_limit(const LocalOptions& local);

// "-" or empty: stdout. Files are replaced as a whole or not at all.
[[nodiscard]] Status write_output(const std::string& path, std::string_view content);
// Before a long job: could write_output succeed?
[[nodiscard]] Status check_output(const std::string& path);
[[nodiscard]] Result<std::string> read_input(const std::string& path);

}  // namespace quercus::cli
