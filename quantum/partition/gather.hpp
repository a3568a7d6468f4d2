#pragma once

// Some groups of a circuit put together, everything else left where it is.

#include "quantum/partition/items.hpp"

namespace quercus::partition {

struct Gathered {
    Partition partition;
    std::vector<std::size_t> item_of;  // by chosen group: index of its Block among the items
};

// `chosen`: some of a partitioner's groups, none of a fence; together they are acyclic. They become
// blocks and every other operation an item by itself, in a topological order that prefers the
// smallest first operation: the circuit's own order but for what must make room.
[[nodiscard]] Gathered gather(const Circuit& circuit, const std::vector<Group>& chosen);

}  // namespace quercus::partition
