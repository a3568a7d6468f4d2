#include "quantum/partition/items.hpp"

#include <algorithm>

namespace quercus::partition {

using circuit::Gate;

bool is_fence(const Operation& op) {
    return op.condition.has_value() || op.gate == Gate::kDelay ||
           !circuit::info(op.gate).is_unitary || op.qubits.empty();
}

ClassicalLines::ClassicalLines(const Circuit& circuit) : circuit_(circuit) {
    circuit::Clbit next = 0;
    for (const circuit::Register& creg : circuit.cregs) {
        first_.push_back(next);
        next += creg.size;
    }
}

void ClassicalLines::add(std::vector<circuit::Clbit>& lines, std::uint32_t creg,
                         std::optional<circuit::Clbit> bit) const {
    constexpr std::uint32_t kMostSeparateBits = 64;
    if (circuit_.cregs[creg].size > kMostSeparateBits) {
        lines.push_back(first_[creg]);
    } else if (bit) {
        lines.push_back(*bit);
    } else {
        for (std::uint32_t i = 0; i < circuit_.cregs[creg].size; ++i) {
            lines.push_back(first_[creg] + i);
        }
    }
}

std::vector<circuit::Clbit> ClassicalLines::of(const Operation& op) const {
    std::vector<circuit::Clbit> lines;
    if (op.clbit) {
        const auto after = std::upper_bound(first_.begin(), first_.end(), *op.clbit);
        add(lines, static_cast<std::uint32_t>(after - first_.begin()) - 1, op.clbit);
    }
    if (op.condition) {
        add(lines, op.condition->creg, std::nullopt);
    }
    return lines;
}

Block block_of(const Circuit& circuit, const Group& group) {
    Block block;
    for (const std::uint32_t index : group) {
        const auto& qubits = circuit.operations[index].qubits;
        block.qubits.insert(block.qubits.end(), qubits.begin(), qubits.end());
    }
    std::sort(block.qubits.begin(), block.qubits.end());
    block.qubits.erase(std::unique(block.qubits.begin(), block.qubits.end()), block.qubits.end());
    block.circuit = Circuit::with_qubits(static_cast<std::uint32_t>(block.qubits.size()));
    for (const std::uint32_t index : group) {
        Operation op = circuit.operations[index];
        for (Qubit& q : op.qubits) {
            const auto at = std::lower_bound(block.qubits.begin(), block.qubits.end(), q);
            q = static_cast<Qubit>(at - block.qubits.begin());
        }
        block.circuit.operations.push_back(std::move(op));
    }
    return block;
}

Partition fold(const Circuit& circuit, const std::vector<Group>& groups, int block_size) {
    Partition out;
    out.qregs = circuit.qregs;
    out.cregs = circuit.cregs;
    out.items.reserve(groups.size());
    for (const auto& group : groups) {
        const Operation& first = circuit.operations[group.front()];
        if (is_fence(first) || first.qubits.size() > static_cast<std::size_t>(block_size)) {
            out.items.emplace_back(first);
        } else {
            out.items.emplace_back(block_of(circuit, group));
        }
    }
    return out;
}

Circuit unfold(Partition partition) {
    Circuit out;
    out.qregs = std::move(partition.qregs);
    out.cregs = std::move(partition.cregs);
    out.operations.reserve(partition.items.size());
    for (Item& item : partition.items) {
        if (auto* op = std::get_if<Operation>(&item)) {
            out.operations.push_back(std::move(*op));
            continue;
        }
        auto& block = std::get<Block>(item);
        for (Operation& op : block.circuit.operations) {
            for (Qubit& q : op.qubits) {
                q = block.qubits[q];
            }
            out.operations.push_back(std::move(op));
        }
    }
    return out;
}

}  // namespace quercus::partition
