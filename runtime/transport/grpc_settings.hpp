#pragma once

// Internal to the room: what every channel and server of the project sets, because gRPC's defaults
// do not suit long-lived links in a cluster.

#include <grpcpp/security/credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <string>

#include "quantum/base/status.hpp"
#include "runtime/transport/address.hpp"

namespace quercus::transport {

// Initial metadata with which an acceptor answers an Attach or Bulk.
inline constexpr const char* kAcceptedKey = "quercus-accepted";
// Request metadata of Attach and Bulk.
inline constexpr const char* kSessionKey = "quercus-session";
inline constexpr const char* kPositionKey = "quercus-position";

inline constexpr std::chrono::seconds kConnectTimeout{5};

// Codes are the same numbers; messages are cut to what HTTP/2 trailers hold.
[[nodiscard]] grpc::Status to_grpc(const Status& status);
[[nodiscard]] Status from_grpc(const grpc::Status& status);

// Before the first use of gRPC in a process; later calls do nothing.
void prepare_grpc();

// A channel with a connection of its own.
[[nodiscard]] std::shared_ptr<grpc::Channel> make_channel(const Address& address);

void configure(grpc::ServerBuilder& builder);

}  // namespace quercus::transport
