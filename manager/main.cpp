// quercus-manager: an inner node of the tree. Options, wiring, run, stop.

#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "manager/options.hpp"
#include "manager/rank_launcher.hpp"
#include "runtime/host/node_host.hpp"
#include "runtime/host/rank.hpp"
#include "runtime/transport/grpc_server.hpp"

namespace quercus::manager {

namespace {

constexpr const char* kProgram = "quercus-manager";

struct Process {
    loop::Loop loop;
    int exit_code = 0;
    std::unique_ptr<host::NodeHost> node;
    std::unique_ptr<transport::GrpcServer> grpc;
    std::unique_ptr<RankLauncher> ranks;

    void stop() {
        ranks.reset();
        node->transport().shutdown();
        if (grpc) {
            grpc->shutdown();
        }
        grpc.reset();
        node.reset();
    }
};

host::NodeHostOptions node_options(const Options& options) {
    host::NodeHostOptions node;
    node.node = host::make_node_config(scheduling::Role::kManager);
    host::apply(options.process, node.node);
    node.node.cache_limit_bytes = options.cache_mib << 20;
    for (const std::string& tag : options.tags) {
        const std::size_t equals = tag.find('=');
        node.node.tags[tag.substr(0, equals)] = tag.substr(equals + 1);
    }
    node.children = options.managers;
    node.parents = options.parents;
    return node;
}

std::string seconds(double value) {
    return std::to_string(value);
}

// What a started rank is told: whom to dial (this manager, then its alternates), how to log, when
// to go.
std::vector<std::string> rank_arguments(const Options& options, const std::string& own_address) {
    std::string join = own_address;
    for (const std::string& alternate : options.parents) {
        join += "," + alternate;
    }
    const host::ProcessOptions& process = options.process;
    std::vector<std::string> arguments{"--join",
                                       join,
                                       "--heartbeat",
                                       seconds(process.heartbeat_s),
                                       "--lease",
                                       seconds(process.lease_s),
                                       "--grace",
                                       seconds(process.grace_s),
                                       "--exits-without-parent"};
    if (options.parents.empty()) {
        arguments.insert(arguments.end(), {"--dies-with-parent", std::to_string(getpid())});
    }
    for (int i = 0; i < process.log.verbosity; ++i) {
        arguments.push_back("-v");
    }
    if (!process.log.file.empty()) {
        arguments.insert(arguments.end(), {"--log-file", process.log.file});
    }
    if (process.log.format == host::LogFormat::kJson) {
        arguments.insert(arguments.end(), {"--log-format", "json"});
    }
    const host::RankOptions defaults;
    arguments.insert(arguments.end(),
                     {"--cache-limit", std::to_string(std::min<std::uint64_t>(
                                           options.cache_mib, defaults.cache_mib))});
    if (!options.memory_per_task.empty()) {
        arguments.insert(arguments.end(), {"--memory-per-task", options.memory_per_task});
    }
    for (const std::string& tag : options.tags) {
        arguments.insert(arguments.end(), {"--tag", tag});
    }
    return arguments;
}

std::string worker_binary() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return (self.parent_path() / "quercus-worker").string();
}

Status start_ranks(Process& process, const Options& options) {
    if (options.only_connect || !options.managers.empty()) {
        return Status::ok();
    }
    PlanOptions plan_options;
    plan_options.workers = options.workers.value_or(0);
    plan_options.cpus = options.cpus;
    plan_options.reserve_cores = options.reserve_cores ? std::int64_t{*options.reserve_cores} : -1;
    auto plans = plan_ranks(plan_options);
    if (!plans) {
        return plans.error();
    }
    const bool is_wildcard = options.bind == "0.0.0.0" || options.bind == "::";
    const std::string own =
        host::reachable_addresses(is_wildcard ? "127.0.0.1" : options.bind, process.grpc->port())
            .front();
    process.ranks = std::make_unique<RankLauncher>(
        process.loop, LaunchOptions{worker_binary(), rank_arguments(options, own)},
        [&process](scheduling::NodeId node) { process.node->submit(scheduling::ChildGone{node}); });
    return process.ranks->start(*plans);
}

Status start(Process& process, const Options& options) {
    auto grpc = transport::GrpcServer::start(options.bind, options.port, process.node->transport(),
                                             nullptr);
    if (!grpc) {
        return grpc.error();
    }
    process.grpc = std::move(*grpc);
    const auto listening = host::reachable_addresses(options.bind, process.grpc->port());
    if (Status status = process.node->start(listening); !status.is_ok()) {
        return status;
    }
    if (Status status = start_ranks(process, options); !status.is_ok()) {
        return status;
    }
    host::warn_about_bind(options.bind);
    std::cout << kProgram << " listens on " << listening.front() << std::endl;
    return host::write_address_file(options.address_file, listening.front());
}

void leave(Process& process, int code) {
    process.exit_code = code;
    if (process.ranks) {
        process.ranks->stop([&process] { process.loop.stop(); });
    } else {
        process.loop.stop();
    }
}

int run(const Options& options) {
    if (Status status = host::start_logging(options.process.log); !status.is_ok()) {
        return host::report_failure(kProgram, status);
    }
    Process process;
    process.node = std::make_unique<host::NodeHost>(
        process.loop, node_options(options),
        host::NodeHostCallbacks{nullptr, [&process](int code) { leave(process, code); }});
    // Before anybody can know the address: a signal from then on ends the process in order.
    process.loop.on_stop_signal([&process] { process.node->request_stop(); });
    if (Status status = start(process, options); !status.is_ok()) {
        process.stop();
        return host::report_failure(kProgram, status);
    }
    process.loop.run();
    process.stop();
    return process.exit_code;
}

}  // namespace

}  // namespace quercus::manager

int main(int argc, char** argv) {
    const quercus::manager::ParsedOptions parsed = quercus::manager::parse_options(argc, argv);
    return parsed.exit_code ? *parsed.exit_code : quercus::manager::run(parsed.options);
}
