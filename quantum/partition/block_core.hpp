#pragma once

// The part of a block that synthesis has to look at: without the one-qubit gates before the first
// and after the last multi-qubit gate of each qubit. They never change the cx count, and without
// them blocks that differ only there are equal.

#include "quantum/partition/items.hpp"

namespace quercus::partition {

struct BlockCore {
    std::vector<circuit::Operation> before;
    circuit::Circuit core;  // on the block's qubits
    std::vector<circuit::Operation> after;
    std::uint64_t two_qubit = 0;  // in the core
    std::uint32_t width = 0;      // qubits that the core touches
};

// `block` holds unitary, unconditional gates only.
[[nodiscard]] BlockCore split_core(const Block& block);

}  // namespace quercus::partition
