#pragma once

// The gRPC server of a process: the tree service, on the server also the job service, and health.

#include <cstdint>
#include <memory>
#include <string>

#include "quantum/base/status.hpp"
#include "runtime/transport/jobs.hpp"
#include "runtime/transport/tree_transport.hpp"

namespace quercus::transport {

class GrpcServer {
 public:
    // `tree` and, when not null, `jobs` must outlive the server. `bind` is a host or IP (IPv6
    // without brackets is fine); port 0 picks a free one. A taken port is UNAVAILABLE (no
    // SO_REUSEPORT).
    static Result<std::unique_ptr<GrpcServer>> start(const std::string& bind, std::uint16_t port,
                                                     TreeTransport& tree, Jobs* jobs);
    ~GrpcServer();
    [[nodiscard]] std::uint16_t port() const;
    // Refuses new calls, ends those in flight within 1 s. Not on a gRPC thread.
    void shutdown();

 private:
    struct State;
    explicit GrpcServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// The job API of the server at `address` (host[:port], default port 7472), over gRPC. Every unary
// call has a deadline; UNAVAILABLE says which address.
std::unique_ptr<Jobs> connect_jobs(const std::string& address);

}  // namespace quercus::transport
