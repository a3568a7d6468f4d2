#include "worker/options.hpp"

#include <CLI/CLI.hpp>

#include "runtime/host/machine.hpp"
#include "runtime/transport/address.hpp"

namespace quercus::worker {

namespace {

// What the command line gives as text and is checked after parsing.
struct RawOptions {
    std::vector<std::string> cpus;
    std::vector<std::string> join;
    std::string listen;
    std::vector<std::string> tags;
    std::string memory;
};

void declare(CLI::App& app, Options& options, RawOptions& raw) {
    app.add_option("workers", options.rank.workers, "Number of workers in this rank")
        ->required()
        ->check(CLI::Range(1U, 4096U));
    app.add_option("-c,--cpus", raw.cpus,
                   "Cores to pin to: one start index counted up, or one per worker (0,2,4-7)");
    app.add_option("--join,--manager", raw.join,
                   "Parent to dial: host[:port], alternates after commas (default port 7473; "
                   "default localhost unless --listen is given)");
    app.add_option("--listen", raw.listen, "host:port on which a parent may dial this rank");
    app.add_option("--tag-env", options.rank.visible_env,
                   "Environment variable that tasks and `quercus tree` may see (repeatable)")
        ->delimiter(',');
    app.add_option("--tag", raw.tags, "key=value shown by `quercus tree` (repeatable)");
    app.add_option("--cache-limit", options.rank.cache_mib,
                   "Most MiB of cached block results, in memory; 0: no cache")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    app.add_option("--memory-per-task", raw.memory, "Memory limit of one task, e.g. 2G");
    app.add_option("--node-id", options.node_id)->group("");
    app.add_option("--dies-with-parent", options.dies_with_parent)->group("");
    app.add_flag("--exits-without-parent", options.exits_without_parent)->group("");
    host::add_process_options(app, options.process, "quercus-worker");
}

Status apply_cpus(const RawOptions& raw, Options& options) {
    for (const std::string& word : raw.cpus) {
        auto cpus = host::parse_cpu_list(word);
        if (!cpus) {
            return cpus.error();
        }
        options.rank.cpus.insert(options.rank.cpus.end(), cpus->begin(), cpus->end());
    }
    return Status::ok();
}

Status apply_addresses(RawOptions raw, Options& options) {
    if (!raw.listen.empty()) {
        auto address = transport::parse_address(raw.listen, 7473);
        if (!address) {
            return address.error();
        }
        options.listen_host = address->host;
        options.listen_port = address->port;
    } else if (raw.join.empty()) {
        raw.join.push_back("localhost");
    }
    auto parents = host::addresses_from(raw.join, 7473);
    if (!parents) {
        return parents.error();
    }
    options.parents = *parents;
    return Status::ok();
}

Status apply_rest(const RawOptions& raw, Options& options) {
    for (const std::string& tag : raw.tags) {
        const std::size_t equals = tag.find('=');
        if (equals == std::string::npos || equals == 0) {
            return invalid_argument("'" + tag + "' is not key=value (--tag)");
        }
        options.rank.tags[tag.substr(0, equals)] = tag.substr(equals + 1);
    }
    if (!raw.memory.empty()) {
        auto size = host::parse_size(raw.memory);
        if (!size) {
            return size.error();
        }
        options.rank.memory_per_task_bytes = *size;
    }
    return Status::ok();
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
    ParsedOptions parsed;
    RawOptions raw;
    CLI::App app{
        "Quercus worker rank: N workers, each pinned to a core, under one manager or server. The "
        "environment of this process is that of its workers.",
        "quercus-worker"};
    declare(app, parsed.options, raw);
    bool ends = false;
    const int code = host::parse_command_line(app, argc, argv, ends);
    if (ends) {
        parsed.exit_code = code;
        return parsed;
    }
    Status status = apply_cpus(raw, parsed.options);
    if (status.is_ok()) {
        status = apply_addresses(raw, parsed.options);
    }
    if (status.is_ok()) {
        status = apply_rest(raw, parsed.options);
    }
    if (!status.is_ok()) {
        parsed.exit_code = host::report_failure("quercus-worker", status);
    }
    return parsed;
}

}  // namespace quercus::worker
