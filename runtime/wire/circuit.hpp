#pragma once

// Circuits and matrices (proto/quercus/v1/circuit.proto). Qubit order is the same on both sides.

#include "quantum/base/matrix.hpp"
#include "quantum/circuit/circuit.hpp"
#include "runtime/wire/intake.hpp"
#include "runtime/wire/limits.hpp"

namespace quercus::v1 {
class Circuit;
class Matrix;
}  // namespace quercus::v1

namespace quercus::wire {

// `matrix` is square with 2^n rows.
void to_proto(const base::Matrix& matrix, v1::Matrix& out);
// 1 ... `most_qubits` qubits, finite entries. Whether it is unitary is for others to check.
[[nodiscard]] base::Matrix from_proto(const v1::Matrix& matrix, Intake& intake,
                                      std::uint32_t most_qubits = kMaxMatrixQubits);

void to_proto(const circuit::Circuit& circuit, v1::Circuit& out);
// The result passes circuit::validate.
[[nodiscard]] circuit::Circuit from_proto(const v1::Circuit& circuit, Intake& intake);

}  // namespace quercus::wire
