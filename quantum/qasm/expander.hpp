#pragma once

// Turns gate calls into IR operations: broadcasts over registers, expands definitions, and keeps
// the total work within a budget, so that a small file cannot exhaust memory or time.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"
#include "quantum/qasm/definition.hpp"

namespace quercus::qasm {

using Callee = std::variant<const LibraryGate*, const GateDefinition*>;

// A register (size bits from `first`) or one bit of it (size 1, not whole).
struct Operand {
    std::uint32_t first = 0;
    std::uint32_t size = 0;
    bool is_whole = false;
};

class Expander {
 public:
    // Appends to `circuit`. `budget`: operations and expanded calls in all; long operand lists and
    // long expressions count as more.
    Expander(circuit::Circuit& circuit, std::uint64_t budget)
        : circuit_(circuit), budget_(budget), left_(budget) {}

    // Of the following calls.
    void set_condition(std::optional<circuit::Condition> condition) { condition_ = condition; }

    // INVALID_ARGUMENT for operands that do not fit together or parameters that are not finite.
    Status call(const Callee& callee, std::span<const double> params,
                std::span<const Operand> operands);
    Status measure(const Operand& qubits, const Operand& clbits);
    Status reset(const Operand& qubits);
    Status barrier(std::span<const Operand> operands);

    // The weight of one expansion of a statement without its callee's.
    static std::uint64_t weight_of(const BodyStatement& statement);

 private:
    Status call_once(const Callee& callee, std::span<const double> params,
                     std::span<const circuit::Qubit> qubits);
    Status expand(const GateDefinition& definition, std::span<const double> params,
                  std::span<const circuit::Qubit> qubits);
    void emit(const LibraryGate& gate, std::span<const double> params,
              std::span<const circuit::Qubit> qubits);
    void emit_opaque(const GateDefinition& definition, std::span<const double> params,
                     std::span<const circuit::Qubit> qubits);
    circuit::Operation& append(circuit::Gate gate, std::span<const circuit::Qubit> qubits);
    Status spend(std::uint64_t weight);

    circuit::Circuit& circuit_;
    std::uint64_t budget_;
    std::uint64_t left_;
    std::optional<circuit::Condition> condition_;
};

}  // namespace quercus::qasm
