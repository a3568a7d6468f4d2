#include "runtime/transport/grpc_settings.hpp"

#include <google/protobuf/stubs/common.h>
#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>
#endif
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>

#include <climits>
#include <cstdlib>
#include <mutex>

#include "quercus/v1/tree.grpc.pb.h"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::transport {

// Reachable for ever, so that leak checkers see the intention.
grpc::Server* callback_threads_keeper = nullptr;

namespace {

// A dead connection is noticed after interval + timeout.
constexpr int kKeepaliveMs = 15'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
// Peers ping every 15 s; anything slower than this is not an attack.
constexpr int kMinPingIntervalMs = 5'000;
constexpr int kMaxReceiveBytes = static_cast<int>(wire::kMaxRequestBytes);

// gRPC ends the threads that run callbacks when the last channel or server goes. If that happens
// inside a callback, as it does when a dialled stream ends, a thread joins itself and the process
// aborts (seen with 1.51). A server without ports, which is never destroyed, keeps the threads.
void keep_callback_threads() {
    grpc::ServerBuilder builder;
    builder.RegisterService(new v1::Tree::CallbackService);
    callback_threads_keeper = builder.BuildAndStart().release();
}

}  // namespace

grpc::Status to_grpc(const Status& status) {
    if (status.is_ok()) {
        return grpc::Status::OK;
    }
    return {static_cast<grpc::StatusCode>(status.code()),
            wire::clean_text(status.message(), wire::kMaxGrpcMessageBytes)};
}

Status from_grpc(const grpc::Status& status) {
    if (status.ok()) {
        return {};
    }
    const int code = static_cast<int>(status.error_code());
    const bool is_known = code > 0 && code <= static_cast<int>(StatusCode::kUnauthenticated);
    return {is_known ? static_cast<StatusCode>(code) : StatusCode::kUnknown,
            status.error_message()};
}

void prepare_grpc() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Executors are spawned by exec; gRPC's fork handlers would only stop the world for
        // nothing.
        ::setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 0);
        // What goes wrong is reported by our own statuses; gRPC's lines would mix with the output.
        ::setenv("GRPC_VERBOSITY", "NONE", 0);
#if GOOGLE_PROTOBUF_VERSION < 4022000
        // It would print a line for every malformed message that anybody sends.
        google::protobuf::SetLogHandler(nullptr);
#endif
        keep_callback_threads();
    });
}

std::shared_ptr<grpc::Channel> make_channel(const Address& address) {
    prepare_grpc();
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, INT_MAX);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    // Callers retry in their own rhythm: a failed attempt must not keep the channel waiting.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                     static_cast<int>(std::chrono::milliseconds(kConnectTimeout).count()));
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    return grpc::CreateCustomChannel(grpc_target(address), grpc::InsecureChannelCredentials(),
                                     arguments);
}

void configure(grpc::ServerBuilder& builder) {
    builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
    // Otherwise two processes share one port without noticing and split its connections.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               kMinPingIntervalMs);
    // A connection that never completes its handshake goes after this time.
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
    // Nothing of ours is synchronous: one small poller is enough for what gRPC itself adds.
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 1);
}

}  // namespace quercus::transport
