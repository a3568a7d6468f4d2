#include "manager/options.hpp"

#include <CLI/CLI.hpp>

#include "runtime/host/machine.hpp"

namespace quercus::manager {

namespace {

struct RawOptions {
    std::vector<std::string> managers;
    std::vector<std::string> join;
    std::vector<std::string> cpus;
};

void declare(CLI::App& app, Options& options, RawOptions& raw) {
    app.add_option("-n,--num-workers", options.workers,
                   "Number of workers (default: one per physical core this process may use)")
        ->check(CLI::Range(1U, 4096U));
    app.add_flag("-x,--only-connect", options.only_connect,
                 "Start no workers; wait for quercus-worker ranks to connect");
    app.add_option("-m,--managers", raw.managers,
                   "Be a manager of these managers: host[:port] ... (default port 7473)");
    app.add_option("-p,--port", options.port, "Port to listen on; 0: any free one")
        ->capture_default_str();
    app.add_option("--bind", options.bind, "Address to listen on")->capture_default_str();
    app.add_option("--address-file", options.address_file,
                   "Write host:port here once the manager listens");
    app.add_option("--join", raw.join,
                   "Dial this server or manager as parent: host[:port], alternates after commas "
                   "(default port 7473; a server's is 7472)");
    app.add_option("--cpus", raw.cpus, "Cores for the workers, e.g. 0,2,4-7");
    app.add_option("--reserve-cores", options.reserve_cores,
                   "Cores left free for the control process (default: 0 below 16 cores, else 1)");
    app.add_option("--tag", options.tags, "key=value shown by `quercus tree` (repeatable)");
    app.add_option("--cache-limit", options.cache_mib,
                   "Most MiB of cached block results, in memory; 0: no cache")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    app.add_option("--memory-per-task", options.memory_per_task,
                   "Memory limit of one task, e.g. 2G");
    host::add_process_options(app, options.process, "quercus-manager");
}

Status check(const RawOptions& raw, Options& options) {
    auto managers = host::addresses_from(raw.managers, 7473);
    if (!managers) {
        return managers.error();
    }
    options.managers = *managers;
    auto parents = host::addresses_from(raw.join, 7473);
    if (!parents) {
        return parents.error();
    }
    options.parents = *parents;
    for (const std::string& word : raw.cpus) {
        auto cpus = host::parse_cpu_list(word);
        if (!cpus) {
            return cpus.error();
        }
        options.cpus.insert(options.cpus.end(), cpus->begin(), cpus->end());
    }
    for (const std::string& tag : options.tags) {
        if (tag.find('=') == std::string::npos || tag.front() == '=') {
            return invalid_argument("'" + tag + "' is not key=value (--tag)");
        }
    }
    if (!options.memory_per_task.empty()) {
        if (auto size = host::parse_size(options.memory_per_task); !size) {
            return size.error();
        }
    }
    const bool starts_none = options.only_connect || !options.managers.empty();
    if (starts_none && (options.workers || !options.cpus.empty())) {
        return invalid_argument("-x and -m start no workers: -n and --cpus have no meaning there");
    }
    return Status::ok();
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
    ParsedOptions parsed;
    RawOptions raw;
    CLI::App app{
        "Quercus manager: an inner node of the tree. Starts worker ranks on this machine (one per "
        "NUMA domain, one worker per core), or with -x waits for ranks, or with -m manages other "
        "managers.",
        "quercus-manager"};
    declare(app, parsed.options, raw);
    bool ends = false;
    const int code = host::parse_command_line(app, argc, argv, ends);
    if (ends) {
        parsed.exit_code = code;
    } else if (Status status = check(raw, parsed.options); !status.is_ok()) {
        parsed.exit_code = host::report_failure("quercus-manager", status);
    }
    return parsed;
}

}  // namespace quercus::manager
