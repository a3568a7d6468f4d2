#pragma once

#include <cstdint>

namespace quercus {

// A bijection of 64-bit numbers that spreads every bit over all others: the last step of SplitMix64
// (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). For tables
// and fingerprints that nobody attacks; names of content are digests.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t h) {
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
    return h ^ (h >> 31);
}

}  // namespace quercus
