// quercus-server: the root of the tree. Options, wiring, run, stop.

#include <iostream>

#include "runtime/host/cache_file.hpp"
#include "runtime/host/job_desk.hpp"
#include "runtime/host/node_host.hpp"
#include "runtime/transport/grpc_server.hpp"
#include "server/options.hpp"

namespace quercus::server {

namespace {

constexpr const char* kProgram = "quercus-server";

struct Process {
    loop::Loop loop;
    int exit_code = 0;
    std::unique_ptr<host::NodeHost> node;
    std::unique_ptr<host::JobDesk> desk;
    std::unique_ptr<host::CacheFile> cache;
    std::unique_ptr<transport::GrpcServer> grpc;

    // Order: links (open streams would keep the server waiting), calls, then what they pointed to.
    void stop() {
        node->transport().shutdown();
        if (grpc) {
            grpc->shutdown();
        }
        grpc.reset();
        desk.reset();
        node.reset();
        cache.reset();
    }
};

void wire(Process& process, const Options& options) {
    host::NodeHostOptions node;
    node.node = host::make_node_config(scheduling::Role::kServer);
    host::apply(options.process, node.node);
    node.node.cache_limit_bytes = options.cache_mib << 20;
    node.children = options.managers;
    if (options.cache_mib > 0 && !options.state_dir.empty()) {
        const std::string& profile = node.node.numeric_profile;
        process.cache = std::make_unique<host::CacheFile>(
            options.state_dir, digest_of(node.node.kernels.to_hex() + profile + node.node.build),
            node.node.cache_limit_bytes);
    }
    Process* raw = &process;
    process.node = std::make_unique<host::NodeHost>(
        process.loop, std::move(node),
        host::NodeHostCallbacks{
            [raw](const scheduling::JobUpdate& update) { raw->desk->on_update(update); },
            [raw](int code) {
                raw->exit_code = code;
                raw->loop.stop();
            },
            [raw](const Digest& digest, const Payload& output) {
                if (raw->cache) {
                    raw->cache->store(digest, output);
                }
            }});
    if (process.cache) {
        process.node->submit(scheduling::CacheLoaded{process.cache->take_loaded()});
    }
    process.desk = std::make_unique<host::JobDesk>(
        process.loop, host::JobDeskPorts{
                          [raw](scheduling::Event event) { raw->node->submit(std::move(event)); },
                          [raw] { return raw->node->node().subtree(raw->node->now()); },
                          [raw] { return raw->node->node().cache_stats(); },
                          [raw](std::function<void()> then) {
                              raw->node->submit(scheduling::CacheClearRequested{}, std::move(then));
                              if (raw->cache) {
                                  raw->cache->clear();
                              }
                          }});
}

Status start(Process& process, const Options& options) {
    auto grpc = transport::GrpcServer::start(options.bind, options.port, process.node->transport(),
                                             process.desk.get());
    if (!grpc) {
        return grpc.error();
    }
    process.grpc = std::move(*grpc);
    const auto listening = host::reachable_addresses(options.bind, process.grpc->port());
    const std::string& address = listening.front();
    if (Status status = process.node->start(listening); !status.is_ok()) {
        return status;
    }
    host::warn_about_bind(options.bind);
    std::cout << kProgram << " listens on " << address << " (jobs live in memory)" << std::endl;
    return host::write_address_file(options.address_file, address);
}

int run(const Options& options) {
    if (Status status = host::start_logging(options.process.log); !status.is_ok()) {
        return host::report_failure(kProgram, status);
    }
    Process process;
    wire(process, options);
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

}  // namespace quercus::server

int main(int argc, char** argv) {
    const quercus::server::ParsedOptions parsed = quercus::server::parse_options(argc, argv);
    return parsed.exit_code ? *parsed.exit_code : quercus::server::run(parsed.options);
}
