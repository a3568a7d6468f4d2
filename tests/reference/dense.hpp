#pragma once

// Naive dense linear algebra: slow and obviously right. Qubit 0 is the least significant bit of an
// index. Nothing here calls quantum/circuit's or quantum/base's numeric code.

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

#include "quantum/circuit/circuit.hpp"

namespace quercus::reference {

using Complex = std::complex<double>;
using Matrix = std::vector<std::vector<Complex>>;  // square, rows
using Vector = std::vector<Complex>;

Matrix zero(std::size_t dim);
Matrix identity(std::size_t dim);
Matrix multiply(const Matrix& a, const Matrix& b);
Matrix add(const Matrix& a, const Matrix& b);
Matrix scale(Complex factor, const Matrix& a);
Matrix dagger(const Matrix& a);
// high (x) low: `low` acts on the less significant bits.
Matrix kron(const Matrix& high, const Matrix& low);
// e^a by its Taylor series with scaling and squaring.
Matrix exponential(const Matrix& a);
Vector multiply(const Matrix& a, const Vector& v);

// The 2^n x 2^n matrix of a gate on some of n qubits, entry by entry from the definition: bit k of
// the gate's index is bit qubits[k] of the full index.
Matrix embed(const Matrix& gate, const std::vector<std::uint32_t>& qubits, std::uint32_t n);

// The matrix of a gate of the IR from textbook definitions (gates.cpp), params as in the IR.
Matrix gate(const std::string& name, const std::vector<double>& params = {});
// Of an operation; kUnitary's own matrix, identity for barriers.
Matrix of(const circuit::Operation& operation, std::uint32_t n);
// The product over a circuit of unitary gates and barriers.
Matrix unitary(const circuit::Circuit& circuit);

Matrix from(const base::Matrix& matrix);
// max |a_ij - b_ij|; infinite when the sizes differ.
double difference(const Matrix& a, const Matrix& b);
// min over phases of ||a - e^{i phi} b||_F / sqrt(N).
double distance_up_to_phase(const Matrix& a, const Matrix& b);

}  // namespace quercus::reference
