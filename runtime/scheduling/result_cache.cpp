#include "runtime/scheduling/result_cache.hpp"

namespace quercus::scheduling {
namespace {

constexpr std::size_t kOverheadBytes = 128;

}  // namespace

const Payload* ResultCache::find(const Digest& digest) {
    const Payload* found = results_.find(digest);
    (found == nullptr ? misses_ : hits_) += 1;
    return found;
}

bool ResultCache::store(const Digest& digest, const Payload& output) {
    const std::uint64_t bytes = kOverheadBytes + output.size();
    if (results_.contains(digest) || bytes > results_.limit_bytes()) {
        return false;
    }
    // Of its own: a slice would keep a whole frame alive.
    return results_.insert(digest, Payload(Bytes(output.view())), bytes, [](const Digest&) {});
}

void ResultCache::clear() {
    results_.clear();
    hits_ = 0;
    misses_ = 0;
}

CacheStats ResultCache::stats() const {
    return {results_.size(), results_.size_bytes(), results_.limit_bytes(), hits_, misses_};
}

}  // namespace quercus::scheduling
