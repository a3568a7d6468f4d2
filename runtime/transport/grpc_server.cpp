#include "runtime/transport/grpc_server.hpp"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "quercus/v1/jobs.grpc.pb.h"
#include "runtime/transport/address.hpp"
#include "runtime/transport/grpc_settings.hpp"
#include "runtime/transport/jobs_service.hpp"

namespace quercus::transport {
namespace {

constexpr std::chrono::milliseconds kShutdownTimeout{1000};

}  // namespace

struct GrpcServer::State {
    std::unique_ptr<grpc::Service> jobs;
    std::unique_ptr<grpc::Server> server;  // before the services it uses, in destruction
    std::uint16_t port = 0;
    std::once_flag shut;
};

GrpcServer::GrpcServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

GrpcServer::~GrpcServer() {
    shutdown();
}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const std::string& bind, std::uint16_t port,
                                                      TreeTransport& tree, Jobs* jobs) {
    prepare_grpc();
    grpc::EnableDefaultHealthCheckService(true);
    auto state = std::make_unique<State>();
    grpc::ServerBuilder builder;
    configure(builder);
    int selected = 0;
    const Address address{bind, port};
    builder.AddListeningPort(address.to_string(), grpc::InsecureServerCredentials(), &selected);
    builder.RegisterService(static_cast<grpc::Service*>(tree.service()));
    if (jobs != nullptr) {
        state->jobs = make_jobs_service(*jobs);
        builder.RegisterService(state->jobs.get());
    }
    state->server = builder.BuildAndStart();
    if (state->server == nullptr || selected == 0) {
        return unavailable("cannot listen on " + address.to_string() +
                           ": the port is taken or the address is not of this host (--port, "
                           "--bind)");
    }
    state->port = static_cast<std::uint16_t>(selected);
    return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(state)));
}

std::uint16_t GrpcServer::port() const {
    return state_->port;
}

void GrpcServer::shutdown() {
    std::call_once(state_->shut, [this] {
        if (auto* health = state_->server->GetHealthCheckService()) {
            health->SetServingStatus(false);
        }
        state_->server->Shutdown(std::chrono::system_clock::now() + kShutdownTimeout);
        state_->server->Wait();
    });
}

}  // namespace quercus::transport
