#include "quantum/passes/rebase_to_cx_u3.hpp"

#include <algorithm>
#include <span>

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

class Rebase {
 public:
    explicit Rebase(const Circuit& circuit) {
        result_.circuit.qregs = circuit.qregs;
        result_.circuit.cregs = circuit.cregs;
    }

    Status add(const Operation& op) {
        if (partition::is_fence(op) || op.gate == Gate::kCX) {
            emit(op);
            return Status::ok();
        }
        if (op.qubits.size() == 1) {
            add_one_qubit(op);
            return Status::ok();
        }
        result_.changed = true;
        return op.qubits.size() == 2 ? add_two_qubit(op) : add_wide(op);
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
        Rebase body(Circuit::with_qubits(static_cast<std::uint32_t>(used.size())));
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

    void add_one_qubit(const Operation& op) {
        if (op.gate == Gate::kU3) {
            emit(op);
            return;
        }
        result_.changed = true;
        const base::Matrix2 matrix = circuit::matrix2_of(op);
        if (synthesis::is_identity(matrix, kExactTolerance)) {
            return;
        }
        const auto angles = synthesis::u3_angles(matrix);
        Operation u3;
        u3.gate = Gate::kU3;
        u3.qubits = op.qubits;
        u3.params = {angles.theta, angles.phi, angles.lambda};
        emit(std::move(u3));
    }

    void add_all(const std::vector<Operation>& operations) {
        for (const Operation& op : operations) {
            op.qubits.size() == 1 ? add_one_qubit(op) : emit(op);
        }
    }

    Status add_wide(const Operation& op) {
        if (op.gate == Gate::kUnitary) {
            return add_wide_matrix(op);
        }
        const auto definition = gate_definition(op);
        if (!definition) {
            return internal_error("gate " + std::string(circuit::info(op.gate).name) +
                                  " has no definition in {cx, u3}");
        }
        add_all(*definition);
        return Status::ok();
    }

    Status add_wide_matrix(const Operation& op) {
        auto found = decompose_unitary(*op.matrix, {op.qubits.begin(), op.qubits.end()});
        if (!found) {
            return found.error();
        }
        add_all(*found);
        // The distance, measured on the operands' own indices.
        Circuit local = Circuit::with_qubits(static_cast<std::uint32_t>(op.qubits.size()));
        local.operations = std::move(*found);
        for (Operation& step : local.operations) {
            for (Qubit& q : step.qubits) {
                q = static_cast<Qubit>(std::find(op.qubits.begin(), op.qubits.end(), q) -
                                       op.qubits.begin());
            }
        }
        const auto reached = circuit::unitary_of(local);
        if (!reached) {
            return reached.error();
        }
        result_.delta += base::phase_invariant_distance(*op.matrix, *reached);
        return Status::ok();
    }

    // The fixed definition unless the angles allow fewer cx, e.g. cp(pi).
    Status add_two_qubit(const Operation& op) {
        const auto definition = gate_definition(op);
        const Matrix matrix = matrix_of(op);
        if (definition) {
            const auto least = synthesis::minimal_cx(matrix);
            if (!least) {
                return least.error();
            }
            if (count_cx(*definition) <= static_cast<std::size_t>(*least)) {
                add_all(*definition);
                return Status::ok();
            }
        }
        return add_by_kak(op, matrix);
    }

    Status add_by_kak(const Operation& op, const Matrix& matrix) {
        const auto found = synthesis::synthesize_two_qubit(matrix);
        if (!found) {
            return found.error();
        }
        const auto reached = circuit::unitary_of(*found);
        if (!reached) {
            return reached.error();
        }
        result_.delta += base::phase_invariant_distance(matrix, *reached);
        for (Operation local : found->operations) {
            for (Qubit& q : local.qubits) {
                q = op.qubits[q];
            }
            emit(std::move(local));
        }
        return Status::ok();
    }

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
    Rebase rebase(circuit);
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

}  // namespace quercus::passes
