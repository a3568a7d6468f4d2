#pragma once

// Internal to the room: the client's side of the job service.

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "quercus/v1/jobs.grpc.pb.h"
#include "runtime/transport/address.hpp"
#include "runtime/transport/jobs.hpp"

namespace quercus::transport {

// One server as all calls to it share it. Thread-safe.
class RemoteServer {
 public:
    explicit RemoteServer(const Address& at);
    // Every call stands in the register while it lasts.
    void enter(grpc::ClientContext* context);
    void leave(grpc::ClientContext* context);
    // Cancels all calls and waits for their last callback. Not on a gRPC thread.
    void close();
    // The domain form; says which server is unavailable.
    [[nodiscard]] Status error(const grpc::Status& status) const;

    const std::string address;
    const std::unique_ptr<v1::Jobs::Stub> stub;

 private:
    std::mutex mutex_;  // guards the rest
    std::condition_variable left_;
    bool closed_ = false;
    std::unordered_set<grpc::ClientContext*> active_;
};

// Follows a job until the connection breaks: on_end then says UNAVAILABLE.
std::unique_ptr<Subscription> watch_remote(std::shared_ptr<RemoteServer> server, JobId id,
                                           std::uint64_t after_sequence,
                                           std::function<void(const JobEvent&)> on_event,
                                           std::function<void(const Status&)> on_end);

}  // namespace quercus::transport
