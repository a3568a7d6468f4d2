#include <algorithm>
#include <string>
#include <utility>

#include "quercus/v1/tree.pb.h"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/limits.hpp"
#include "runtime/wire/values.hpp"

namespace quercus::wire {

std::shared_ptr<v1::Chunk> make_chunk(const Blob& blob, std::size_t offset) {
    auto chunk = std::make_shared<v1::Chunk>();
    chunk->set_digest(to_bytes(blob.digest.bytes));
    chunk->set_offset_bytes(offset);
    chunk->set_total_bytes(blob.payload.size());
    chunk->set_data(std::string(blob.payload.view().substr(offset, kMaxChunkBytes)));
    return chunk;
}

Result<BlobAssembler::Progress> BlobAssembler::add(const v1::Chunk& chunk) {
    Intake intake(0);
    const Digest digest{from_bytes16(chunk.digest(), "chunk digest", intake)};
    if (!intake.ok()) {
        return data_loss(intake.status().message());
    }
    if (bytes_.empty()) {
        digest_ = digest;
        total_ = chunk.total_bytes();
        if (total_ == 0 || total_ > kMaxBlobBytes) {
            return data_loss("chunk: blob of " + std::to_string(total_) + " bytes, limit is " +
                             std::to_string(kMaxBlobBytes));
        }
    }
    if (digest != digest_ || chunk.total_bytes() != total_ ||
        chunk.offset_bytes() != bytes_.size()) {
        return data_loss("chunk at " + std::to_string(chunk.offset_bytes()) + " of blob " +
                         digest.to_hex() + " does not follow the one before");
    }
    const std::size_t size = chunk.data().size();
    if (size == 0 || size > kMaxChunkBytes || size > total_ - bytes_.size()) {
        return data_loss("chunk: " + std::to_string(size) + " bytes of data");
    }
    if (bytes_.empty()) {
        // Not the announced size at once: memory is taken as the data comes.
        bytes_.reserve(std::min(total_, 16 * kMaxChunkBytes));
    }
    bytes_.append(chunk.data());
    if (bytes_.size() < total_) {
        return Progress{};
    }
    Progress out{true, {digest_, Payload(std::exchange(bytes_, {}))}};
    if (digest_of(out.blob.payload.view()) != digest_) {
        return data_loss("blob " + digest_.to_hex() + " does not match its digest");
    }
    return out;
}

}  // namespace quercus::wire
