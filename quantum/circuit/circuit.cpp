#include "quantum/circuit/circuit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <unordered_set>

namespace quercus::circuit {
namespace {

constexpr double kUnitarityTolerance = 1e-8;
// Above this many operands a sorted copy beats comparing all pairs.
constexpr std::size_t kPairwiseOperands = 8;

std::uint64_t total_size(const std::vector<Register>& registers) {
    std::uint64_t sum = 0;
    for (const Register& reg : registers) {
        sum += reg.size;
    }
    return sum;
}

Status check_registers(const Circuit& circuit) {
    std::unordered_set<std::string_view> names;
    for (const auto* registers : {&circuit.qregs, &circuit.cregs}) {
        for (const Register& reg : *registers) {
            if (!is_identifier(reg.name)) {
                return invalid_argument("register name '" + reg.name + "' is not an identifier");
            }
            if (!names.insert(reg.name).second) {
                return invalid_argument("register name '" + reg.name + "' is used twice");
            }
            if (reg.size == 0) {
                return invalid_argument("register '" + reg.name + "' has no bits");
            }
        }
    }
    if (total_size(circuit.qregs) > kMaxQubits || total_size(circuit.cregs) > kMaxClbits) {
        return resource_exhausted("circuit has " + std::to_string(total_size(circuit.qregs)) +
                                  " qubits and " + std::to_string(total_size(circuit.cregs)) +
                                  " classical bits, limit is " + std::to_string(kMaxQubits) +
                                  " each");
    }
    return {};
}

bool has_duplicates(const Operation& op) {
    if (op.qubits.size() <= kPairwiseOperands) {
        for (std::size_t i = 0; i < op.qubits.size(); ++i) {
            if (std::find(op.qubits.begin(), op.qubits.begin() + i, op.qubits[i]) !=
                op.qubits.begin() + i) {
                return true;
            }
        }
        return false;
    }
    std::vector<Qubit> sorted(op.qubits.begin(), op.qubits.end());
    std::sort(sorted.begin(), sorted.end());
    return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

// Empty when the operands are right, else what is wrong.
std::string operand_problem(const Operation& op, std::uint32_t num_qubits) {
    const GateInfo& gate = info(op.gate);
    if (gate.num_qubits >= 0 && op.qubits.size() != static_cast<std::size_t>(gate.num_qubits)) {
        return "takes " + std::to_string(gate.num_qubits) + " qubits, has " +
               std::to_string(op.qubits.size());
    }
    if (op.qubits.empty()) {
        return "has no qubits";
    }
    if (gate.num_params >= 0 && op.params.size() != static_cast<std::size_t>(gate.num_params)) {
        return "takes " + std::to_string(gate.num_params) + " parameters, has " +
               std::to_string(op.params.size());
    }
    for (const Qubit qubit : op.qubits) {
        if (qubit >= num_qubits) {
            return "acts on qubit " + std::to_string(qubit) + " of " + std::to_string(num_qubits);
        }
    }
    if (has_duplicates(op)) {
        return "acts twice on one qubit";
    }
    if (!std::all_of(op.params.begin(), op.params.end(),
                     [](double p) { return std::isfinite(p); })) {
        return "has a parameter that is not finite";
    }
    return {};
}

std::string matrix_problem(const Operation& op) {
    if (op.gate != Gate::kUnitary) {
        return op.matrix ? "carries a matrix" : "";
    }
    if (!op.matrix) {
        return "has no matrix";
    }
    if (op.qubits.size() > kMaxUnitaryQubits) {
        return "acts on " + std::to_string(op.qubits.size()) + " qubits, limit is " +
               std::to_string(kMaxUnitaryQubits);
    }
    const std::size_t dim = std::size_t{1} << op.qubits.size();
    if (op.matrix->rows() != dim || op.matrix->cols() != dim ||
        op.matrix->data().size() != dim * dim) {
        return "has a matrix that is not " + std::to_string(dim) + " x " + std::to_string(dim);
    }
    return unitarity_defect(*op.matrix) <= kUnitarityTolerance ? ""
                                                               : "has a matrix that is not unitary";
}

std::string classical_problem(const Operation& op, const Circuit& circuit,
                              std::uint32_t num_clbits) {
    if ((op.gate == Gate::kMeasure) != op.clbit.has_value()) {
        return op.clbit ? "has a classical bit" : "has no classical bit";
    }
    if (op.clbit && *op.clbit >= num_clbits) {
        return "writes classical bit " + std::to_string(*op.clbit) + " of " +
               std::to_string(num_clbits);
    }
    if (op.condition && op.condition->creg >= circuit.cregs.size()) {
        return "depends on classical register " + std::to_string(op.condition->creg) + " of " +
               std::to_string(circuit.cregs.size());
    }
    if (op.condition && op.gate == Gate::kBarrier) {
        return "must not be conditional";
    }
    if (op.gate != Gate::kOpaque) {
        return op.opaque_name.empty() ? "" : "has an opaque name";
    }
    return is_identifier(op.opaque_name) && op.opaque_name != info(Gate::kDelay).name
               ? ""
               : "has the opaque name '" + op.opaque_name +
                     "', which is no identifier or is `delay`";
}

// Where the bits of each classical register begin, and the end.
std::vector<Clbit> clbit_offsets(const Circuit& circuit) {
    std::vector<Clbit> offsets{0};
    for (const Register& reg : circuit.cregs) {
        offsets.push_back(offsets.back() + reg.size);
    }
    return offsets;
}

}  // namespace

bool operator==(const Operation& a, const Operation& b) {
    const bool same_matrix =
        a.matrix == b.matrix || (a.matrix && b.matrix && *a.matrix == *b.matrix);
    return same_matrix && a.gate == b.gate && a.qubits == b.qubits && a.params == b.params &&
           a.clbit == b.clbit && a.condition == b.condition && a.opaque_name == b.opaque_name;
}

Circuit Circuit::with_qubits(std::uint32_t n) {
    Circuit circuit;
    if (n > 0) {
        circuit.qregs.push_back({"q", n});
    }
    return circuit;
}

std::uint32_t Circuit::num_qubits() const {
    return static_cast<std::uint32_t>(total_size(qregs));
}

std::uint32_t Circuit::num_clbits() const {
    return static_cast<std::uint32_t>(total_size(cregs));
}

void Circuit::append(Gate gate, std::initializer_list<Qubit> qubits,
                     std::initializer_list<double> params) {
    Operation& op = operations.emplace_back();
    op.gate = gate;
    op.qubits.assign(qubits.begin(), qubits.end());
    op.params.assign(params.begin(), params.end());
}

bool is_identifier(std::string_view name) {
    static constexpr std::array<std::string_view, 20> kKeywords = {
        "OPENQASM", "include", "qreg", "creg", "gate", "opaque", "measure",
        "reset",    "barrier", "if",   "pi",   "U",    "CX",     "sin",
        "cos",      "tan",     "exp",  "ln",   "sqrt", ""};
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_word = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), is_word) &&
           std::find(kKeywords.begin(), kKeywords.end(), name) == kKeywords.end();
}

base::Matrix matrix_of(const Operation& operation) {
    return operation.gate == Gate::kUnitary ? *operation.matrix
                                            : gate_matrix(operation.gate, operation.params);
}

base::Matrix2 matrix2_of(const Operation& operation) {
    return operation.gate == Gate::kUnitary ? base::to_matrix2(*operation.matrix)
                                            : gate_matrix2(operation.gate, operation.params);
}

Clbit first_clbit(const Circuit& circuit, std::uint32_t creg) {
    Clbit first = 0;
    for (std::uint32_t i = 0; i < creg; ++i) {
        first += circuit.cregs[i].size;
    }
    return first;
}

Status validate(const Circuit& circuit) {
    if (Status status = check_registers(circuit); !status.is_ok()) {
        return status;
    }
    const std::uint32_t num_qubits = circuit.num_qubits();
    const std::uint32_t num_clbits = circuit.num_clbits();
    for (std::size_t i = 0; i < circuit.operations.size(); ++i) {
        const Operation& op = circuit.operations[i];
        if (static_cast<int>(op.gate) >= kGateCount) {
            return invalid_argument("operation " + std::to_string(i) + ": unknown gate number");
        }
        std::string problem = operand_problem(op, num_qubits);
        if (problem.empty()) {
            problem = matrix_problem(op);
        }
        if (problem.empty()) {
            problem = classical_problem(op, circuit, num_clbits);
        }
        if (!problem.empty()) {
            return invalid_argument("operation " + std::to_string(i) + " (" +
                                    std::string(info(op.gate).name) + ") " + problem);
        }
    }
    return {};
}

std::map<std::string, std::uint64_t> count_gates(const Circuit& circuit) {
    std::map<std::string, std::uint64_t> counts;
    std::array<std::uint64_t, kGateCount> by_gate{};
    for (const Operation& op : circuit.operations) {
        if (op.gate == Gate::kOpaque) {
            ++counts[op.opaque_name];
        } else {
            ++by_gate[static_cast<std::size_t>(op.gate)];
        }
    }
    for (int i = 0; i < kGateCount; ++i) {
        if (const std::uint64_t count = by_gate[static_cast<std::size_t>(i)]; count > 0) {
            counts.emplace(info(static_cast<Gate>(i)).name, count);
        }
    }
    return counts;
}

std::uint64_t count_two_qubit(const Circuit& circuit) {
    return static_cast<std::uint64_t>(std::count_if(
        circuit.operations.begin(), circuit.operations.end(),
        [](const Operation& op) { return info(op.gate).is_unitary && op.qubits.size() == 2; }));
}

std::uint64_t count_multi_qubit(const Circuit& circuit) {
    return static_cast<std::uint64_t>(std::count_if(
        circuit.operations.begin(), circuit.operations.end(),
        [](const Operation& op) { return info(op.gate).is_unitary && op.qubits.size() > 2; }));
}

namespace {

// `steps(op)`: what an operation takes.
template <class Steps>
std::uint64_t depth_in(const Circuit& circuit, Steps steps) {
    std::vector<std::uint64_t> at_qubit(circuit.num_qubits());
    std::vector<std::uint64_t> at_clbit(circuit.num_clbits());
    const std::vector<Clbit> offsets = clbit_offsets(circuit);
    std::uint64_t deepest = 0;
    for (const Operation& op : circuit.operations) {
        std::uint64_t level = 0;
        const auto visit = [&](auto&& action) {
            for (const Qubit qubit : op.qubits) {
                action(at_qubit[qubit]);
            }
            if (op.clbit) {
                action(at_clbit[*op.clbit]);
            }
            for (Clbit bit = op.condition ? offsets[op.condition->creg] : 0;
                 op.condition && bit < offsets[op.condition->creg + 1]; ++bit) {
                action(at_clbit[bit]);
            }
        };
        visit([&](std::uint64_t at) { level = std::max(level, at); });
        level += steps(op);
        visit([&](std::uint64_t& at) { at = level; });
        deepest = std::max(deepest, level);
    }
    return deepest;
}

}  // namespace

std::uint64_t depth(const Circuit& circuit) {
    return depth_in(circuit,
                    [](const Operation& op) { return op.gate == Gate::kBarrier ? 0U : 1U; });
}

std::uint64_t two_qubit_depth(const Circuit& circuit) {
    return depth_in(circuit, [](const Operation& op) {
        return op.qubits.size() > 1 && info(op.gate).is_unitary ? 1U : 0U;
    });
}

}  // namespace quercus::circuit
