#include "runtime/scheduling/result_cache.hpp"

namespace quercus::scheduling {
namespace {

constexpr std::size_t kOverheadBytes = 128;

std::size_t size_of(const Payload& output) {
    return kOverheadBytes + output.size();
}

}  // namespace

const Payload* ResultCache::find(const Digest& digest) {
    const auto found = index_.find(digest);
    if (found == index_.end()) {
        ++misses_;
        return nullptr;
    }
    ++hits_;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->output;
}

bool ResultCache::store(const Digest& digest, const Payload& output) {
    if (size_of(output) > limit_bytes_ || index_.contains(digest)) {
        return false;
    }
    // Of its own: a slice would keep a whole frame alive.
    order_.push_front({digest, Payload(Bytes(output.view()))});
    index_[digest] = order_.begin();
    bytes_ += size_of(output);
    while (bytes_ > limit_bytes_) {
        bytes_ -= size_of(order_.back().output);
        index_.erase(order_.back().digest);
        order_.pop_back();
    }
    return true;
}

void ResultCache::clear() {
    order_.clear();
    index_.clear();
    bytes_ = 0;
    hits_ = 0;
    misses_ = 0;
}

CacheStats ResultCache::stats() const {
    return {index_.size(), bytes_, limit_bytes_, hits_, misses_};
}

}  // namespace quercus::scheduling
