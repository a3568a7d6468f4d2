#include "runtime/transport/outgoing.hpp"

#include <algorithm>
#include <utility>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/limits.hpp"

namespace quercus::transport {

bool OutgoingFrames::add(const wire::EncodedFrame& frame) {
    const std::lock_guard lock(mutex_);
    if (!parts_.empty() && size_bytes_ + frame.size_bytes > kMaxQueuedFrameBytes) {
        return false;
    }
    for (const auto& part : frame.parts) {
        // Also caches the sizes that the serialiser needs.
        const std::size_t size_bytes = part->ByteSizeLong();
        parts_.push_back({part, size_bytes});
        size_bytes_ += size_bytes;
    }
    return true;
}

std::shared_ptr<const v1::Frame> OutgoingFrames::next() {
    const std::lock_guard lock(mutex_);
    if (parts_.empty()) {
        return nullptr;
    }
    Entry entry = std::move(parts_.front());
    parts_.pop_front();
    size_bytes_ -= entry.size_bytes;
    return std::move(entry.part);
}

bool OutgoingFrames::empty() const {
    const std::lock_guard lock(mutex_);
    return parts_.empty();
}

bool OutgoingChunks::add(const std::vector<wire::Blob>& blobs) {
    const std::lock_guard lock(mutex_);
    std::size_t total = size_bytes_;
    for (const auto& blob : blobs) {
        total += blob.payload.size();
    }
    if (!blobs_.empty() && total > kMaxQueuedBlobBytes) {
        return false;
    }
    size_bytes_ = total;
    blobs_.insert(blobs_.end(), blobs.begin(), blobs.end());
    return true;
}

bool OutgoingChunks::when_empty(std::function<void()> then) {
    const std::lock_guard lock(mutex_);
    if (blobs_.empty()) {
        return false;
    }
    then_ = std::move(then);
    return true;
}

std::shared_ptr<const v1::Chunk> OutgoingChunks::next() {
    const std::lock_guard lock(mutex_);
    if (blobs_.empty()) {
        return nullptr;
    }
    const wire::Blob& blob = blobs_.front();
    auto chunk = wire::make_chunk(blob, offset_);
    const std::size_t size = chunk->data().size();
    offset_ += size;
    size_bytes_ -= size;
    if (offset_ == blob.payload.size()) {
        blobs_.pop_front();
        offset_ = 0;
        if (blobs_.empty() && then_) {
            std::exchange(then_, {})();
        }
    }
    return chunk;
}

bool OutgoingChunks::empty() const {
    const std::lock_guard lock(mutex_);
    return blobs_.empty();
}

}  // namespace quercus::transport
