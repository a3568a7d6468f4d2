#include "quantum/partition/gather.hpp"

#include <cassert>
#include <functional>
#include <queue>

namespace quercus::partition {

namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};

// Chosen groups and single operations, numbered by their first operation, and what must come before
// what.
class Nodes {
 public:
    Nodes(const Circuit& circuit, const std::vector<Group>& chosen) {
        number(circuit, chosen);
        connect(circuit);
    }

    // In a topological order that prefers small numbers.
    template <class Visit>
    void for_each_in_order(const Visit& visit) const {
        std::vector<std::uint32_t> waiting(size(), 0);
        for (const auto& [before, after] : edges_) {
            ++waiting[after];
        }
        std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
        for (std::uint32_t node = 0; node < size(); ++node) {
            if (waiting[node] == 0) {
                ready.push(node);
            }
        }
        while (!ready.empty()) {
            const std::uint32_t node = ready.top();
            ready.pop();
            visit(first_[node], group_[node]);
            for (std::uint32_t k = begin_[node]; k < begin_[node + 1]; ++k) {
                if (--waiting[after_[k]] == 0) {
                    ready.push(after_[k]);
                }
            }
        }
    }

 private:
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(first_.size()); }

    void number(const Circuit& circuit, const std::vector<Group>& chosen) {
        std::vector<std::uint32_t> group_of(circuit.operations.size(), kNone);
        for (std::uint32_t g = 0; g < chosen.size(); ++g) {
            for (const std::uint32_t i : chosen[g]) {
                group_of[i] = g;
            }
        }
        std::vector<std::uint32_t> node_of_group(chosen.size(), kNone);
        node_of_.reserve(group_of.size());
        for (std::uint32_t i = 0; i < group_of.size(); ++i) {
            const std::uint32_t g = group_of[i];
            if (g != kNone && node_of_group[g] != kNone) {
                node_of_.push_back(node_of_group[g]);
                continue;
            }
            if (g != kNone) {
                node_of_group[g] = size();
            }
            node_of_.push_back(size());
            first_.push_back(i);
            group_.push_back(g);
        }
    }

    void connect(const Circuit& circuit) {
        const ClassicalLines classical(circuit);
        const std::uint32_t num_qubits = circuit.num_qubits();
        std::vector<std::uint32_t> latest(num_qubits + circuit.num_clbits(), kNone);
        begin_.assign(size() + 1, 0);
        for (std::size_t i = 0; i < node_of_.size(); ++i) {
            const auto visit = [&](std::uint32_t line) {
                if (latest[line] != kNone && latest[line] != node_of_[i]) {
                    edges_.emplace_back(latest[line], node_of_[i]);
                    ++begin_[latest[line] + 1];
                }
                latest[line] = node_of_[i];
            };
            const Operation& op = circuit.operations[i];
            for (const Qubit q : op.qubits) {
                visit(q);
            }
            if (op.clbit || op.condition) {
                for (const circuit::Clbit bit : classical.of(op)) {
                    visit(num_qubits + bit);
                }
            }
        }
        for (std::uint32_t node = 0; node < size(); ++node) {
            begin_[node + 1] += begin_[node];
        }
        std::vector<std::uint32_t> at = begin_;
        after_.resize(edges_.size());
        for (const auto& [before, after] : edges_) {
            after_[at[before]++] = after;
        }
    }

    std::vector<std::uint32_t> node_of_;                          // by operation
    std::vector<std::uint32_t> first_;                            // by node: its first operation
    std::vector<std::uint32_t> group_;                            // by node: of `chosen`, or kNone
    std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_;  // before, after
    std::vector<std::uint32_t> begin_, after_;                    // the same by `before`
};

}  // namespace

Gathered gather(const Circuit& circuit, const std::vector<Group>& chosen) {
    Gathered out;
    out.partition.qregs = circuit.qregs;
    out.partition.cregs = circuit.cregs;
    out.partition.items.reserve(circuit.operations.size());
    out.item_of.resize(chosen.size());
    [[maybe_unused]] std::size_t operations = 0;
    Nodes(circuit, chosen).for_each_in_order([&](std::uint32_t first, std::uint32_t group) {
        if (group == kNone) {
            out.partition.items.emplace_back(circuit.operations[first]);
            operations += 1;
            return;
        }
        out.item_of[group] = out.partition.items.size();
        out.partition.items.emplace_back(block_of(circuit, chosen[group]));
        operations += chosen[group].size();
    });
    assert(operations == circuit.operations.size());  // else there was a cycle
    return out;
}

}  // namespace quercus::partition
