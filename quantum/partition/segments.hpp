#pragma once

// Segments: runs of a circuit's operations whose borders depend on what stands next to them and on
// nothing else, as chunks of deduplicating storage do (Muthitacharoen et al., "A low-bandwidth
// network file system", SOSP 2001). An edit changes the segments that it touches; what is found
// for each segment by itself can be found again for all others. Every border is in program order,
// so segments one after the other are the circuit.

#include "quantum/partition/items.hpp"

namespace quercus::partition {

struct SegmentOptions {
    std::uint64_t salt = 0;    // other salts give other borders
    std::uint32_t mean = 64;   // gates on two qubits or more (no fences) from one place where a
                               // border may be to the next
    std::uint32_t least = 32;  // of them in a segment, except the last
};

// The most gates of a segment, where a repeated pattern has no place for a border: so many times
// (mean + least).
inline constexpr std::uint32_t kLongestSegment = 4;

// Indices one past the end of each segment, ascending; the last is the number of operations. Empty
// for an empty circuit. Time O(operations).
[[nodiscard]] std::vector<std::uint32_t> segment_ends(const Circuit& circuit,
                                                      const SegmentOptions& options);

// What operations [first, end) need around them: a block on their qubits with no operations, with
// the circuit's classical registers if one of them uses classical bits.
[[nodiscard]] Block frame_of(const Circuit& circuit, std::uint32_t first, std::uint32_t end);

// Operations [first, end) as a block, fences included; with the circuit's classical registers if
// one of them uses classical bits.
[[nodiscard]] Block segment_of(const Circuit& circuit, std::uint32_t first, std::uint32_t end);

}  // namespace quercus::partition
