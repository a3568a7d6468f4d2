#include "quantum/passes/rebase_to_cx_u3.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <map>
#include <numeric>
#include <span>
#include <utility>

#include "quantum/circuit/unitary.hpp"
#include "quantum/partition/items.hpp"
#include "quantum/passes/gate_definitions.hpp"
#include "quantum/passes/merge_one_qubit.hpp"
#include "quantum/passes/unitary_decomposition.hpp"
#include "quantum/synthesis/kak.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::passes {

using base::Matrix;
using circuit::Gate;
using circuit::matrix_of;

namespace {

std::size_t count_cx(const std::vector<Operation>& operations) {
    return static_cast<std::size_t>(
        std::count_if(operations.begin(), operations.end(),
                      [](const Operation& op) { return op.gate == Gate::kCX; }));
}

Status numbered(std::size_t operation, const Status& status) {
    return {status.code(), "operation " + std::to_string(operation) + ": " + status.message()};
}

// What a gate on qubits 0, 1, ... is in {cx, u3}.
struct Lowered {
    std::vector<Operation> operations;
    double delta = 0;
};

// Nothing for the identity.
void append_u3(std::vector<Operation>& operations, const Operation& op) {
    const base::Matrix2 matrix = circuit::matrix2_of(op);
    if (synthesis::is_identity(matrix, kExactTolerance)) {
        return;
    }
    const auto angles = synthesis::u3_angles(matrix);
    Operation u3;
    u3.gate = Gate::kU3;
    u3.qubits = op.qubits;
    u3.params = {angles.theta, angles.phi, angles.lambda};
    operations.push_back(std::move(u3));
}

std::vector<Operation> with_u3(const std::vector<Operation>& operations) {
    std::vector<Operation> out;
    for (const Operation& op : operations) {
        if (op.qubits.size() == 1 && op.gate != Gate::kU3) {
            append_u3(out, op);
        } else {
            out.push_back(op);
        }
    }
    return out;
}

// `circuit` for `target`, with the distance between them.
Result<Lowered> measured(Circuit circuit, const Matrix& target) {
    const auto reached = circuit::unitary_of(circuit);
    if (!reached) {
        return reached.error();
    }
    const double delta = base::phase_invariant_distance(target, *reached);
    return Lowered{std::move(circuit.operations), delta};
}

Result<Lowered> lowered_wide(const Operation& op) {
    if (op.gate == Gate::kUnitary) {
        Circuit found = Circuit::with_qubits(static_cast<std::uint32_t>(op.qubits.size()));
        auto steps = decompose_unitary(*op.matrix, {op.qubits.begin(), op.qubits.end()});
        if (!steps) {
            return steps.error();
        }
        found.operations = with_u3(*steps);
        return measured(std::move(found), *op.matrix);
    }
    const auto definition = gate_definition(op);
    if (!definition) {
        return internal_error("gate " + std::string(circuit::info(op.gate).name) +
                              " has no definition in {cx, u3}");
    }
    return Lowered{with_u3(*definition), 0};
}

// The fixed definition unless the angles allow fewer cx, e.g. cp(pi).
Result<Lowered> lowered_pair(const Operation& op) {
    const auto definition = gate_definition(op);
    const Matrix matrix = matrix_of(op);
    if (definition) {
        const auto least = synthesis::minimal_cx(matrix);
        if (!least) {
            return least.error();
        }
        if (count_cx(*definition) <= static_cast<std::size_t>(*least)) {
            return Lowered{with_u3(*definition), 0};
        }
    }
    auto found = synthesis::synthesize_two_qubit(matrix);
    return found ? measured(std::move(*found), matrix) : Result<Lowered>(found.error());
}

// Gates on two qubits and more, each kind with the same angles once.
class Definitions {
 public:
    // Valid until the next call. Its qubits are positions in op.qubits.
    Result<const Lowered*> of(const Operation& op) {
        if (op.gate == Gate::kUnitary) {
            return take(op, last_);
        }
        const Key key{op.gate, {op.params.begin(), op.params.end()}};
        if (const auto known = known_.find(key); known != known_.end()) {
            return &known->second;
        }
        auto lowered = take(op, last_);
        if (lowered && known_.size() < kMost) {
            return &known_.emplace(key, std::move(last_)).first->second;
        }
        return lowered;
    }

 private:
    using Key = std::pair<Gate, boost::container::small_vector<double, 4>>;
    static constexpr std::size_t kMost = 1024;

    static Result<const Lowered*> take(const Operation& op, Lowered& into) {
        Operation local = op;
        std::iota(local.qubits.begin(), local.qubits.end(), Qubit{0});
        auto lowered = op.qubits.size() == 2 ? lowered_pair(local) : lowered_wide(local);
        if (!lowered) {
            return lowered.error();
        }
        into = std::move(*lowered);
        return &into;
    }

    std::map<Key, Lowered> known_;
    Lowered last_;
};

class Rebase {
 public:
    Rebase(const Circuit& circuit, Definitions& definitions) : definitions_(definitions) {
        result_.circuit.qregs = circuit.qregs;
        result_.circuit.cregs = circuit.cregs;
        result_.circuit.operations.reserve(circuit.operations.size());
    }

    Status add(const Operation& op) {
        if (partition::is_fence(op) || op.gate == Gate::kCX || op.gate == Gate::kU3) {
            emit(op);
            return Status::ok();
        }
        result_.changed = true;
        if (op.qubits.size() == 1) {
            append_u3(result_.circuit.operations, op);
            return Status::ok();
        }
        const auto lowered = definitions_.of(op);
        if (!lowered) {
            return lowered.error();
        }
        for (Operation local : (*lowered)->operations) {
            for (Qubit& q : local.qubits) {
                q = op.qubits[q];
            }
            emit(std::move(local));
        }
        result_.delta += (*lowered)->delta;
        return Status::ok();
    }

    // Gates in a row under one condition: what they come to, each gate under that condition. None
    // of them changes a classical bit. Error messages number the operations from `first` on.
    Status add_conditional(std::span<const Operation> run, std::size_t first) {
        std::vector<Qubit> used;
        for (const Operation& op : run) {
            used.insert(used.end(), op.qubits.begin(), op.qubits.end());
        }
        std::sort(used.begin(), used.end());
        used.erase(std::unique(used.begin(), used.end()), used.end());
        Rebase body(Circuit::with_qubits(static_cast<std::uint32_t>(used.size())), definitions_);
        for (std::size_t i = 0; i < run.size(); ++i) {
            Operation op = run[i];
            op.condition.reset();
            for (Qubit& q : op.qubits) {
                q = static_cast<Qubit>(std::lower_bound(used.begin(), used.end(), q) -
                                       used.begin());
            }
            if (const Status status = body.add(op); !status.is_ok()) {
                return numbered(first + i, status);
            }
        }
        PassResult merged = merge_one_qubit(std::move(body.result_.circuit));
        for (Operation& op : merged.circuit.operations) {
            op.condition = run.front().condition;
            for (Qubit& q : op.qubits) {
                q = used[q];
            }
            emit(std::move(op));
        }
        result_.changed = result_.changed || body.result_.changed || merged.changed;
        result_.delta += body.result_.delta + merged.delta;
        return Status::ok();
    }

    PassResult take() { return std::move(result_); }

 private:
    void emit(Operation op) { result_.circuit.operations.push_back(std::move(op)); }

    Definitions& definitions_;
    PassResult result_;
};

// One past the gates from `first` on that stand in a row under one condition; `first` itself where
// there are none.
std::size_t end_of_run(const std::vector<Operation>& operations, std::size_t first) {
    std::size_t end = first;
    while (end < operations.size() && operations[end].condition &&
           operations[end].condition == operations[first].condition &&
           circuit::info(operations[end].gate).is_unitary && operations[end].gate != Gate::kDelay) {
        ++end;
    }
    return end;
}

}  // namespace

Result<PassResult> rebase_to_cx_u3(const Circuit& circuit) {
    const std::vector<Operation>& operations = circuit.operations;
    Definitions definitions;
    Rebase rebase(circuit, definitions);
    for (std::size_t i = 0; i < operations.size();) {
        const std::size_t end = end_of_run(operations, i);
        Status status = Status::ok();
        if (end > i) {
            status = rebase.add_conditional({&operations[i], end - i}, i);
        } else if (const Status own = rebase.add(operations[i]); !own.is_ok()) {
            status = numbered(i, own);
        }
        if (!status.is_ok()) {
            return status;
        }
        i = std::max(end, i + 1);
    }
    return rebase.take();
}

Result<std::uint64_t> count_rebased_cx(const Circuit& circuit) {
    Definitions definitions;
    std::uint64_t cx = 0;
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        const bool is_pair_or_wider = op.qubits.size() > 1 && circuit::info(op.gate).is_unitary;
        if (op.gate == Gate::kCX) {
            ++cx;
        } else if (is_pair_or_wider) {
            const auto lowered = definitions.of(op);
            if (!lowered) {
                return numbered(i, lowered.error());
            }
            cx += count_cx((*lowered)->operations);
        }
    }
    return cx;
}

}  // namespace quercus::passes
