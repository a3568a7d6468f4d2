#pragma once

#include <numbers>

#include "quantum/circuit/circuit.hpp"

namespace quercus::test {

// The quantum Fourier transform without the swaps at its end; half of the angles are small.
inline circuit::Circuit fourier(std::uint32_t qubits) {
    auto circuit = circuit::Circuit::with_qubits(qubits);
    for (circuit::Qubit a = 0; a < qubits; ++a) {
        circuit.append(circuit::Gate::kH, {a});
        for (circuit::Qubit b = a + 1; b < qubits; ++b) {
            circuit.append(circuit::Gate::kCP, {b, a}, {std::numbers::pi / (1 << (b - a))});
        }
    }
    return circuit;
}

}  // namespace quercus::test
