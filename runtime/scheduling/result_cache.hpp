#pragma once

// Outputs of cacheable tasks by what they compute, shared by all jobs: least recently used goes
// first. Every node has one, a rank a small one that spares its workflows the way up for what they
// ask for again; the server's is what `quercus cache` shows, and its host may write it down. A
// speed-up, never a promise.

#include "runtime/scheduling/lru_map.hpp"
#include "runtime/scheduling/node.hpp"

namespace quercus::scheduling {

class ResultCache {
 public:
    // 0: keeps nothing.
    explicit ResultCache(std::uint64_t limit_bytes) : results_(limit_bytes) {}

    // Null when unknown; counts as a hit or a miss.
    [[nodiscard]] const Payload* find(const Digest& digest);
    // False when it is known already or too large.
    bool store(const Digest& digest, const Payload& output);
    void clear();
    [[nodiscard]] CacheStats stats() const;

 private:
    LruMap<Digest, Payload> results_;
    std::uint64_t hits_ = 0;
    std::uint64_t misses_ = 0;
};

}  // namespace quercus::scheduling
