#pragma once

// Frames between their domain and their wire form (proto/quercus/v1/tree.proto).
//
// A domain frame becomes one or more messages ("parts") of at most 1 MiB; payloads above 256 KiB
// become blobs, which travel apart. Decoding is the tree's trust boundary: whatever arrives, the
// result is a valid frame or a Status. Pure functions; any thread.

#include <cstddef>
#include <memory>
#include <vector>

#include "quantum/base/status.hpp"
#include "runtime/scheduling/items.hpp"
#include "runtime/wire/columns.hpp"

namespace quercus::v1 {
class Frame;
class Chunk;
}  // namespace quercus::v1

namespace quercus::wire {

struct EncodedFrame {
    std::vector<std::shared_ptr<v1::Frame>> parts;  // shared with the stream that writes them
    std::vector<Blob> blobs;                        // distinct, in the order of their first use
    std::size_t size_bytes = 0;                     // of all parts
};

// RESOURCE_EXHAUSTED when a payload is above 1 GiB or all parts together above 64 MiB. Texts are
// cut to their limits and made valid UTF-8.
[[nodiscard]] Result<EncodedFrame> encode_frame(const scheduling::Frame& frame);

// The size of one arrived part and whether more follow. INVALID_ARGUMENT above 1 MiB + slack.
struct PartInfo {
    std::size_t size_bytes = 0;
    bool more = false;
    std::vector<BlobRef> blobs;  // that the part names, repeated ones too
};
[[nodiscard]] Result<PartInfo> inspect_part(const v1::Frame& part);

// All parts of one frame, which are emptied, and all blobs that they name.
[[nodiscard]] Result<scheduling::Frame> decode_frame(
    const std::vector<std::shared_ptr<v1::Frame>>& parts, const BlobMap& blobs);

// The piece of `blob` that starts at `offset` (< its size).
[[nodiscard]] std::shared_ptr<v1::Chunk> make_chunk(const Blob& blob, std::size_t offset);

// Puts the chunks of one stream together, one blob after the other.
class BlobAssembler {
 public:
    // nullopt-like: `payload` is set with the last chunk. DATA_LOSS for a wrong offset, total or
    // digest.
    struct Progress {
        bool complete = false;
        Blob blob;
    };
    Result<Progress> add(const v1::Chunk& chunk);
    // Bytes held for the unfinished blob.
    [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }

 private:
    Digest digest_;
    std::size_t total_ = 0;
    Bytes bytes_;
};

}  // namespace quercus::wire
