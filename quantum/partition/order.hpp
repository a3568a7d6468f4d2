#pragma once

// The order of groups and of what stands between them. Private to this room.

#include <cstdint>
#include <utility>
#include <vector>

namespace quercus::partition {

using Edge = std::pair<std::uint32_t, std::uint32_t>;  // nodes: before, after

// The nodes 0 .. keys.size() - 1 in a topological order that prefers the smallest key; `edges` may
// repeat. Nodes on a cycle, and behind one, are missing.
[[nodiscard]] std::vector<std::uint32_t> smallest_first(const std::vector<std::uint32_t>& keys,
                                                        const std::vector<Edge>& edges);

}  // namespace quercus::partition
