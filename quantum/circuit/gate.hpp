#pragma once

// The gate set of the circuit IR. Qubit 0 of a gate is the least significant bit of the index into
// its matrix (ARCHITECTURE section 8); for controlled gates the controls come first, as in
// OpenQASM: cx q[c],q[t] has qubits {c, t}.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "quantum/base/matrix2.hpp"

namespace quercus::circuit {

// clang-format off
enum class Gate : std::uint8_t {
    // one qubit, constant
    kId, kX, kY, kZ, kH, kS, kSdg, kT, kTdg, kSX, kSXdg,
    // one qubit, parameters (radians)
    kRX, kRY, kRZ, kP, kU1, kU2, kU3, kU, kR /* u1q(theta, phi) */,
    kPhasedXZ /* x, z, a in half turns, not radians */, kU0, kDelay,
    // two qubits, constant
    kCX, kCY, kCZ, kCH, kCS, kCSdg, kCT, kCSX, kSwap, kISwap, kSqrtISwap, kECR, kSycamore, kB, kDCX,
    // two qubits, parameters
    kCRX, kCRY, kCRZ, kCP, kCU1, kCU3, kCU, kRXX, kRYY, kRZZ, kRZX, kFSim,
    // three and more qubits
    kCCX, kCCZ, kCSwap, kRCCX, kCCP, kC3X, kC3SqrtX, kRC3X, kC4X, kICCX,
    // arbitrary matrix on 1..6 qubits, carried by the operation
    kUnitary,
    // a named gate whose definition is unknown (OpenQASM `opaque`): never moved across, never simulated
    kOpaque,
    // not unitary
    kMeasure, kReset, kBarrier,
};
// clang-format on
inline constexpr int kGateCount = static_cast<int>(Gate::kBarrier) + 1;

struct GateInfo {
    std::string_view name;  // OpenQASM spelling, e.g. "cx"; unique
    int num_qubits;         // -1: any number
    int num_params;         // -1: any number
    bool is_unitary;        // has a matrix
};

[[nodiscard]] const GateInfo& info(Gate gate);
// By OpenQASM name, with the aliases peers accept ("CX", "cnot", "U", "v", "ccp", "u1q", ...).
[[nodiscard]] std::optional<Gate> gate_by_name(std::string_view name);
// The 2^k x 2^k matrix of a unitary gate other than kUnitary; `params` has info(gate).num_params
// entries. `u3`, `u2`, `u1`, `p`, `rz` carry exactly the global phases of qelib1.inc as Qiskit
// defines them: u3(t,p,l) has a real non-negative upper left entry, rz(a) = diag(e^{-ia/2},
// e^{ia/2}).
[[nodiscard]] base::Matrix gate_matrix(Gate gate, std::span<const double> params);
// The same of a gate on one qubit.
[[nodiscard]] base::Matrix2 gate_matrix2(Gate gate, std::span<const double> params);

}  // namespace quercus::circuit
