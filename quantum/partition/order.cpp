#include "quantum/partition/order.hpp"

#include <functional>
#include <queue>

namespace quercus::partition {

std::vector<std::uint32_t> smallest_first(const std::vector<std::uint32_t>& keys,
                                          const std::vector<Edge>& edges) {
    const auto size = static_cast<std::uint32_t>(keys.size());
    std::vector<std::uint32_t> waiting(size, 0);
    std::vector<std::uint32_t> begin(size + 1, 0);  // of each node's successors
    for (const auto& [before, after] : edges) {
        ++waiting[after];
        ++begin[before + 1];
    }
    for (std::uint32_t node = 0; node < size; ++node) {
        begin[node + 1] += begin[node];
    }
    std::vector<std::uint32_t> at = begin;
    std::vector<std::uint32_t> successors(edges.size());
    for (const auto& [before, after] : edges) {
        successors[at[before]++] = after;
    }
    using Entry = std::pair<std::uint32_t, std::uint32_t>;  // key, node
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
    for (std::uint32_t node = 0; node < size; ++node) {
        if (waiting[node] == 0) {
            ready.emplace(keys[node], node);
        }
    }
    std::vector<std::uint32_t> out;
    out.reserve(size);
    while (!ready.empty()) {
        const std::uint32_t node = ready.top().second;
        ready.pop();
        out.push_back(node);
        for (std::uint32_t k = begin[node]; k < begin[node + 1]; ++k) {
            if (--waiting[successors[k]] == 0) {
                ready.emplace(keys[successors[k]], successors[k]);
            }
        }
    }
    return out;
}

}  // namespace quercus::partition
