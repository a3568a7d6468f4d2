#include "quantum/synthesis/synthesize_block.hpp"

#include <algorithm>
#include <string>

#include "quantum/circuit/unitary.hpp"
#include "quantum/synthesis/clean_angles.hpp"
#include "quantum/synthesis/deletion.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/one_qubit.hpp"
#include "quantum/synthesis/qsearch.hpp"
#include "quantum/synthesis/rebase.hpp"

namespace quercus::synthesis {

using circuit::Circuit;
using circuit::Gate;

namespace {

struct Candidate {
    Circuit circuit;
    std::uint32_t cx = 0;
};

std::uint64_t one_qubit_gates(const Circuit& circuit) {
    std::uint64_t count = 0;
    for (const circuit::Operation& operation : circuit.operations) {
        count += operation.gate != Gate::kBarrier && operation.qubits.size() == 1 ? 1 : 0;
    }
    return count;
}

Candidate candidate_of(Circuit circuit) {
    const auto cx = static_cast<std::uint32_t>(circuit::count_two_qubit(circuit));
    return {std::move(circuit), cx};
}

Candidate synthesize_one(const base::Matrix& target) {
    Circuit out = Circuit::with_qubits(1);
    if (!is_identity(target)) {
        const U3Angles u3 = u3_angles(target);
        out.append(Gate::kU3, {0}, {u3.theta, u3.phi, u3.lambda});
    }
    return {std::move(out), 0};
}

// How many optimiser starts a level of effort may spend.
std::uint64_t search_budget(int effort) {
    return effort <= 0 ? 0 : std::uint64_t{400} << (2 * (effort - 1));
}

// A descent costs about the square of the number of CX; from four qubits on that is what bounds a
// block.
std::uint64_t deletion_budget(const Template& shape, int effort) {
    if (shape.num_qubits == 3) {
        return 2000;
    }
    const std::uint64_t squared = std::max<std::uint64_t>(1, shape.cx.size() * shape.cx.size());
    const std::uint64_t base = std::clamp<std::uint64_t>(160000 / squared, 40, 1000);
    return base << (2 * std::max(0, effort - 1));
}

// Three to five qubits.
class Shrinker {
 public:
    Shrinker(const base::Matrix& target, const BlockOptions& options, BlockResult& result)
        : target_(target), options_(options), result_(result) {}

    Result<Candidate> run(const Circuit& block) {
        Result<Ansatz> start = rebase_to_ansatz(block);
        if (start) {
            if (Status status = shrink(std::move(*start)); !status.is_ok()) {
                return status;
            }
        } else if (start.error().code() != StatusCode::kFailedPrecondition) {
            return start.error();
        }
        if (Status status = search(); !status.is_ok()) {
            return status;
        }
        if (!best_) {
            return candidate_of(block);
        }
        const std::size_t cx = best_->shape.cx.size();
        const bool is_wanted =
            cx < result_.cx_before && (!options_.max_two_qubit || cx <= *options_.max_two_qubit);
        return is_wanted ? cleaned() : candidate_of(to_circuit(*best_));
    }

 private:
    Status shrink(Ansatz start) {
        DeletionOptions deletion;
        deletion.seed = options_.seed;
        deletion.threshold = options_.threshold;
        deletion.polish = options_.polish;
        deletion.random_starts = 1 + std::max(0, options_.effort);
        deletion.max_descents = deletion_budget(start.shape, options_.effort);
        deletion.stop = options_.stop;
        Result<DeletionResult> found = delete_gates(target_, start, deletion);
        if (!found) {
            return found.error();
        }
        result_.descents += found->descents;
        result_.stopped = result_.stopped || found->stopped;
        best_ = std::move(found->ansatz);
        return Status::ok();
    }

    Status search() {
        if (target_.rows() != 8 || options_.effort <= 0) {
            return Status::ok();
        }
        QSearchOptions search;
        search.seed = options_.seed + 1;
        search.threshold = options_.threshold;
        search.polish = options_.polish;
        search.max_cx = best_ ? static_cast<int>(best_->shape.cx.size()) - 1 : 20;
        if (options_.max_two_qubit) {
            search.max_cx = std::min(search.max_cx, static_cast<int>(*options_.max_two_qubit));
        }
        search.max_descents = search_budget(options_.effort);
        search.starts = std::max(1, options_.effort);
        search.pairs = options_.allowed_pairs;
        search.stop = options_.stop;
        if (search.max_cx < 0) {
            return Status::ok();
        }
        Result<QSearchResult> found = qsearch(target_, search);
        if (!found) {
            return found.error();
        }
        result_.descents += found->descents;
        result_.stopped = result_.stopped || found->stopped;
        if (found->found) {
            return shrink(std::move(found->ansatz));
        }
        return Status::ok();
    }

    Result<Candidate> cleaned() {
        Result<Instantiator> engine = Instantiator::create(target_);
        if (!engine) {
            return engine.error();
        }
        const Ansatz clean = clean_angles(*engine, *std::move(best_), options_.stop);
        result_.descents += engine->count();
        result_.stopped = result_.stopped || should_stop(options_.stop);
        return candidate_of(to_circuit(clean));
    }

    const base::Matrix& target_;
    const BlockOptions& options_;
    BlockResult& result_;
    std::optional<Ansatz> best_;
};

Result<Candidate> synthesize(const Circuit& block, const base::Matrix& target,
                             const BlockOptions& options, BlockResult& result) {
    switch (block.num_qubits()) {
        case 1:
            return synthesize_one(target);
        case 2: {
            Result<Circuit> circuit = synthesize_two_qubit(target, options.polish);
            if (!circuit) {
                return circuit.error();
            }
            return candidate_of(std::move(*circuit));
        }
        default:
            return Shrinker(target, options, result).run(block);
    }
}

Result<std::uint32_t> total_cx(const Circuit& block) {
    std::uint32_t total = 0;
    for (const circuit::Operation& operation : block.operations) {
        const Result<std::uint32_t> count = cx_equivalents(operation);
        if (!count) {
            return count.error();
        }
        total += *count;
    }
    return total;
}

// Fewer CX; or as many, but wide gates written out or fewer one-qubit gates.
bool better(const Circuit& block, std::uint32_t before, const Candidate& found) {
    if (found.cx != before) {
        return found.cx < before;
    }
    if (circuit::count_multi_qubit(found.circuit) > 0) {
        return false;
    }
    return circuit::count_multi_qubit(block) > 0 ||
           (circuit::count_two_qubit(block) == before &&
            one_qubit_gates(found.circuit) < one_qubit_gates(block));
}

}  // namespace

Result<BlockResult> synthesize_block(const Circuit& block, const BlockOptions& options) {
    if (block.num_qubits() < 1 || block.num_qubits() > kMaxTemplateQubits) {
        return invalid_argument("synthesize block: " + std::to_string(block.num_qubits()) +
                                " qubits, supported are 1 to " +
                                std::to_string(kMaxTemplateQubits));
    }
    BlockResult result;
    const Result<std::uint32_t> before = total_cx(block);
    const Result<base::Matrix> target = circuit::unitary_of(block);
    if (!before || !target) {
        return before ? target.error() : before.error();
    }
    result.cx_before = *before;
    result.cx_after = *before;
    Result<Candidate> found = synthesize(block, *target, options, result);
    if (!found) {
        return found.error();
    }
    const bool allowed = !options.max_two_qubit || found->cx <= *options.max_two_qubit;
    result.improved = allowed && better(block, *before, *found);
    if (!result.improved) {
        result.circuit = block;
        return result;
    }
    const Result<base::Matrix> actual = circuit::unitary_of(found->circuit);
    if (!actual) {
        return actual.error();
    }
    result.circuit = std::move(found->circuit);
    result.cx_after = found->cx;
    result.delta = phase_invariant_distance(*target, *actual);
    return result;
}

}  // namespace quercus::synthesis
