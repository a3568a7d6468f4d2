#include "runtime/transport/inbox.hpp"

#include <string>
#include <utility>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/limits.hpp"

namespace quercus::transport {
namespace {

// Above this the stream is no longer read. More than one whole frame, or it could never complete.
constexpr std::size_t kPauseParts = 2 * wire::kMaxJoinedFrameBytes;
constexpr std::size_t kPauseBlobBytes = std::size_t{256} << 20;
// What one frame may name, and what a link may hold before it is cut.
constexpr std::size_t kMaxFrameBlobBytes = std::size_t{2} << 30;
constexpr std::size_t kMaxBlobBytes = std::size_t{4} << 30;

}  // namespace

Status Inbox::add_part(std::shared_ptr<v1::Frame> part) {
    auto info = wire::inspect_part(*part);
    if (!info) {
        return info.error();
    }
    open_frame_bytes_ += info->size_bytes;
    for (const auto& blob : info->blobs) {
        open_blob_bytes_ += blob.size_bytes;
    }
    if (open_frame_bytes_ > wire::kMaxJoinedFrameBytes + wire::kFrameSlackBytes ||
        open_blob_bytes_ > kMaxFrameBlobBytes) {
        return resource_exhausted("frame of more than 64 MiB, or with blobs of more than 2 GiB");
    }
    if (!info->more) {
        open_frame_bytes_ = 0;
        open_blob_bytes_ = 0;
    }
    part_bytes_ += info->size_bytes;
    parts_.push_back({std::move(part), std::move(*info)});
    return {};
}

Status Inbox::add_chunk(const v1::Chunk& chunk) {
    auto progress = assembler_.add(chunk);
    if (!progress) {
        return progress.error();
    }
    if (progress->complete) {
        auto& held = blobs_[progress->blob.digest];
        if (held.copies == 0) {
            held.payload = std::move(progress->blob.payload);
            blob_bytes_ += held.payload.size();
        }
        ++held.copies;
    }
    if (blob_bytes_ + assembler_.size_bytes() > kMaxBlobBytes) {
        return resource_exhausted("blobs of more than 4 GiB wait for their frames");
    }
    return {};
}

bool Inbox::is_full_of_parts() const {
    return part_bytes_ > kPauseParts;
}

bool Inbox::is_full_of_blobs() const {
    return blob_bytes_ > kPauseBlobBytes && first_frame_parts() == 0;
}

std::size_t Inbox::first_frame_parts() const {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (!parts_[i].info.more) {
            return i + 1;
        }
    }
    return 0;
}

bool Inbox::has_blobs(std::size_t parts) const {
    for (std::size_t i = 0; i < parts; ++i) {
        for (const auto& ref : parts_[i].info.blobs) {
            if (!blobs_.contains(ref.digest)) {
                return false;
            }
        }
    }
    return true;
}

wire::BlobMap Inbox::take_blobs(std::size_t parts) {
    wire::BlobMap out;
    for (std::size_t i = 0; i < parts; ++i) {
        for (const auto& ref : parts_[i].info.blobs) {
            const auto held = blobs_.find(ref.digest);
            if (held == blobs_.end() || !out.emplace(ref.digest, held->second.payload).second) {
                continue;  // named twice by this frame, sent once
            }
            if (--held->second.copies == 0) {
                blob_bytes_ -= held->second.payload.size();
                blobs_.erase(held);
            }
        }
    }
    return out;
}

Result<Inbox::Next> Inbox::take() {
    const std::size_t count = first_frame_parts();
    if (count == 0 || !has_blobs(count)) {
        return Next{};
    }
    const wire::BlobMap blobs = take_blobs(count);
    std::vector<std::shared_ptr<v1::Frame>> parts;
    for (std::size_t i = 0; i < count; ++i) {
        part_bytes_ -= parts_.front().info.size_bytes;
        parts.push_back(std::move(parts_.front().frame));
        parts_.pop_front();
    }
    auto frame = wire::decode_frame(parts, blobs);
    if (!frame) {
        return frame.error();
    }
    return Next{true, std::move(*frame)};
}

}  // namespace quercus::transport
