#include "quantum/passes/merge_one_qubit.hpp"

#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "quantum/partition/items.hpp"
#include "quantum/synthesis/one_qubit.hpp"

namespace quercus::passes {

using base::Matrix2;
using circuit::Gate;
using circuit::matrix2_of;

namespace {

bool is_mergeable(const Operation& op) {
    return op.qubits.size() == 1 && !partition::is_fence(op);
}

// The one-qubit gates waiting on a qubit.
struct Run {
    std::size_t count = 0;
    std::size_t last = 0;  // index of an operation
    Matrix2 matrix = {};   // of two or more
};

// Told from theta alone, which nearly always says it.
bool is_surely_no_identity(const Operation& u3) {
    constexpr double kFar = 1e-3;
    return std::fabs(std::remainder(u3.params[0], 2 * std::numbers::pi)) > kFar;
}

// One u3 for the run, or nothing where it is the identity; `last`: its last gate.
std::optional<Operation> merged(const Operation& last, const Run& run) {
    const Matrix2 matrix = run.count == 1 ? matrix2_of(last) : run.matrix;
    if (synthesis::is_identity(matrix, kExactTolerance)) {
        return std::nullopt;
    }
    if (run.count == 1 && last.gate == Gate::kU3) {
        return last;
    }
    const auto angles = synthesis::u3_angles(matrix);
    Operation op;
    op.gate = Gate::kU3;
    op.qubits = last.qubits;
    op.params = {angles.theta, angles.phi, angles.lambda};
    return op;
}

// Works in place: what goes is marked.
class Merger {
 public:
    explicit Merger(Circuit circuit)
        : circuit_(std::move(circuit)),
          runs_(circuit_.num_qubits()),
          is_gone_(circuit_.operations.size(), false) {}

    PassResult run() {
        auto& operations = circuit_.operations;
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if (is_mergeable(operations[i])) {
                add(i);
                continue;
            }
            for (const Qubit q : operations[i].qubits) {
                flush(q);
            }
        }
        for (Qubit q = 0; q < runs_.size(); ++q) {
            flush(q);
        }
        if (changed_) {
            std::size_t kept = 0;
            for (std::size_t i = 0; i < operations.size(); ++i) {
                if (!is_gone_[i]) {
                    if (kept != i) {
                        operations[kept] = std::move(operations[i]);
                    }
                    ++kept;
                }
            }
            operations.resize(kept);
        }
        return {std::move(circuit_), changed_, 0};
    }

 private:
    void add(std::size_t i) {
        const auto& operations = circuit_.operations;
        Run& run = runs_[operations[i].qubits[0]];
        if (run.count > 0) {
            const Matrix2 before = run.count == 1 ? matrix2_of(operations[run.last]) : run.matrix;
            run.matrix = base::multiply(matrix2_of(operations[i]), before);
            is_gone_[run.last] = true;
        }
        run.last = i;
        ++run.count;
    }

    void flush(Qubit q) {
        const Run run = std::exchange(runs_[q], {});
        if (run.count == 0) {
            return;
        }
        Operation& last = circuit_.operations[run.last];
        const bool is_lone_u3 = run.count == 1 && last.gate == Gate::kU3;
        if (is_lone_u3 && is_surely_no_identity(last)) {
            return;
        }
        auto by = merged(last, run);
        changed_ = changed_ || !is_lone_u3 || !by;
        is_gone_[run.last] = !by;
        if (by) {
            last = std::move(*by);
        }
    }

    Circuit circuit_;
    std::vector<Run> runs_;  // by qubit
    std::vector<bool> is_gone_;
    bool changed_ = false;
};

}  // namespace

PassResult merge_one_qubit(Circuit circuit) {
    return Merger(std::move(circuit)).run();
}

}  // namespace quercus::passes
