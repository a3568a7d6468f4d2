#pragma once

// Internal to the room: what waits to be written to a stream. Filled on the loop, emptied by the
// stream's writer; thread-safe.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "runtime/wire/frame.hpp"

namespace quercus::transport {

template <class M>
class Outgoing {
 public:
    virtual ~Outgoing() = default;
    // Null when there is nothing.
    virtual std::shared_ptr<const M> next() = 0;
    [[nodiscard]] virtual bool empty() const = 0;
};

// A peer that does not read is cut off when so much waits for it.
inline constexpr std::size_t kMaxQueuedFrameBytes = std::size_t{64} << 20;
// Blobs share memory with their owners, so they may be more.
inline constexpr std::size_t kMaxQueuedBlobBytes = std::size_t{4} << 30;

class OutgoingFrames final : public Outgoing<v1::Frame> {
 public:
    // False, and nothing is added, when that would exceed kMaxQueuedFrameBytes; a single frame
    // always fits into the empty queue.
    bool add(const wire::EncodedFrame& frame);
    std::shared_ptr<const v1::Frame> next() override;
    [[nodiscard]] bool empty() const override;

 private:
    struct Entry {
        std::shared_ptr<const v1::Frame> part;  // shared with the stream that writes it
        std::size_t size_bytes;
    };
    mutable std::mutex mutex_;
    std::deque<Entry> parts_;
    std::size_t size_bytes_ = 0;
};

class OutgoingChunks final : public Outgoing<v1::Chunk> {
 public:
    bool add(const std::vector<wire::Blob>& blobs);
    // Calls `then` once the last chunk has been taken, on the taker's thread; false when there is
    // none to wait for.
    bool when_empty(std::function<void()> then);
    // The chunks are made one by one.
    std::shared_ptr<const v1::Chunk> next() override;
    [[nodiscard]] bool empty() const override;

 private:
    mutable std::mutex mutex_;
    std::deque<wire::Blob> blobs_;
    std::function<void()> then_;
    std::size_t offset_ = 0;  // into the first
    std::size_t size_bytes_ = 0;
};

}  // namespace quercus::transport
