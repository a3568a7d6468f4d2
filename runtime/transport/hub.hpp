#pragma once

// Internal to the room: what links, streams and the public TreeTransport share.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/loop/loop.hpp"
#include "runtime/transport/tree_transport.hpp"

namespace quercus::transport {

class AnyStream;

// The gate between gRPC's threads and the loop, and the register of live streams. After close()
// nothing is posted and nothing registered any more, so that the loop may go.
class Hub {
 public:
    explicit Hub(loop::Loop& loop) : loop_(loop) {}

    // Any thread. False when closed.
    bool post(std::function<void()> work);
    [[nodiscard]] loop::Loop& loop() { return loop_; }
    scheduling::LinkId new_link() { return {next_link_.fetch_add(1)}; }

    // Counts the stream in, until leave(). False when closed: the stream must not be started.
    bool enter(const std::shared_ptr<AnyStream>& stream);
    void leave();

    void close();
    // Cancels all streams and waits for their last callback; false after `timeout`.
    bool cancel_streams(std::chrono::milliseconds timeout);

 private:
    loop::Loop& loop_;
    std::atomic<std::uint64_t> next_link_{1};  // ids are handed out on any thread
    std::mutex mutex_;                         // guards the rest
    std::condition_variable left_;
    bool closed_ = false;
    std::size_t streams_ = 0;
    std::vector<std::weak_ptr<AnyStream>> registered_;  // owned by gRPC until their last callback
};

}  // namespace quercus::transport
