#include "quantum/partition/block_core.hpp"

#include <algorithm>

namespace quercus::partition {

BlockCore split_core(const Block& block) {
    const auto& operations = block.circuit.operations;
    constexpr std::size_t kNever = ~std::size_t{0};
    const std::uint32_t qubits = block.circuit.num_qubits();
    std::vector<std::size_t> first(qubits, kNever);
    std::vector<std::size_t> last(qubits, 0);
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (operations[i].qubits.size() > 1) {
            for (const circuit::Qubit q : operations[i].qubits) {
                first[q] = std::min(first[q], i);
                last[q] = i;
            }
        }
    }
    BlockCore out;
    out.core = circuit::Circuit::with_qubits(qubits);
    out.width = static_cast<std::uint32_t>(
        std::count_if(first.begin(), first.end(), [](std::size_t i) { return i != kNever; }));
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const circuit::Operation& op = operations[i];
        if (op.qubits.size() > 1) {
            ++out.two_qubit;
            out.core.operations.push_back(op);
        } else if (i < first[op.qubits[0]]) {
            out.before.push_back(op);
        } else if (i > last[op.qubits[0]]) {
            out.after.push_back(op);
        } else {
            out.core.operations.push_back(op);
        }
    }
    return out;
}

}  // namespace quercus::partition
