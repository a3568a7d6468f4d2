#pragma once

// What is accepted from the network, in one place. Senders of this build keep within these limits,
// so whoever exceeds one is broken or hostile.

#include <cstddef>
#include <cstdint>

namespace quercus::wire {

// One message of an Attach stream, and what a receiver lets pass above it.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{1} << 20;
inline constexpr std::size_t kFrameSlackBytes = std::size_t{64} << 10;
// All parts of one frame.
inline constexpr std::size_t kMaxJoinedFrameBytes = std::size_t{64} << 20;
// What ids may take once their shared paths are written out, per part: a small message must not
// become a large one in memory.
inline constexpr std::size_t kMaxExpandedBytes = std::size_t{64} << 20;

// Payloads above this leave the frame and become blobs.
inline constexpr std::size_t kMaxInlineBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMaxBlobBytes = std::size_t{1} << 30;
inline constexpr std::size_t kMaxChunkBytes = std::size_t{512} << 10;

// Texts for people; senders cut longer ones.
inline constexpr std::size_t kMaxTextBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxProgressTextBytes = std::size_t{4} << 10;
inline constexpr std::size_t kMaxMachineBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxPipelineBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxNameBytes = 256;
// A gRPC status travels in HTTP/2 trailers, which have 8 KiB.
inline constexpr std::size_t kMaxGrpcMessageBytes = std::size_t{2} << 10;

inline constexpr std::size_t kMaxListening = 64;  // addresses of one node
inline constexpr std::size_t kMaxTags = 256;      // of one node
inline constexpr std::size_t kMaxAncestors = 64;
inline constexpr std::size_t kMaxWorkers = 4096;  // of one rank
inline constexpr std::size_t kMaxCpus = 65536;    // of all workers of one rank

// Requests of clients.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{64} << 20;
inline constexpr std::uint32_t kMaxCircuitQubits = 1'000'000;
inline constexpr std::size_t kMaxCircuitRegisters = 10'000;
inline constexpr std::uint32_t kMaxMatrixQubits = 6;  // of a gate
inline constexpr std::uint32_t kMaxTargetQubits = 8;  // of what is to be synthesised
inline constexpr int kMaxPageSize = 200;
inline constexpr std::size_t kMaxListedJobs = 1000;

}  // namespace quercus::wire
