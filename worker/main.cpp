// quercus-worker: one rank. Options, wiring, run, stop.

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "runtime/host/node_host.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "worker/options.hpp"

namespace quercus::worker {

namespace {

constexpr const char* kProgram = "quercus-worker";

struct Process {
    loop::Loop loop;
    int exit_code = 0;
    std::unique_ptr<host::NodeHost> node;
    std::unique_ptr<transport::GrpcServer> grpc;

    void stop() {
        node->transport().shutdown();
        if (grpc) {
            grpc->shutdown();
        }
        grpc.reset();
        node.reset();
    }
};

Result<host::NodeHostOptions> node_options(const Options& options) {
    auto node = host::make_rank(options.rank);
    if (!node) {
        return node;
    }
    host::apply(options.process, node->node);
    node->node.exit_without_parent = options.exits_without_parent;
    node->parents = options.parents;
    if (!options.node_id.empty()) {
        const auto id = scheduling::NodeId::parse(options.node_id);
        if (!id) {
            return invalid_argument("'" + options.node_id + "' is not a node id (--node-id)");
        }
        node->node.node = *id;
    }
    return node;
}

Status start(Process& process, const Options& options) {
    std::vector<std::string> listening;
    if (options.listen_port) {
        auto grpc = transport::GrpcServer::start(options.listen_host, *options.listen_port,
                                                 process.node->transport(), nullptr);
        if (!grpc) {
            return grpc.error();
        }
        process.grpc = std::move(*grpc);
        host::warn_about_bind(options.listen_host);
        listening = host::reachable_addresses(options.listen_host, process.grpc->port());
        std::cout << kProgram << " listens on " << listening.front() << std::endl;
    }
    return process.node->start(std::move(listening));
}

int run(const Options& options) {
    // If the starting process is already gone, the signal would never come.
    if (options.dies_with_parent != 0 &&
        (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != options.dies_with_parent)) {
        return 1;
    }
    if (Status status = host::start_logging(options.process.log); !status.is_ok()) {
        return host::report_failure(kProgram, status);
    }
    auto node = node_options(options);
    if (!node) {
        return host::report_failure(kProgram, node.error());
    }
    Process process;
    process.node = std::make_unique<host::NodeHost>(
        process.loop, std::move(*node), host::NodeHostCallbacks{nullptr, [&process](int code) {
                                                                    process.exit_code = code;
                                                                    process.loop.stop();
                                                                }});
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

}  // namespace quercus::worker

int main(int argc, char** argv) {
    const quercus::worker::ParsedOptions parsed = quercus::worker::parse_options(argc, argv);
    return parsed.exit_code ? *parsed.exit_code : quercus::worker::run(parsed.options);
}
