#pragma once

// The circuit IR: registers and a list of operations in program order. A plain value; copies are
// deep except for the matrices of kUnitary operations, which are immutable and shared.

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/gate.hpp"

namespace quercus::circuit {

using Qubit = std::uint32_t;  // index into the concatenation of the quantum registers
using Clbit = std::uint32_t;  // index into the concatenation of the classical registers

// Limits of the IR; larger circuits are refused by validate(), the readers and the decoders.
inline constexpr std::uint32_t kMaxQubits = 1'000'000;
inline constexpr std::uint32_t kMaxClbits = 1'000'000;
inline constexpr std::size_t kMaxUnitaryQubits = 6;

struct Register {
    std::string name;
    std::uint32_t size = 0;
    friend bool operator==(const Register&, const Register&) = default;
};

// `if (creg == value)`: the operation happens when the classical register holds `value`
// (its bit 0 = the register's first bit).
struct Condition {
    std::uint32_t creg = 0;  // index into Circuit::cregs
    std::uint64_t value = 0;
    friend bool operator==(const Condition&, const Condition&) = default;
};

struct Operation {
    Gate gate = Gate::kId;
    boost::container::small_vector<Qubit, 4> qubits;
    boost::container::small_vector<double, 3> params;  // radians
    std::optional<Clbit> clbit;                        // kMeasure only
    std::optional<Condition> condition;
    std::shared_ptr<const base::Matrix> matrix;  // kUnitary only
    std::string opaque_name;                     // kOpaque only

    friend bool operator==(const Operation& a, const Operation& b);
};

struct Circuit {
    std::vector<Register> qregs;
    std::vector<Register> cregs;
    std::vector<Operation> operations;

    // One quantum register `q` of n qubits, no classical ones.
    static Circuit with_qubits(std::uint32_t n);

    [[nodiscard]] std::uint32_t num_qubits() const;
    [[nodiscard]] std::uint32_t num_clbits() const;

    // Convenience for tests and passes: appends an unconditional gate.
    void append(Gate gate, std::initializer_list<Qubit> qubits,
                std::initializer_list<double> params = {});

    friend bool operator==(const Circuit&, const Circuit&) = default;
};

// A register or gate name OpenQASM 2 can carry: a letter or '_', then letters, digits, '_'; no
// keyword
// (`measure`, `pi`, `U`, ...). Capitals are allowed although OpenQASM 2 wants a small first letter.
[[nodiscard]] bool is_identifier(std::string_view name);
// The matrix of a unitary operation: its own for kUnitary, gate_matrix otherwise.
[[nodiscard]] base::Matrix matrix_of(const Operation& operation);
// The same of an operation on one qubit.
[[nodiscard]] base::Matrix2 matrix2_of(const Operation& operation);
// The bits of classical register `creg`: [first, first + cregs[creg].size).
[[nodiscard]] Clbit first_clbit(const Circuit& circuit, std::uint32_t creg);

// Every index in range, operand counts right, qubits of one operation distinct, parameters finite,
// matrices unitary to 1e-8; registers have distinct identifiers as names and at least one bit; only
// kMeasure has a clbit; barriers have no condition (OpenQASM 2 has no such statement); an opaque
// name is an identifier other than `delay`. The first violation, with the operation's index.
// INVALID_ARGUMENT, or RESOURCE_EXHAUSTED above kMaxQubits/kMaxClbits.
[[nodiscard]] Status validate(const Circuit& circuit);

// Gates by name -> how often; barriers, measurements and resets are counted under their names.
[[nodiscard]] std::map<std::string, std::uint64_t> count_gates(const Circuit& circuit);
// Unitary operations on exactly two qubits / on three or more qubits.
[[nodiscard]] std::uint64_t count_two_qubit(const Circuit& circuit);
[[nodiscard]] std::uint64_t count_multi_qubit(const Circuit& circuit);
// Longest path over qubits and classical bits; barriers order but do not count.
[[nodiscard]] std::uint64_t depth(const Circuit& circuit);
// The same with only the unitary gates on two qubits or more taking a step; all others are waited
// for and take none.
[[nodiscard]] std::uint64_t two_qubit_depth(const Circuit& circuit);

}  // namespace quercus::circuit
