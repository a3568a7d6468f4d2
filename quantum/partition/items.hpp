#pragma once

// A partitioned circuit: blocks of few qubits and, between them, the operations that no block may
// contain or cross.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "quantum/circuit/circuit.hpp"

namespace quercus::partition {

using circuit::Circuit;
using circuit::Operation;
using circuit::Qubit;

// A run of unitary, unconditional operations. `circuit` acts on qubits 0..k-1; its qubit i stands
// for `qubits[i]`. `qubits` is sorted, so that equal blocks at different places are equal circuits.
struct Block {
    std::vector<Qubit> qubits;
    Circuit circuit;
    friend bool operator==(const Block&, const Block&) = default;
};

// Either a block or one operation that stays as it is.
using Item = std::variant<Block, Operation>;

struct Partition {
    std::vector<circuit::Register> qregs;
    std::vector<circuit::Register> cregs;
    std::vector<Item> items;
};

// Whether an operation stays where it is: measurements, resets, barriers, delays, opaque gates and
// everything under a condition.
[[nodiscard]] bool is_fence(const Operation& op);

// The classical bits whose order of use an operation takes part in: its `clbit` and all bits of its
// condition's register. A register of more than 64 bits counts as one bit, its first, so that a
// condition on a huge register stays cheap.
class ClassicalLines {
 public:
    // `circuit` must outlive this object.
    explicit ClassicalLines(const Circuit& circuit);
    [[nodiscard]] std::vector<circuit::Clbit> of(const Operation& op) const;

 private:
    void add(std::vector<circuit::Clbit>& lines, std::uint32_t creg,
             std::optional<circuit::Clbit> bit) const;

    const Circuit& circuit_;
    std::vector<circuit::Clbit> first_;  // per classical register
};

// The circuit that a partition stands for: blocks are written out in place. Inverse of partitioning
// up to a reordering that keeps the order on every qubit and every classical bit.
[[nodiscard]] Circuit unfold(Partition partition);

// Indices of operations, ascending: what a partitioner puts together.
using Group = std::vector<std::uint32_t>;

// The operations of a group without fences as a block.
[[nodiscard]] Block block_of(const Circuit& circuit, const Group& group);

// The partition whose items are the given groups, in this order. A group of one operation that is a
// fence or wider than `block_size` becomes a plain operation.
[[nodiscard]] Partition fold(const Circuit& circuit, const std::vector<Group>& groups,
                             int block_size);

}  // namespace quercus::partition
