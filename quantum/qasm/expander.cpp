#include "quantum/qasm/expander.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cmath>

namespace quercus::qasm {
namespace {

using circuit::Gate;
using circuit::Operation;
using circuit::Qubit;
using Qubits = boost::container::small_vector<Qubit, 8>;
using Params = boost::container::small_vector<double, 8>;

// So many operands or expression nodes cost as much as one operation.
constexpr std::uint64_t kItemsPerUnit = 16;

Status check_finite(std::span<const double> params) {
    for (const double param : params) {
        if (!std::isfinite(param)) {
            return invalid_argument("parameter value is not finite (" + std::to_string(param) +
                                    ")");
        }
    }
    return {};
}

bool has_duplicates(std::span<const Qubit> qubits) {
    if (qubits.size() > kItemsPerUnit) {
        std::vector<Qubit> sorted(qubits.begin(), qubits.end());
        std::sort(sorted.begin(), sorted.end());
        return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
    }
    for (std::size_t i = 1; i < qubits.size(); ++i) {
        if (std::find(qubits.begin(), qubits.begin() + static_cast<std::ptrdiff_t>(i), qubits[i]) !=
            qubits.begin() + static_cast<std::ptrdiff_t>(i)) {
            return true;
        }
    }
    return false;
}

// How often the call repeats: the common size of the registers among its operands.
Result<std::uint32_t> broadcast_size(std::span<const Operand> operands) {
    std::optional<std::uint32_t> size;
    for (const Operand& operand : operands) {
        if (operand.is_whole && size && *size != operand.size) {
            return invalid_argument("registers of different sizes (" + std::to_string(*size) +
                                    " and " + std::to_string(operand.size) + ") in one statement");
        }
        if (operand.is_whole) {
            size = operand.size;
        }
    }
    return size.value_or(1);
}

}  // namespace

Status Expander::spend(std::uint64_t weight) {
    if (weight > left_) {
        return resource_exhausted("the file expands to more than " + std::to_string(budget_) +
                                  " operations (max_operations)");
    }
    left_ -= weight;
    return {};
}

std::uint64_t Expander::weight_of(const BodyStatement& statement) {
    std::uint64_t items = statement.qubits.size();
    for (const Expression& param : statement.params) {
        items += param.size();
    }
    return 1 + items / kItemsPerUnit;
}

Operation& Expander::append(Gate gate, std::span<const Qubit> qubits) {
    Operation& op = circuit_.operations.emplace_back();
    op.gate = gate;
    op.qubits.assign(qubits.begin(), qubits.end());
    op.condition = condition_;
    return op;
}

Status Expander::call(const Callee& callee, std::span<const double> params,
                      std::span<const Operand> operands) {
    if (Status status = check_finite(params); !status.is_ok()) {
        return status;
    }
    const Result<std::uint32_t> size = broadcast_size(operands);
    if (!size) {
        return size.error();
    }
    Qubits qubits(operands.size());
    for (std::uint32_t i = 0; i < *size; ++i) {
        for (std::size_t k = 0; k < operands.size(); ++k) {
            qubits[k] = operands[k].first + (operands[k].is_whole ? i : 0);
        }
        if (has_duplicates(qubits)) {
            return invalid_argument("a gate acts twice on one qubit");
        }
        if (Status status = call_once(callee, params, qubits); !status.is_ok()) {
            return status;
        }
    }
    return {};
}

Status Expander::call_once(const Callee& callee, std::span<const double> params,
                           std::span<const Qubit> qubits) {
    if (const auto* library = std::get_if<const LibraryGate*>(&callee)) {
        emit(**library, params, qubits);
        return spend(1);
    }
    const GateDefinition& definition = *std::get<const GateDefinition*>(callee);
    if (Status status = spend(definition.weight); !status.is_ok()) {
        return status;
    }
    return expand(definition, params, qubits);
}

Status Expander::expand(const GateDefinition& definition, std::span<const double> params,
                        std::span<const Qubit> qubits) {
    if (definition.is_opaque) {
        emit_opaque(definition, params, qubits);
        return {};
    }
    for (const BodyStatement& statement : definition.body) {
        Params inner_params;
        for (const Expression& param : statement.params) {
            inner_params.push_back(evaluate(param, params));
        }
        if (Status status = check_finite(inner_params); !status.is_ok()) {
            return Status(status.code(), "gate '" + definition.name + "': " + status.message());
        }
        Qubits inner_qubits;
        for (const std::uint32_t index : statement.qubits) {
            inner_qubits.push_back(qubits[index]);
        }
        if (statement.library != nullptr) {
            emit(*statement.library, inner_params, inner_qubits);
        } else if (statement.definition == nullptr) {
            if (!condition_) {  // OpenQASM 2 knows no conditional barrier
                append(Gate::kBarrier, inner_qubits);
            }
        } else if (Status status = expand(*statement.definition, inner_params, inner_qubits);
                   !status.is_ok()) {
            return status;
        }
    }
    return {};
}

void Expander::emit(const LibraryGate& gate, std::span<const double> params,
                    std::span<const Qubit> qubits) {
    Operation& op = append(gate.gate, qubits);
    if (gate.leading) {
        op.params.push_back(*gate.leading);
    }
    op.params.insert(op.params.end(), params.begin(), params.end());
}

void Expander::emit_opaque(const GateDefinition& definition, std::span<const double> params,
                           std::span<const Qubit> qubits) {
    Operation& op = append(Gate::kOpaque, qubits);
    op.params.assign(params.begin(), params.end());
    op.opaque_name = definition.name;
}

Status Expander::measure(const Operand& qubits, const Operand& clbits) {
    if (qubits.is_whole != clbits.is_whole || qubits.size != clbits.size) {
        return invalid_argument("cannot measure " + std::to_string(qubits.size) + " qubits into " +
                                std::to_string(clbits.size) + " classical bits");
    }
    if (Status status = spend(qubits.size); !status.is_ok()) {
        return status;
    }
    for (std::uint32_t i = 0; i < qubits.size; ++i) {
        const Qubit qubit = qubits.first + i;
        append(Gate::kMeasure, {&qubit, 1}).clbit = clbits.first + i;
    }
    return {};
}

Status Expander::reset(const Operand& qubits) {
    if (Status status = spend(qubits.size); !status.is_ok()) {
        return status;
    }
    for (std::uint32_t i = 0; i < qubits.size; ++i) {
        const Qubit qubit = qubits.first + i;
        append(Gate::kReset, {&qubit, 1});
    }
    return {};
}

Status Expander::barrier(std::span<const Operand> operands) {
    std::uint64_t total = 0;
    for (const Operand& operand : operands) {
        total += operand.size;
    }
    if (Status status = spend(1 + total / kItemsPerUnit); !status.is_ok()) {
        return status;
    }
    std::vector<Qubit> qubits;
    qubits.reserve(total);
    for (const Operand& operand : operands) {
        for (std::uint32_t i = 0; i < operand.size; ++i) {
            qubits.push_back(operand.first + i);
        }
    }
    if (has_duplicates(qubits)) {
        return invalid_argument("a barrier names one qubit twice");
    }
    append(Gate::kBarrier, qubits);
    return {};
}

}  // namespace quercus::qasm
