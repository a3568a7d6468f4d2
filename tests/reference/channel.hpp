#pragma once

// Circuits with measurements, resets and conditions as quantum channels on density matrices.

#include <map>

#include "tests/reference/dense.hpp"

namespace quercus::reference {

// Content of the classical bits ('0'/'1', first bit first) -> unnormalised density matrix.
using Ensemble = std::map<std::string, Matrix>;

// Runs the circuit on the pure state `input`. For up to about 5 qubits.
Ensemble run(const circuit::Circuit& circuit, const Vector& input);
// Largest entrywise difference over all contents.
double difference(const Ensemble& a, const Ensemble& b);
// The probability of each content.
std::map<std::string, double> probabilities(const Ensemble& ensemble);

}  // namespace quercus::reference
