#pragma once

// Links between neighbours of the tree: gRPC streams (either side dials, the stream is the same)
// and in-process pairs. A link delivers frames whole and in order until it closes. Payloads above
// 256 KiB leave the frame and travel in chunks on the Bulk stream of the same link; frames wait for
// theirs, so the receiver only ever sees complete ones.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "quantum/base/status.hpp"
#include "runtime/loop/loop.hpp"
#include "runtime/scheduling/node.hpp"

namespace quercus::transport {

// Called on the loop's thread. Every opened link is closed exactly once.
struct LinkHandler {
    std::function<void(scheduling::LinkOpened)> on_opened;
    std::function<void(scheduling::LinkId, scheduling::Frame)> on_frame;
    // `reason` tells a refused or failed dial, a broken stream, or the peer's Bye.
    std::function<void(scheduling::LinkId, Status)> on_closed;
    // The peer sends; called at most every 100 ms, also while frames wait for their payloads. May
    // be empty. In-process links do not need it.
    std::function<void(scheduling::LinkId)> on_alive{};
};

class TreeTransport {
 public:
    TreeTransport(loop::Loop& loop, LinkHandler handler);
    ~TreeTransport();

    // Dials `host:port` (IPv6 in brackets). Being i_am = kParent means dialling down. The link id
    // is valid at once; on_opened or on_closed follows, the latter after 5 s without an answer. The
    // caller retries. Any thread.
    scheduling::LinkId dial(const std::string& address, scheduling::Position i_am);
    // Loop thread. A peer that does not read while 64 MiB wait for it closes the link.
    void send(scheduling::LinkId link, scheduling::Frame frame);
    // After everything sent has left, at most 1 s later.
    void close(scheduling::LinkId link, const Status& reason);

    // The gRPC service to be registered with a Server (see grpc_server.hpp); void* keeps gRPC types
    // out of this header. Owned by the transport.
    [[nodiscard]] void* service();

    // Joins two transports in one process, possibly on different loops. `parent` is above `child`.
    static void join_in_process(TreeTransport& parent, TreeTransport& child);

    // Closes every link as close() does, accepts no more, and calls `then` on the loop when the
    // last one is over: at most 1 s. So that farewells arrive before the process is gone. Loop
    // thread, once.
    void drain(std::function<void()> then);

    // Closes all links and waits for their callbacks to have ended; none follows. Any thread but
    // gRPC's; the loop may run (then every link gets its on_closed) or be finished (then none
    // does). At most 4 s. Before GrpcServer::shutdown(), which otherwise waits 1 s for the streams.
    void shutdown();

 private:
    struct State;
    std::shared_ptr<State> state_;  // shared with reactors that may outlive it by a callback
};

}  // namespace quercus::transport
