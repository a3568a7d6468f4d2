#include "quantum/passes/elide_swaps.hpp"

#include <numeric>
#include <utility>

namespace quercus::passes {

namespace {

using circuit::Gate;

class Eliding {
 public:
    explicit Eliding(const Circuit& circuit) : last_(circuit.num_qubits()) {
        out_.circuit.qregs = circuit.qregs;
        out_.circuit.cregs = circuit.cregs;
        out_.ends.resize(circuit.num_qubits());
        std::iota(out_.ends.begin(), out_.ends.end(), Qubit{0});
        for (const Operation& op : circuit.operations) {
            add(op);
        }
    }

    Elided take() {
        std::vector<Operation> kept;
        for (std::size_t i = 0; i < out_.circuit.operations.size(); ++i) {
            if (!is_gone_[i]) {
                kept.push_back(std::move(out_.circuit.operations[i]));
            }
        }
        out_.circuit.operations = std::move(kept);
        return std::move(out_);
    }

 private:
    void add(const Operation& given) {
        if (given.gate == Gate::kSwap && !given.condition) {
            relabel(given.qubits[0], given.qubits[1]);
            return;
        }
        Operation op = given;
        for (Qubit& qubit : op.qubits) {
            qubit = out_.ends[qubit];
        }
        if (closes_swap(op)) {
            for (int i = 0; i < 2; ++i) {
                is_gone_[last_[op.qubits[0]].back()] = true;
                last_[op.qubits[0]].pop_back();
                last_[op.qubits[1]].pop_back();
            }
            relabel(given.qubits[0], given.qubits[1]);
            return;
        }
        for (const Qubit qubit : op.qubits) {
            last_[qubit].push_back(out_.circuit.operations.size());
        }
        out_.circuit.operations.push_back(std::move(op));
        is_gone_.push_back(false);
    }

    void relabel(Qubit a, Qubit b) {
        std::swap(out_.ends[a], out_.ends[b]);
        out_.swaps += 1;
    }

    // The third of cx a,b; cx b,a; cx a,b with nothing between them.
    [[nodiscard]] bool closes_swap(const Operation& op) const {
        if (op.gate != Gate::kCX || op.condition) {
            return false;
        }
        const auto& on_control = last_[op.qubits[0]];
        const auto& on_target = last_[op.qubits[1]];
        if (on_control.size() < 2 || on_target.size() < 2) {
            return false;
        }
        for (std::size_t back = 1; back <= 2; ++back) {
            const std::size_t index = on_control[on_control.size() - back];
            const Operation& before = out_.circuit.operations[index];
            const bool is_turned = back == 1;
            if (index != on_target[on_target.size() - back] || before.gate != Gate::kCX ||
                before.condition || (before.qubits[0] == op.qubits[1]) != is_turned) {
                return false;
            }
        }
        return true;
    }

    Elided out_;
    std::vector<std::vector<std::size_t>> last_;  // operations on each qubit so far
    std::vector<bool> is_gone_;                   // of out_.circuit.operations
};

}  // namespace

Elided elide_swaps(const Circuit& circuit) {
    return Eliding(circuit).take();
}

}  // namespace quercus::passes
