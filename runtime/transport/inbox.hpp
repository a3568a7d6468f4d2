#pragma once

// Internal to the room: puts arrived parts and blobs of one link together to frames, in order.
// Plain state, no threads. All limits that a peer could exhaust are enforced here.

#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "quantum/base/status.hpp"
#include "runtime/wire/frame.hpp"

namespace quercus::transport {

class Inbox {
 public:
    // Every error means that the link must be closed: INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
    // DATA_LOSS.
    Status add_part(std::shared_ptr<v1::Frame> part);
    Status add_chunk(const v1::Chunk& chunk);

    // The next complete frame, if any; the error of a malformed one.
    struct Next {
        bool has_frame = false;
        scheduling::Frame frame;
    };
    Result<Next> take();

    // Frames wait for parts or blobs.
    [[nodiscard]] bool is_waiting() const { return !parts_.empty(); }
    // No more parts should be read until frames have been taken.
    [[nodiscard]] bool is_full_of_parts() const;
    // No more chunks should be read: blobs wait for frames that have not come.
    [[nodiscard]] bool is_full_of_blobs() const;

 private:
    struct Part {
        std::shared_ptr<v1::Frame> frame;  // from the stream that read it
        wire::PartInfo info;
    };
    struct Held {
        Payload payload;
        std::size_t copies = 0;  // one per frame that will use it
    };
    // Number of parts of the first frame, 0 while it is incomplete.
    [[nodiscard]] std::size_t first_frame_parts() const;
    [[nodiscard]] bool has_blobs(std::size_t parts) const;
    wire::BlobMap take_blobs(std::size_t parts);

    std::deque<Part> parts_;
    std::size_t part_bytes_ = 0;
    std::size_t open_frame_bytes_ = 0;  // of the frame whose last part has not come
    std::size_t open_blob_bytes_ = 0;   // that it names
    wire::BlobAssembler assembler_;
    std::unordered_map<Digest, Held> blobs_;
    std::size_t blob_bytes_ = 0;
};

}  // namespace quercus::transport
