#pragma once

// Internal to the room: one link over gRPC, seen from the loop. Loop thread only.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "runtime/transport/hub.hpp"
#include "runtime/transport/inbox.hpp"
#include "runtime/transport/outgoing.hpp"
#include "runtime/transport/stream.hpp"

namespace quercus::transport {

using AttachStream = Stream<v1::Frame>;
using BulkStream = Stream<v1::Chunk>;

class GrpcLink : public std::enable_shared_from_this<GrpcLink> {
 public:
    struct Owner {
        std::function<void(scheduling::Frame)> on_frame;
        std::function<void()> on_alive;              // something arrived; rate limited
        std::function<void(const Status&)> on_over;  // the last call; destroys the link
    };
    GrpcLink(std::shared_ptr<Hub> hub, Owner owner);

    void set_attach(std::shared_ptr<AttachStream> stream) { attach_ = std::move(stream); }
    void set_bulk(std::shared_ptr<BulkStream> stream);
    [[nodiscard]] bool has_bulk() const { return bulk_ != nullptr; }
    [[nodiscard]] const std::shared_ptr<OutgoingFrames>& frames() const { return frames_; }
    [[nodiscard]] const std::shared_ptr<OutgoingChunks>& chunks() const { return chunks_; }

    // Gives up with `reason` unless opened within the time.
    void expect_open(std::chrono::milliseconds timeout, const std::string& reason);
    void opened();
    [[nodiscard]] bool is_opening() const { return opening_; }

    void send(const scheduling::Frame& frame);
    // After everything sent has left, at most 1 s later.
    void close(const Status& reason);

    // At once.
    void abort(const Status& reason);

    // From the streams.
    void part_arrived(std::shared_ptr<v1::Frame> part);
    void chunk_arrived(std::shared_ptr<v1::Chunk> chunk);
    void attach_ended(const Status& status);
    void bulk_ended(const Status& status);

 private:
    void note_alive();
    // Hands complete frames over; false when that ended the link.
    bool deliver();
    void make_room();
    void finish_both();
    void finish_attach();
    void limit_close();
    void peer_ends(const Status& status);
    void check_over();
    void over();

    std::shared_ptr<Hub> hub_;
    Owner owner_;
    std::shared_ptr<OutgoingFrames> frames_;  // shared with the streams that empty them
    std::shared_ptr<OutgoingChunks> chunks_;
    std::shared_ptr<AttachStream> attach_;  // gRPC holds them too, until their last callback
    std::shared_ptr<BulkStream> bulk_;
    Inbox inbox_;
    std::size_t parts_unconsumed_ = 0;
    std::size_t chunks_unconsumed_ = 0;
    std::chrono::microseconds next_alive_{0};
    bool opening_ = false;
    bool closing_ = false;
    bool attach_ended_ = false;
    bool bulk_ended_ = false;
    bool is_over_ = false;
    Status reason_;
    loop::Loop::Timer timer_;
};

}  // namespace quercus::transport
