#include "client/cli/context.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "runtime/host/machine.hpp"

namespace quercus::cli {

namespace fs = std::filesystem;

std::string exit_code_help() {
    return "Exit codes: 0 done; 1 the job failed or the server refused; 2 wrong options or bad "
           "input;\n"
           "3 server unreachable; 4 the job was cancelled; 5 timeout; 130 interrupted.";
}

ExitCode exit_code(const Status& error) {
    switch (error.code()) {
        case StatusCode::kOk:
            return kExitOk;
        case StatusCode::kInvalidArgument:
        case StatusCode::kOutOfRange:
            return kExitUsage;
        case StatusCode::kUnavailable:
            return kExitUnreachable;
        case StatusCode::kCancelled:
            return kExitCancelled;
        case StatusCode::kDeadlineExceeded:
            return kExitTimeout;
        default:
            return kExitFailed;
    }
}

ExitCode exit_code(const JobInfo& job) {
    switch (job.state) {
        case client::JobState::kSucceeded:
            return kExitOk;
        case client::JobState::kCancelled:
            return kExitCancelled;
        default:
            return kExitFailed;
    }
}

void print_line(std::string_view text) {
    std::cout << text << '\n' << std::flush;
}

void print_json(const json::value& value) {
    print_line(to_text(value));
}

ExitCode report(const Globals& globals, const Status& error) {
    if (globals.json) {
        print_json({{"error", to_json(error)}});
    }
    std::cerr << "quercus: " << error.message() << '\n';
    return exit_code(error);
}

void note(const Globals& globals, std::string_view text) {
    if (!globals.json) {
        std::cerr << text << '\n';
    }
}

bool is_terminal() {
    return ::isatty(STDERR_FILENO) == 1;
}

Result<Client> connect_to_server(const Globals& globals, std::string_view command) {
    if (globals.server.empty()) {
        return invalid_argument(
            "'" + std::string(command) +
            "' needs a server: give --server host[:port] or set QUERCUS_SERVER");
    }
    return Client::connect(globals.server);
}

Result<std::uint64_t> memory_limit(const LocalOptions& local) {
    return local.memory_per_task.empty() ? Result<std::uint64_t>(std::uint64_t{0})
                                         : host::parse_size(local.memory_per_task);
}

Result<Client> connect_anywhere(const Globals& globals, const LocalOptions& local) {
    const Result<std::uint64_t> memory = memory_limit(local);
    if (!memory) {
        return memory.error();
    }
    if (local.in_process) {
        if (*memory != 0) {
            return invalid_argument(
                "--memory-per-task needs executors, so not with --in-process: leave one of them "
                "out");
        }
        return Client::in_process({local.workers});
    }
    if (!globals.server.empty()) {
        if (local.workers != 0) {
            return invalid_argument("--workers is for attached mode, not with --server");
        }
        return Client::connect(globals.server);
    }
    client::AttachOptions options;
    options.workers = local.workers;
    options.memory_per_task_bytes = *memory;
    return Client::attach(options);
}

Status write_output(const std::string& path, std::string_view content) {
    if (path.empty() || path == "-") {
        std::cout << content << std::flush;
        return std::cout ? Status::ok() : data_loss("cannot write to standard output");
    }
    std::error_code failed;
    // A pipe or device is written in place; renaming a file over it would replace it.
    const bool in_place = fs::exists(path, failed) && !fs::is_regular_file(path, failed);
    const std::string target = in_place ? path : path + ".tmp" + std::to_string(::getpid());
    std::ofstream file(target, std::ios::binary);
    file << content;
    file.close();
    if (!file) {
        return invalid_argument("cannot write '" + path + "': " + std::strerror(errno));
    }
    if (!in_place) {
        fs::rename(target, path, failed);
        if (failed) {
            fs::remove(target);
            return invalid_argument("cannot write '" + path + "': " + failed.message());
        }
    }
    return Status::ok();
}

Status check_output(const std::string& path) {
    if (path.empty() || path == "-") {
        return Status::ok();
    }
    std::error_code failed;
    if (fs::is_directory(path, failed)) {
        return invalid_argument("cannot write '" + path + "': it is a folder");
    }
    fs::path folder = fs::path(path).parent_path();
    if (folder.empty()) {
        folder = ".";
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0 && ::access(path.c_str(), W_OK) != 0) {
        return invalid_argument("cannot write '" + path + "': " + std::strerror(errno));
    }
    return Status::ok();
}

Result<std::string> read_input(const std::string& path) {
    if (path == "-") {
        return std::string((std::istreambuf_iterator<char>(std::cin)), {});
    }
    std::error_code failed;
    if (fs::is_directory(path, failed)) {
        return invalid_argument("cannot read '" + path + "': it is a folder");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return invalid_argument("cannot read '" + path + "': " + std::strerror(errno));
    }
    return std::string((std::istreambuf_iterator<char>(file)), {});
}

}  // namespace quercus::cli
