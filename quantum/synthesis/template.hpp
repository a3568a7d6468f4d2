#pragma once

// Circuit templates: CX at fixed places, free one-qubit rotations between them, as few as reach
// every choice of one-qubit gates. Rotations that commute through a CX are dropped: after a CX the
// control carries RY RZ and the target RZ RX (program order), 4 parameters per CX; before the first
// CX each qubit carries a full RZ RY RZ.

#include <cstdint>
#include <span>
#include <vector>

#include "quantum/base/matrix.hpp"
#include "quantum/base/status.hpp"
#include "quantum/circuit/circuit.hpp"

namespace quercus::synthesis {

inline constexpr int kMaxTemplateQubits = 5;

struct CxPair {
    std::uint8_t control = 0;
    std::uint8_t target = 1;
    friend bool operator==(const CxPair&, const CxPair&) = default;
};

// Parameters, radians: 3 * num_qubits for the first layer (qubit by qubit), then for each CX in
// order: control RY, control RZ, target RZ, target RX.
struct Template {
    int num_qubits = 2;  // 1..kMaxTemplateQubits
    std::vector<CxPair> cx;

    [[nodiscard]] std::size_t num_parameters() const {
        return 3 * static_cast<std::size_t>(num_qubits) + 4 * cx.size();
    }
    friend bool operator==(const Template&, const Template&) = default;
};

// As many parameters as SU(2^n) has dimensions: reaches almost every target (3 CX on two qubits,
// 14 on three, 61 on four are the least).
[[nodiscard]] inline bool is_generic(const Template& shape) {
    return shape.num_parameters() + 1 >= std::size_t{1} << (2 * shape.num_qubits);
}

// A template together with a choice of its parameters.
struct Ansatz {
    Template shape;
    std::vector<double> params;
};

// The template and parameters of a circuit in {cx, one-qubit gates}; equal to it up to global
// phase. INVALID_ARGUMENT for any other operation or more than kMaxTemplateQubits qubits.
[[nodiscard]] Result<Ansatz> ansatz_of(const circuit::Circuit& circuit);

// The circuit in {cx, u3}; u3 gates within `tolerance` of the identity are left out.
[[nodiscard]] circuit::Circuit to_circuit(const Ansatz& ansatz, double tolerance = 1e-12);

// The same ansatz without CX number `index`; the one-qubit gates around it are kept, so that the
// result is the natural warm start of gate deletion.
[[nodiscard]] Ansatz without_cx(const Ansatz& ansatz, std::size_t index);

// The 2^n x 2^n unitary.
[[nodiscard]] base::Matrix unitary_of(const Ansatz& ansatz);

}  // namespace quercus::synthesis
