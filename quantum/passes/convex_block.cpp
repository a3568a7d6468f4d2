#include "quantum/passes/convex_block.hpp"

#include <algorithm>

namespace quercus::passes {

using circuit::Operation;
using circuit::Qubit;

namespace {

// Walks away from the anchor; a qubit is closed once an operation outside of the block used it.
class Walk {
 public:
    explicit Walk(const std::vector<Qubit>& qubits) : qubits_(qubits), open_(qubits.size(), true) {}

    // Whether the operation belongs to the block.
    bool takes(const Operation& operation) {
        bool inside = !partition::is_fence(operation);
        bool touches = false;
        for (const Qubit q : operation.qubits) {
            const std::size_t at = index(q);
            touches = touches || at < qubits_.size();
            inside = inside && at < qubits_.size() && open_[at];
        }
        if (touches && !inside) {
            for (const Qubit q : operation.qubits) {
                if (const std::size_t at = index(q); at < qubits_.size() && open_[at]) {
                    open_[at] = false;
                    ++closed_;
                }
            }
        }
        return inside;
    }
    [[nodiscard]] bool is_over() const { return closed_ == qubits_.size(); }

 private:
    [[nodiscard]] std::size_t index(Qubit q) const {
        return static_cast<std::size_t>(std::find(qubits_.begin(), qubits_.end(), q) -
                                        qubits_.begin());
    }

    const std::vector<Qubit>& qubits_;
    std::vector<bool> open_;
    std::size_t closed_ = 0;
};

}  // namespace

ConvexBlock grow_block(const std::vector<Operation>& operations, std::size_t anchor,
                       std::vector<Qubit> qubits) {
    ConvexBlock block;
    std::sort(qubits.begin(), qubits.end());
    block.qubits = std::move(qubits);
    block.anchor = anchor;
    Walk back(block.qubits);
    for (std::size_t i = anchor; i-- > 0 && !back.is_over();) {
        if (back.takes(operations[i])) {
            block.members.push_back(i);
        }
    }
    std::reverse(block.members.begin(), block.members.end());
    Walk forth(block.qubits);
    for (std::size_t i = anchor; i < operations.size() && !forth.is_over(); ++i) {
        if (forth.takes(operations[i])) {
            block.members.push_back(i);
        }
    }
    return block;
}

partition::Block extract_block(const std::vector<Operation>& operations, const ConvexBlock& block) {
    partition::Block out;
    out.qubits = block.qubits;
    out.circuit = circuit::Circuit::with_qubits(static_cast<std::uint32_t>(block.qubits.size()));
    for (const std::size_t i : block.members) {
        Operation operation = operations[i];
        for (Qubit& q : operation.qubits) {
            q = static_cast<Qubit>(std::lower_bound(block.qubits.begin(), block.qubits.end(), q) -
                                   block.qubits.begin());
        }
        out.circuit.operations.push_back(std::move(operation));
    }
    return out;
}

std::vector<Operation> replace_block(const std::vector<Operation>& operations,
                                     const ConvexBlock& block,
                                     const std::vector<Operation>& replacement) {
    std::vector<Operation> out;
    out.reserve(operations.size() + replacement.size());
    auto member = block.members.begin();
    const auto copy_outsiders = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            if (member != block.members.end() && *member == i) {
                ++member;
            } else {
                out.push_back(operations[i]);
            }
        }
    };
    copy_outsiders(0, block.anchor);
    for (Operation operation : replacement) {
        for (Qubit& q : operation.qubits) {
            q = block.qubits[q];
        }
        out.push_back(std::move(operation));
    }
    copy_outsiders(block.anchor, operations.size());
    return out;
}

}  // namespace quercus::passes
