#pragma once

// The server's cache of results on disk: one SQLite file in its state directory, written by a
// thread of its own. Whatever is wrong with the file costs its contents and a warning, never a
// failure: a damaged one is put aside as *.damaged, a row whose checksum is wrong is dropped.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "quantum/base/bytes.hpp"
#include "quantum/base/digest.hpp"

namespace quercus::host {

using CacheEntries = std::vector<std::pair<Digest, Payload>>;

class CacheFile {
 public:
    // `build`: digest of all that outputs depend on besides inputs; results of another are dropped.
    // Where another process uses the folder, or nothing can be written, nothing is kept.
    // Creates the folder. Oldest entries go first above `limit_bytes`.
    CacheFile(const std::filesystem::path& folder, const Digest& build, std::uint64_t limit_bytes);
    // Writes what is still waiting.
    ~CacheFile();
    CacheFile(const CacheFile&) = delete;
    CacheFile& operator=(const CacheFile&) = delete;

    // What was there at the start, oldest first; the second call gives nothing.
    [[nodiscard]] CacheEntries take_loaded();
    // Any thread; returns at once.
    void store(const Digest& digest, const Payload& output);
    void clear();

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace quercus::host
