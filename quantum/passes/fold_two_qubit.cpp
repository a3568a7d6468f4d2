#include "quantum/passes/fold_two_qubit.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "quantum/base/mix.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/gather.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/synthesis/kak.hpp"

namespace quercus::passes {

namespace {

struct Folded {
    Circuit circuit;
    double delta = 0;
};

// Finds what stays on two qubits for two and more of its gates.
class PairRuns {
 public:
    explicit PairRuns(const Circuit& circuit)
        : circuit_(circuit),
          latest_(circuit.num_qubits(), kNone),
          next_(circuit.operations.size(), kNone) {}

    // In the order of their first operations.
    std::vector<partition::Group> find() {
        for (std::uint32_t i = 0; i < next_.size(); ++i) {
            const Operation& op = circuit_.operations[i];
            const std::size_t width = op.qubits.size();
            if (partition::is_fence(op) || width > 2) {
                for (const Qubit q : op.qubits) {
                    latest_[q] = kNone;
                }
                continue;
            }
            const std::uint32_t run =
                width == 1 ? home_of(op.qubits[0]) : home_of(op.qubits[0], op.qubits[1]);
            append(run, i);
            runs_[run].pairs += width == 2 ? 1 : 0;
            for (const Qubit q : op.qubits) {
                latest_[q] = run;
            }
        }
        std::vector<partition::Group> found;
        for (const Run& run : runs_) {
            if (run.pairs >= 2) {
                found.push_back(operations_of(run));
            }
        }
        std::sort(found.begin(), found.end());
        return found;
    }

 private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    // Operations are linked through next_.
    struct Run {
        std::uint32_t first = kNone;
        std::uint32_t last = kNone;
        std::uint32_t pairs = 0;  // gates on two qubits; none: it is on one qubit only
    };

    std::uint32_t opened() {
        runs_.emplace_back();
        return static_cast<std::uint32_t>(runs_.size() - 1);
    }

    std::uint32_t home_of(Qubit q) { return latest_[q] == kNone ? opened() : latest_[q]; }

    std::uint32_t home_of(Qubit a, Qubit b) {
        const std::uint32_t at_a = latest_[a];
        const std::uint32_t at_b = latest_[b];
        if (at_a == at_b && at_a != kNone) {
            return at_a;
        }
        const bool free_a = at_a != kNone && runs_[at_a].pairs == 0;
        const bool free_b = at_b != kNone && runs_[at_b].pairs == 0;
        if (free_a && free_b) {
            next_[runs_[at_a].last] = runs_[at_b].first;
            runs_[at_a].last = runs_[at_b].last;
            runs_[at_b] = {};
            return at_a;
        }
        return free_a ? at_a : free_b ? at_b : opened();
    }

    void append(std::uint32_t to, std::uint32_t operation) {
        Run& run = runs_[to];
        (run.first == kNone ? run.first : next_[run.last]) = operation;
        run.last = operation;
    }

    [[nodiscard]] partition::Group operations_of(const Run& run) const {
        partition::Group group;
        for (std::uint32_t i = run.first; i != kNone; i = next_[i]) {
            group.push_back(i);
        }
        std::sort(group.begin(), group.end());  // the beginning is one qubit after the other
        return group;
    }

    const Circuit& circuit_;
    std::vector<std::uint32_t> latest_;  // by qubit: the run that its next gate can be part of
    std::vector<std::uint32_t> next_;    // by operation
    std::vector<Run> runs_;
};

// Of a group's gates, on its lower and its higher qubit.
std::uint64_t hash_of(const Circuit& circuit, const partition::Group& group) {
    Qubit lowest = ~Qubit{0};
    for (const std::uint32_t at : group) {
        for (const Qubit q : circuit.operations[at].qubits) {
            lowest = std::min(lowest, q);
        }
    }
    std::uint64_t hash = group.size();
    for (const std::uint32_t at : group) {
        const Operation& op = circuit.operations[at];
        hash = mix64(hash + static_cast<std::uint64_t>(op.gate));
        for (const Qubit q : op.qubits) {
            hash = mix64(hash + (q == lowest ? 1 : 2));
        }
        for (const double param : op.params) {
            hash = mix64(hash ^ std::bit_cast<std::uint64_t>(param));
        }
    }
    return hash;
}

// A circuit with fewer cx for the block, or nothing.
Result<std::optional<Folded>> fold_block(const partition::Block& block) {
    const auto before = circuit::count_two_qubit(block.circuit);
    const auto target = circuit::unitary_of(block.circuit);
    if (!target) {
        return target.error();
    }
    if (static_cast<std::uint64_t>(synthesis::least_cx(*target)) >= before) {
        return std::optional<Folded>();
    }
    auto found = synthesis::synthesize_two_qubit(*target);
    if (!found) {
        return found.error();
    }
    if (circuit::count_two_qubit(*found) >= before) {
        return std::optional<Folded>();
    }
    const auto reached = circuit::unitary_of(*found);
    if (!reached) {
        return reached.error();
    }
    return std::optional(
        Folded{std::move(*found), base::phase_invariant_distance(*target, *reached)});
}

}  // namespace

Result<PassResult> fold_two_qubit(Circuit circuit) {
    KeptRuns kept;
    return fold_two_qubit(std::move(circuit), kept);
}

Result<PassResult> fold_two_qubit(Circuit circuit, KeptRuns& kept) {
    PassResult result;
    std::vector<partition::Group> replaced;
    std::vector<Circuit> by;
    for (partition::Group& group : PairRuns(circuit).find()) {
        const std::uint64_t hash = hash_of(circuit, group);
        if (kept.contains(hash)) {
            continue;
        }
        auto folded = fold_block(partition::block_of(circuit, group));
        if (!folded) {
            return folded.error();
        }
        if (!folded->has_value()) {
            kept.insert(hash);
            continue;
        }
        replaced.push_back(std::move(group));
        by.push_back(std::move((*folded)->circuit));
        result.delta += (*folded)->delta;
    }
    result.changed = !replaced.empty();
    if (!result.changed) {
        result.circuit = std::move(circuit);
        return result;
    }
    partition::Gathered gathered = partition::gather(circuit, replaced);
    for (std::size_t i = 0; i < by.size(); ++i) {
        partition::Item& item = gathered.partition.items[gathered.item_of[i]];
        std::get<partition::Block>(item).circuit = std::move(by[i]);
    }
    result.circuit = partition::unfold(std::move(gathered.partition));
    return result;
}

}  // namespace quercus::passes
