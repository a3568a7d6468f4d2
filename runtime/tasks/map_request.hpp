#pragma once

// Inputs and outputs of the workflows "map" and "tree".

#include <cstdint>
#include <string_view>

#include "quantum/base/bytes.hpp"
#include "quantum/base/status.hpp"

namespace quercus::tasks {

inline constexpr std::uint64_t kMaxMapTasks = 100'000'000;

// "map": `count` tasks of `kind` on distinct 16-byte inputs, counted_input(0), counted_input(1) ...
[[nodiscard]] Bytes counted_map(std::string_view kind, std::uint64_t count);
// "map" over given inputs.
[[nodiscard]] Bytes listed_map(std::string_view kind, const ByteColumn& inputs);
[[nodiscard]] Bytes counted_input(std::uint64_t index);

// "tree": a workflow that maps `fan_out` trees of one level less, down to `fan_out` tasks of `kind`
// on distinct inputs at depth 1.
[[nodiscard]] Bytes tree_input(std::uint32_t depth, std::uint32_t fan_out, std::string_view kind);

// Output of both: how many leaf tasks, and the SHA-256 over their outputs in key order (over the
// subtrees' outputs in a tree), each preceded by its length.
struct MapOutput {
    std::uint64_t count = 0;
    Bytes digest;
    friend bool operator==(const MapOutput&, const MapOutput&) = default;
};
[[nodiscard]] Bytes to_bytes(const MapOutput& output);
[[nodiscard]] Result<MapOutput> map_output_from_bytes(BytesView bytes);

// What counted_map("hash", count) must give.
[[nodiscard]] Bytes expected_hash_map(std::uint64_t count);

}  // namespace quercus::tasks
