#include "quantum/mapping/resynthesize.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "quantum/circuit/codec.hpp"
#include "quantum/circuit/qubit_order.hpp"
#include "quantum/circuit/unitary.hpp"
#include "quantum/mapping/block_pairs.hpp"
#include "quantum/partition/block_core.hpp"
#include "quantum/partition/quick.hpp"
#include "quantum/partition/scan.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/rebase.hpp"
#include "quantum/synthesis/synthesize_block.hpp"

namespace quercus::mapping {

namespace {

constexpr int kFruitlessRounds = 3;

Result<std::uint32_t> cx_of(const Circuit& block) {
    std::uint32_t total = 0;
    for (const Operation& op : block.operations) {
        const auto count = synthesis::cx_equivalents(op);
        if (!count) {
            return count.error();
        }
        total += *count;
    }
    return total;
}

bool is_plain(const Circuit& block) {
    return std::all_of(block.operations.begin(), block.operations.end(), [](const Operation& op) {
        return op.gate == Gate::kCX || op.gate == Gate::kU3;
    });
}

// What replaces a block on a pair, or nothing.
Result<std::optional<Circuit>> merge_block(const Circuit& block, const base::Matrix& target) {
    const auto before = cx_of(block);
    const auto least = synthesis::minimal_cx(target);
    if (!before || !least) {
        return before ? least.error() : before.error();
    }
    if (static_cast<std::uint32_t>(*least) >= *before && is_plain(block)) {
        return std::optional<Circuit>();
    }
    auto found = synthesis::synthesize_two_qubit(target);
    if (!found) {
        return found.error();
    }
    return std::optional(std::move(*found));
}

Status check_edges(const Circuit& circuit, const Coupling& coupling) {
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        if (op.qubits.size() == 2 && circuit::info(op.gate).is_unitary &&
            !coupling.adjacent(op.qubits[0], op.qubits[1])) {
            return failed_precondition("resynthesis: operation " + std::to_string(i) +
                                       " acts on qubits " + std::to_string(op.qubits[0]) + " and " +
                                       std::to_string(op.qubits[1]) + ", which are not coupled");
        }
    }
    return Status::ok();
}

// The cuts that rounds go through.
Result<partition::Partition> partition_of_round(const Circuit& circuit, int round) {
    using partition::Preference;
    if (round % 4 == 2) {
        partition::ScanOptions scan;
        scan.backward = (round / 4) % 2 == 1;
        auto found = partition::scan_partition(circuit, scan);
        if (found) {
            return found;
        }
    }
    constexpr Preference kPreferences[] = {Preference::kHeavy, Preference::kRecent,
                                           Preference::kLight};
    partition::QuickOptions quick;
    quick.backward = round % 2 == 1;
    quick.preference = kPreferences[(round / 2) % 3];
    quick.grow_limit = round >= 6 ? 4 + round % 3 : 0;
    return partition::quick_partition(circuit, quick);
}

class Rounds {
 public:
    Rounds(Circuit circuit, const Coupling& coupling, const ResynthesisOptions& options)
        : coupling_(coupling), options_(options) {
        result_.circuit = std::move(circuit);
    }

    Result<ResynthesisResult> run() {
        int fruitless = 0;
        for (int round = 0; round < options_.max_rounds && fruitless < kFruitlessRounds; ++round) {
            const auto before = circuit::count_two_qubit(result_.circuit);
            if (Status status = one_round(round); !status.is_ok()) {
                return status;
            }
            if (synthesis::should_stop(options_.stop)) {
                break;
            }
            const bool gained = circuit::count_two_qubit(result_.circuit) < before;
            fruitless = gained ? 0 : fruitless + 1;
        }
        return std::move(result_);
    }

 private:
    Status one_round(int round) {
        auto cut = partition_of_round(result_.circuit, round);
        if (!cut) {
            return cut.error();
        }
        bool changed = false;
        for (partition::Item& item : cut->items) {
            auto* block = std::get_if<partition::Block>(&item);
            if (block == nullptr || block->qubits.size() < 3 ||
                circuit::count_two_qubit(block->circuit) < 3 ||
                synthesis::should_stop(options_.stop)) {
                continue;
            }
            const auto better = replace(*block);
            if (!better) {
                return better.error();
            }
            changed = changed || *better;
        }
        if (!changed) {
            return Status::ok();
        }
        auto merged = merge_pairs(partition::unfold(std::move(*cut)));
        if (!merged) {
            return merged.error();
        }
        result_.circuit = std::move(merged->circuit);
        result_.delta += merged->delta;
        return Status::ok();
    }

    // A core with fewer cx, on the qubits of the one that was asked for.
    struct Answer {
        std::vector<Operation> operations;
        double delta = 0;
    };

    // What a block's core is replaced by. Equal cores with equal couplings, whatever the qubits are
    // called, are searched once.
    Result<const std::optional<Answer>*> answer_for(const Circuit& core,
                                                    std::span<const Qubit> qubits) {
        synthesis::BlockOptions options;
        options.allowed_pairs = coupled_pairs(coupling_, qubits);
        Bytes key = circuit::to_bytes(core);
        for (const auto& pair : options.allowed_pairs) {
            key.push_back(static_cast<char>(pair.control));
            key.push_back(static_cast<char>(pair.target));
        }
        const Digest digest = digest_of(key);
        if (const auto known = answers_.find(digest); known != answers_.end()) {
            return &known->second;
        }
        options.seed = derive_seed(options_.seed, digest);
        options.threshold = options_.threshold;
        options.effort = options_.effort;
        options.stop = options_.stop;
        auto found = synthesis::synthesize_block(core, options);
        if (!found) {
            return found.error();
        }
        ++result_.blocks;
        std::optional<Answer> answer;
        if (found->improved && found->cx_after < found->cx_before &&
            keeps_to(found->circuit, options.allowed_pairs)) {
            answer = Answer{std::move(found->circuit.operations), found->delta};
        }
        return &answers_.emplace(digest, std::move(answer)).first->second;
    }

    Result<bool> replace(partition::Block& block) {
        partition::BlockCore core = partition::split_core(block);
        const std::vector<Qubit> names = circuit::name_by_first_use(core.core);
        std::vector<Qubit> qubits;
        for (const Qubit q : names) {
            qubits.push_back(block.qubits[q]);
        }
        const auto answer = answer_for(core.core, qubits);
        if (!answer) {
            return answer.error();
        }
        if (!(*answer)->has_value()) {
            return false;
        }
        std::vector<Operation> operations = std::move(core.before);
        for (Operation op : (**answer)->operations) {
            for (Qubit& q : op.qubits) {
                q = names[q];
            }
            operations.push_back(std::move(op));
        }
        operations.insert(operations.end(), core.after.begin(), core.after.end());
        block.circuit.operations = std::move(operations);
        ++result_.improved;
        result_.delta += (**answer)->delta;
        return true;
    }

    const Coupling& coupling_;
    const ResynthesisOptions& options_;
    std::map<Digest, std::optional<Answer>> answers_;
    ResynthesisResult result_;
};

}  // namespace

Result<ResynthesisResult> merge_pairs(const Circuit& circuit) {
    partition::QuickOptions pairs;
    pairs.block_size = 2;
    auto cut = partition::quick_partition(circuit, pairs);
    if (!cut) {
        return cut.error();
    }
    ResynthesisResult result;
    for (partition::Item& item : cut->items) {
        auto* block = std::get_if<partition::Block>(&item);
        if (block == nullptr || block->qubits.size() != 2) {
            continue;
        }
        const auto target = circuit::unitary_of(block->circuit);
        if (!target) {
            return target.error();
        }
        auto found = merge_block(block->circuit, *target);
        if (!found) {
            return found.error();
        }
        if (*found) {
            const auto reached = circuit::unitary_of(**found);
            if (!reached) {
                return reached.error();
            }
            result.delta += base::phase_invariant_distance(*target, *reached);
            block->circuit = std::move(**found);
        }
    }
    result.circuit = partition::unfold(std::move(*cut));
    return result;
}

Result<ResynthesisResult> resynthesize_on_coupling(const Circuit& mapped, const MachineModel& model,
                                                   const ResynthesisOptions& options) {
    if (mapped.num_qubits() > model.num_qubits) {
        return invalid_argument("resynthesis: the circuit has " +
                                std::to_string(mapped.num_qubits()) + " qubits, machine '" +
                                model.name + "' has " + std::to_string(model.num_qubits));
    }
    const Coupling coupling = coupling_of(model, false);
    if (Status status = check_edges(mapped, coupling); !status.is_ok()) {
        return status;
    }
    auto merged = merge_pairs(mapped);
    if (!merged) {
        return merged.error();
    }
    auto result = Rounds(std::move(merged->circuit), coupling, options).run();
    if (result) {
        result->delta += merged->delta;
    }
    return result;
}

}  // namespace quercus::mapping
